import { isAbort, request } from "./api.js";
import { createDataTable } from "./data_table.js";
import { element, fill, setText } from "./element.js";
import { clock, count, durationCell, failedShare, plural, rate, share } from "./format.js";
import { problemLine } from "./problem.js";
import { createRankForm, ranksOf } from "./rank_form.js";
import { navigate, query, runHref, setQuery, trendHref } from "./router.js";
import { runMarks, tagList } from "./run_marks.js";
import { endedStates, runTitle, stateBadge } from "./run_state.js";
import { timeElement } from "./time_element.js";
import { createTrendCharts } from "./trend_charts.js";

const MOST = 200;
const DEBOUNCE_MS = 200;

/** @param {import("./main.js").PageContext} page */
export async function trendPage(page) {
  const { main, signal } = page;
  page.setTitle("Trend");
  const params = query();
  const chosen = { project: params.get("project"), scenario: params.get("scenario") };
  const place = await chooser(chosen, signal);
  if (signal.aborted) return;
  const head = element("div", { class: "page-head" }, element("h1", { tabindex: "-1" }, "Trend"), place);
  if (chosen.project === null) {
    fill(main, head, element("section", { class: "panel empty" }, element("h2", {}, "How a scenario changes from run to run"), element("p", { class: "muted" }, "Choose a project and a scenario above.")));
    return;
  }
  openTrend(page, chosen, head);
}

function openTrend({ main, signal, setTitle }, chosen, head) {
  let ranks = ranksOf(query());
  let latest = null;
  let debounce = 0;
  const problem = element("div", {});
  const total = element("span", { class: "muted" });
  const charts = createTrendCharts({ signal, ranks, onPick: (run) => navigate(runHref(run.run_id)), tools: createRankForm(ranks, (next) => {
    ranks = next;
    load();
  }) });
  let table = null;
  const place = element("div", { class: "panel" });
  const tag = element("input", { class: "input tag-input", placeholder: "tag or tag:value", "aria-label": "Only runs with this tag", value: query().get("tag") ?? "", autocomplete: "off", spellcheck: "false", onInput: () => {
    clearTimeout(debounce);
    debounce = setTimeout(() => {
      setQuery({ tag: tag.value.trim() });
      load();
    }, DEBOUNCE_MS);
  } });
  head.append(element("span", { class: "trend-filters" }, tag, total));
  fill(main, head, problem, charts.node, element("section", { "aria-labelledby": "trend-runs" }, element("div", { class: "section-head" }, element("h2", { id: "trend-runs" }, "Runs")), place));
  setTitle(`Trend of ${[chosen.project, chosen.scenario].filter(Boolean).join(" · ") || "runs"}`);

  async function load() {
    latest?.abort();
    const mine = latest = new AbortController();
    try {
      const answer = await request("/api/runs", {
        query: { ...chosen, state: endedStates.join(","), tag: query().get("tag"), p: ranks.join(","), limit: MOST }, signal: AbortSignal.any([signal, mine.signal]),
      });
      fill(problem);
      setText(total, answer.total > answer.runs.length ? `the latest ${count(answer.runs.length)} of ${count(answer.total)} runs` : plural(answer.total, "run"));
      table = createDataTable({ caption: "Runs of this scenario", class: "trend-table", rowKey: (run) => run.run_id, columns: columns(ranks) });
      table.table.style.setProperty("--columns", String(ranks.length));
      fill(place, table.node);
      if (answer.runs.length) table.update(answer.runs);
      else table.showMessage("No run of this scenario has ended.");
      charts.update([...answer.runs].reverse(), ranks);
    } catch (error) {
      if (!isAbort(error)) fill(problem, problemLine(error, load));
    }
  }
  load();
}

async function chooser(chosen, signal) {
  const answer = await request("/api/projects", { signal }).catch(() => ({ projects: [] }));
  const value = ({ project, scenario }) => JSON.stringify([project, scenario]);
  const name = ({ project, scenario }) => [project, scenario].filter(Boolean).join(" · ") || "without project and scenario";
  const listed = [...answer.projects];
  if (chosen.project !== null && !listed.some((one) => value(one) === value(chosen))) listed.unshift({ ...chosen, runs: null });
  const select = element("select", { class: "input", "aria-label": "Project and scenario", onChange: () => {
    if (select.value) navigate(trendHref(...JSON.parse(select.value)));
  } }, chosen.project === null && element("option", { value: "" }, "Project and scenario…"),
  listed.map((one) => element("option", { value: value(one) }, name(one) + (one.runs ? ` (${one.runs})` : ""))));
  select.value = chosen.project === null ? "" : value(chosen);
  return select;
}

function columns(ranks) {
  return [
    { key: "number", title: "#", width: "3.4rem", class: "num muted", text: (run) => String(run.number) },
    { key: "name", title: "Run", class: "text", header: true, render: (cell, run) => fill(cell, element("div", { class: "run-cell" },
      element("a", { class: "run-link", href: runHref(run.run_id) }, element("bdi", {}, runTitle(run))), runMarks(run), element("span", { class: "run-under" }, tagList(run.tags)))) },
    { key: "state", title: element("span", {}, "State"), width: "12.6rem", class: "text state-column", render: (cell, run) => fill(cell, stateBadge(run.state, run.result)) },
    { key: "started", title: "Started", width: "7.8rem", class: "text least", render: (cell, run) => fill(cell, timeElement(run.started)) },
    { key: "duration", title: "Duration", width: "5.4rem", class: "num minor", text: (run) => clock(run.elapsed_s) },
    { key: "rate", title: "Hits/s", width: "5rem", class: "num least", text: (run) => rate(run.hits.per_s) },
    ...ranks.map((rank) => ({ key: `p${rank}`, title: `p${rank} ms`, width: "5.6rem", class: "num", text: (run) => durationCell(run.percentiles_ms?.[rank]) })),
    { key: "failed", title: "Failed", width: "5.4rem", class: "num", text: (run) => share(failedShare(run.hits)) },
  ];
}
