import { isAbort, request, runPath } from "./api.js";
import { placeText, tickPlaces, tickText } from "./chart_ticks.js";
import { element, fill } from "./element.js";
import { bytes, duration, rate, shortCount, shortDuration } from "./format.js";
import { keepFresh } from "./keep_fresh.js";
import { problemLine } from "./problem.js";
import { createRankForm, ranksOf } from "./rank_form.js";
import { query } from "./router.js";
import { chartMarks } from "./run_event_words.js";
import { Timeline } from "./run_timeline.js";
import { createTimeChart } from "./time_chart.js";

const REFRESH_S = 30;
const REFRESH_LABEL_S = 10;
// A range that ends this close to now goes on with the run.
const NOW_S = 2;

/** @param {import("./run_page.js").View} view */
export function createRunCharts(view) {
  const timeline = new Timeline();
  let ranks = ranksOf(query());
  const problem = element("div", {});
  const ranksForm = createRankForm(ranks, (next) => {
    ranks = next;
    charts.percentiles.setSeries(rankSeries(ranks), [[], ...ranks.map(() => [])]);
    load();
  });
  const axis = query().get("x") === "elapsed" ? "elapsed" : "clock";
  const charts = createCharts(view, { ranks, tools: ranksForm, axis: labelsOf(view, axis) });
  const place = layOut(charts, problem);
  const load = createLoader(view, { timeline, ranks: () => ranks, problem, onLoaded: draw });
  const fresh = keepFresh(place.node, { seconds: () => (view.label === null ? REFRESH_S : REFRESH_LABEL_S), isLive: () => view.live, load, signal: view.signal });
  const each = (action) => Object.values(charts).forEach(action);
  each((chart) => chart.setRange(view.range));

  function draw() {
    const columns = timeline.columns(ranks, { withLive: view.live && view.label === null });
    charts.rate.setData([columns.x, columns.perS, columns.failedPerS]);
    charts.percentiles.setData([columns.x, ...ranks.map((rank) => columns.ranks[rank])]);
    charts.users.setData([columns.x, columns.users]);
    charts.bytes.setData([columns.x, columns.receivedPerS, columns.sentPerS]);
    place.showBytes([columns.receivedPerS, columns.sentPerS].some((column) => column.some((value) => value !== null)));
  }

  return {
    node: place.node,
    onSummary(summary) {
      if (summary.final) return;
      timeline.addTick(summary, view.startedMs);
      // While one looks at a part that is past, nothing new belongs into it.
      if (view.range === null || view.range[1] >= summary.elapsed_s - NOW_S) draw();
    },
    onSnapshot(snapshot) {
      const recent = snapshot.recent?.[view.id];
      if (recent) timeline.setRecent(recent, view.startedMs);
      draw();
    },
    onLabel() { load(); },
    onRange(range) {
      each((chart) => chart.setRange(range));
      load();
    },
    onAxis: (next) => each((chart) => chart.setLabels(labelsOf(view, next))),
    onEvents: (events) => each((chart) => chart.setMarks(chartMarks(events, view.startedMs))),
    onRun: () => each((chart) => chart.setIdle(view.live ? "last" : "none")),
    onEnd() {
      timeline.dropLive();
      fresh.stale();
    },
    onReconnect: () => fresh.stale(),
  };
}

/** What asks for the timeline of the view; a later question takes the place of one that is not answered. */
function createLoader(view, { timeline, ranks, problem, onLoaded }) {
  let latest = null;
  return async function load() {
    latest?.abort();
    const mine = latest = new AbortController();
    const signal = AbortSignal.any([view.signal, mine.signal]);
    const { label, range } = view;
    const at = (seconds) => new Date(view.startedMs + seconds * 1000).toISOString();
    const within = { from: range && at(range[0]), to: range && at(range[1]) };
    const ask = (more) => request(runPath(view.id, "timeline"), { query: { ...within, ...more }, signal });
    try {
      const asked = ranks();
      const answer = await ask({ label, p: asked.join(",") });
      const whole = label === null ? undefined : await ask({ step: `${answer.step_s}s` });
      fill(problem);
      timeline.setStored(answer, asked, whole);
      onLoaded();
      if (label !== null) view.tell("onLabelInterval", timeline.lastStored(), timeline.step());
    } catch (error) {
      if (!isAbort(error)) fill(problem, problemLine(error, load));
    }
  };
}

function layOut(charts, problem) {
  const panel = (chart) => element("div", { class: "panel" }, chart.node);
  for (const chart of [charts.users, charts.bytes]) chart.node.classList.add("low");
  const bytesPanel = panel(charts.bytes);
  const low = element("div", { class: "grid-2" }, panel(charts.users), bytesPanel);
  const showBytes = (shown) => {
    bytesPanel.hidden = !shown;
    low.toggleAttribute("data-one", !shown);
  };
  showBytes(false);
  return {
    showBytes,
    node: element("section", { id: "charts", "aria-label": "Charts" }, problem, element("div", { class: "grid-2" }, panel(charts.rate), panel(charts.percentiles)), low),
  };
}

/** @returns {import("./time_chart.js").TimeLabels} */
function labelsOf(view, axis) {
  const startedMs = axis === "clock" ? view.startedMs : null;
  return { places: tickPlaces(startedMs), tick: (value, step) => tickText(startedMs, value, step), place: (value) => placeText(startedMs, value) };
}

function rankSeries(ranks) {
  return ranks.map((rank, at) => ({ key: rank, label: `p${rank}`, colour: `--rank-${(at % 6) + 1}`, width: 1.25, dash: at > 5 ? [4, 2] : undefined }));
}

function createCharts(view, { ranks, tools, axis }) {
  const common = { group: "run", onZoom: view.zoom, signal: view.signal, ...axis };
  const perSecond = (value) => (value === null ? "–" : `${bytes(value)}/s`);
  return {
    rate: createTimeChart({ ...common, title: "Rate", unit: "hits/s", format: rate, axisFormat: shortCount, series: [
      { key: "rate", label: "all", colour: "--rate", fill: "--rate-fill" },
      { key: "failed", label: "failed", colour: "--failed", fill: "--failed-fill" }] }),
    percentiles: createTimeChart({ ...common, title: "Response time", unit: "", format: duration, axisFormat: shortDuration, tools, series: rankSeries(ranks) }),
    users: createTimeChart({ ...common, title: "Users", unit: "", format: shortCount, series: [{ key: "users", label: "users", colour: "--users", fill: "--users-fill" }] }),
    bytes: createTimeChart({ ...common, title: "Bytes", unit: "per second", format: perSecond, axisFormat: (value) => bytes(value, { short: true }), series: [
      { key: "received", label: "received", colour: "--received" }, { key: "sent", label: "sent", colour: "--sent", dash: [5, 3] }] }),
  };
}
