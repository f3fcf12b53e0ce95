import { isAbort, request } from "./api.js";
import { createCompareCharts } from "./compare_charts.js";
import { createCompareTable } from "./compare_table.js";
import { byChance, changeNode } from "./change.js";
import { copyButton } from "./copy_button.js";
import { element, fill } from "./element.js";
import { clock, count, duration, failedShare, rate, share } from "./format.js";
import { icon } from "./icons.js";
import { connectLive } from "./live.js";
import { problemPanel } from "./problem.js";
import { compareHref, navigate, query, runHref } from "./router.js";
import { placeLinks, runMarks, tagList } from "./run_marks.js";
import { isLive, runTitle, stateBadge } from "./run_state.js";
import { timeElement } from "./time_element.js";

const REFRESH_MS = 10_000;

/** @param {import("./main.js").PageContext} page */
export async function comparePage(page) {
  const { main, signal } = page;
  const base = query().get("base");
  const others = query().getAll("run");
  page.setTitle("Compare");
  if (!base || others.length === 0) {
    fill(main, chooseForm(base));
    return;
  }
  fill(main, element("h1", { class: "off-screen", tabindex: "-1" }, "Compare"), element("p", { class: "skeleton" }, "Comparing…"));
  try {
    // The runs come with the comparison; its labels are asked for by the table.
    const ask = () => request("/api/compare", { query: { base, run: others, limit: 1 }, signal });
    open(page, await ask(), ask);
  } catch (error) {
    if (isAbort(error)) return;
    fill(main, problemPanel("These runs cannot be compared", error, () => comparePage(page)));
    main.querySelector("h1")?.focus();
  }
}

function open(page, first, ask) {
  const { main, signal } = page;
  let runs = [first.base, ...first.runs];
  page.setTitle(`Compare ${runs.map((run) => `#${run.number}`).join(", ")}`);
  const cards = element("div", { class: "compare-cards" });
  const charts = createCompareCharts({ runs, signal });
  const table = createCompareTable({ runs, signal });
  fill(main, element("div", { class: "page-head" }, element("h1", { tabindex: "-1" }, `Compare ${runs.length} runs`),
    element("span", { class: "push" }, copyButton(() => location.href, "the link to this comparison", { word: "Link", glyph: "link" }))),
  cards, charts.node, table.node);
  const draw = () => fill(cards, runs.map((run, at) => card(run, at, runs)));
  draw();
  if (runs.some((run) => isLive(run.state))) watch(page, ask, (next) => {
    runs = [next.base, ...next.runs];
    draw();
    charts.refresh(runs);
    table.refresh({ quiet: true });
  });
}

function watch(page, ask, onChange) {
  const refresh = async () => {
    const next = await ask().catch(() => null);
    if (next && !page.signal.aborted) onChange(next);
  };
  const link = connectLive(["runs/"], {
    signal: page.signal, onState: page.onLiveState, onUnauthorized: page.signIn, onMessage: () => {},
    onSnapshot: (_snapshot, again) => again && refresh(),
  });
  page.setRetry(link.retry);
  const timer = setInterval(() => !document.hidden && refresh(), REFRESH_MS);
  page.signal.addEventListener("abort", () => clearInterval(timer));
}

function card(run, at, runs) {
  const ids = runs.map((one) => one.run_id);
  const others = ids.filter((_id, index) => index !== at);
  const change = run.change;
  const few = new Set(change?.too_few);
  const chance = (key) => key === "failed_points" && byChance(run.hits, runs[0].hits);
  const figure = (name, value, key, kind) => [element("dt", {}, name), element("dd", {}, value), element("dd", {}, change ? changeNode(change[key], { kind, few: few.has(key), chance: chance(key) }) : "")];
  return element("article", { class: "panel compare-card", dataset: { run: at + 1 } },
    element("div", { class: "card-top" }, element("a", { class: "run-link", href: runHref(run.run_id), title: runTitle(run) }, element("bdi", {}, runTitle(run))), runMarks(run), element("span", { class: "role" }, at === 0 ? "base" : `run ${at}`)),
    element("div", { class: "run-under" }, element("span", { class: "muted" }, `#${run.number}`), stateBadge(run.state, run.result), placeLinks(run)),
    element("div", { class: "run-under" }, timeElement(run.started), element("span", { class: "muted" }, clock(run.elapsed_s)), tagList(run.tags)),
    element("dl", { class: "compare-figures" },
      figure("Hits", count(run.hits.count), null), figure("Rate", `${rate(run.hits.per_s)} /s`, "per_s", "neutral"),
      figure("Failed", share(failedShare(run.hits)), "failed_points", "points"),
      ["mean", "p50", "p95", "p99"].map((key) => figure(key, duration(run.response_ms[key]), key, "less"))),
    element("div", { class: "button-row" },
      at > 0 && element("button", { type: "button", class: "button small", onClick: () => navigate(compareHref(run.run_id, others)) }, icon("baseline"), "Make it the base"),
      runs.length > 2 && element("button", { type: "button", class: "button small", onClick: () => navigate(compareHref(others[0], others.slice(1))) }, "Leave out")));
}

function chooseForm(base) {
  const field = (id, label, value, hint) => [element("label", { for: id }, label), element("input", { class: "input", id, value, placeholder: hint, required: true, autocomplete: "off", spellcheck: "false" })];
  return element("form", { class: "panel sign-in", onSubmit: (event) => {
    event.preventDefault();
    const [first, rest] = [...event.target.querySelectorAll("input")].map((input) => input.value.trim());
    navigate(compareHref(first, rest.split(/[\s,]+/).filter(Boolean).slice(0, 4)));
  } }, element("h1", { tabindex: "-1" }, "Compare runs"),
  element("p", {}, "Tick two to five of ", element("a", { href: "/" }, "the runs"), ", or say which:"),
  field("base", "Base", base ?? "", "run id or number"), field("others", "Runs, up to four", "", "last, 41, 42"),
  element("button", { type: "submit", class: "button", "data-tone": "primary" }, "Compare"));
}
