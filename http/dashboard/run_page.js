// The page of one run: gets the figures, tells its sections.
import { isAbort, request, runPath } from "./api.js";
import { element, fill } from "./element.js";
import { threeDigits } from "./format.js";
import { connectLive } from "./live.js";
import { problemPanel } from "./problem.js";
import { query, setQuery } from "./router.js";
import { createRunActions } from "./run_actions.js";
import { createRunBar } from "./run_bar.js";
import { createRunCharts } from "./run_charts.js";
import { createErrors } from "./run_errors.js";
import { createEvents } from "./run_events.js";
import { createFigures } from "./run_figures.js";
import { createHeader } from "./run_header.js";
import { createHealth } from "./run_health.js";
import { createHistogram } from "./run_histogram.js";
import { createLabels } from "./run_labels.js";
import { createStatusCodes, createTotals } from "./run_totals.js";
import { createTests } from "./run_tests.js";
import { createWorkers } from "./run_workers.js";
import { isLive, runTitle, stateOf } from "./run_state.js";
import { setPageShortcuts } from "./shortcuts.js";

/**
 * What the sections of the page share. A section is an object with `node` and any of `onRun`, `onSummary`,
 * `onLabel`, `onRange`, `onBroker`, `onEvent`, `onSnapshot`, `onEnd`, `onReconnect`.
 * @typedef {{id: string, run: any, summary: any, label: string | null, live: boolean, signal: AbortSignal, canChange: boolean,
 *   range: [number, number] | null, startedMs: number, tell: (what: string, ...args: any[]) => void,
 *   choose: (label: string | null) => void, zoom: (range: [number, number] | null) => void, setRun: (run: any) => void}} View
 */

/** @param {import("./main.js").PageContext} page */
export async function runPage(page) {
  const { main, signal } = page;
  const asked = page.route.run ?? "";
  page.setTitle(asked);
  fill(main, element("h1", { class: "off-screen", tabindex: "-1" }, `Run ${asked}`), element("p", { class: "skeleton" }, "Loading the run…"));
  try {
    const run = await request(runPath(asked), { signal });
    openRun(page, run);
  } catch (error) {
    if (isAbort(error)) return;
    page.setTitle(error.status === 404 ? "No such run" : "Trouble");
    const title = error.status === 404 ? "There is no such run" : "The run cannot be shown";
    fill(main, problemPanel(title, error, error.status === 404 ? null : () => runPage(page)));
    main.querySelector("h1")?.focus();
  }
}

function openRun(page, run) {
  const { main, signal } = page;
  let sections = [];
  /** @type {View} */
  const view = {
    id: run.run_id, run, summary: null, label: query().get("label"), live: isLive(run.state), signal, canChange: page.canChange,
    range: rangeOf(query()), startedMs: Date.parse(run.started),
    tell(what, ...args) {
      for (const section of sections) section[what]?.(...args);
    },
    choose(label) {
      if (label === view.label) return;
      view.label = label;
      setQuery({ label }, { push: true });
      view.tell("onLabel", label);
    },
    zoom(range) {
      view.range = range;
      setQuery({ from: range && Math.round(range[0] * 10) / 10, to: range && Math.round(range[1] * 10) / 10 });
      view.tell("onRange", range);
    },
    setRun(next) {
      view.run = next;
      view.startedMs = Date.parse(next.started);
      const ended = view.live && !isLive(next.state);
      view.live = isLive(next.state);
      view.tell("onRun", next);
      if (ended) view.tell("onEnd");
      setTitle(page, view);
    },
  };
  sections = layOut(main, view);
  view.tell("onRun", run);
  setTitle(page, view);
  main.querySelector("h1")?.focus({ preventScroll: true });
  watch(page, view);
  setPageShortcuts([
    ["m", "Figures of the last seconds, or of the whole run", () => view.tell("switchBasis")],
    ["x", "Time of day, or time since the start", () => view.tell("switchAxis")],
    ["l", "Search the labels", () => searchInput("#labels")?.focus()],
    ["Escape", "Whole time, then all labels", () => (view.range ? view.zoom(null) : view.choose(null))],
  ], signal);
}

function layOut(main, view) {
  const actions = createRunActions(view);
  const header = createHeader(view, actions.node);
  const figures = createFigures(view);
  const bar = createRunBar(view);
  const charts = createRunCharts(view);
  const labels = createLabels(view);
  const errors = createErrors(view);
  const status = createStatusCodes(view);
  const histogram = createHistogram(view);
  const tests = createTests(view);
  const workers = createWorkers(view);
  const events = createEvents(view);
  const totals = createTotals(view);
  const health = createHealth(view);
  fill(main, header.node, figures.node, bar.node, charts.node, labels.node,
    element("div", { class: "grid-wide" }, errors.node, status.node),
    element("div", { class: "grid-2" }, histogram.node, tests.node),
    element("div", { class: "grid-2" }, workers.node, events.node),
    totals.node, health.node);
  return [actions, header, figures, bar, charts, labels, errors, status, histogram, tests, workers, events, totals, health];
}

function watch(page, view) {
  const { signal } = page;

  async function reload() {
    const run = await request(runPath(view.id), { signal }).catch(() => null);
    if (run && !signal.aborted) view.setRun(run);
  }

  function take(message) {
    if (message.type === "broker") view.tell("onBroker", message);
    if (message.run_id !== view.id) return;
    if (message.type === "run") {
      view.tell("onEvent", message);
      if (message.event === "reopened" || message.event === "finished") reload();
    } else if (message.type === "summary") {
      view.summary = message;
      view.tell("onSummary", message);
      setTitle(page, view);
      if (message.final === view.live) reload();
    }
  }

  const link = connectLive([`summary/${view.id}/`, `run/${view.id}/`, "broker/"], {
    signal, onState: page.onLiveState, onUnauthorized: page.signIn, onMessage: take,
    onSnapshot(snapshot, again) {
      view.tell("onSnapshot", snapshot);
      // Events of a snapshot are in the list of events already.
      for (const message of snapshot.messages) if (message.type !== "run") take(message);
      if (again) reload().then(() => view.tell("onReconnect"));
    },
  });
  page.setRetry(link.retry);
}

/** @returns {HTMLInputElement | null} */
const searchInput = (within) => document.querySelector(`${within} input[type=search]`);

function setTitle(page, view) {
  const now = view.live && view.summary ? `${threeDigits(view.summary.last_s.per_s)}/s · ` : "";
  page.setTitle(`${now}${stateOf(view.run.state).word} · ${runTitle(view.run)}`);
}

/** @returns {[number, number] | null} */
function rangeOf(params) {
  const [from, to] = ["from", "to"].map((key) => Number.parseFloat(params.get(key) ?? ""));
  return to > from ? [from, to] : null;
}
