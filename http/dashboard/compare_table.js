import { isAbort, request } from "./api.js";
import { createBlock } from "./block.js";
import { byChance, changeNode, verdict } from "./change.js";
import { createDataTable } from "./data_table.js";
import { element, fill } from "./element.js";
import { count, durationCell, failedShare, plural, rate, share } from "./format.js";
import { labelText } from "./label_text.js";
import { createPager, searchField } from "./paged_table.js";
import { query, setQuery } from "./router.js";

const PAGE = 25;
const DEBOUNCE_MS = 150;
// The API sorts by hits only: so many labels are sorted here.
const MOST = 1000;

const ms = (key, title) => ({ title, kind: "less", changeKey: key, value: (figures) => figures.response_ms[key], text: (figures) => durationCell(figures.response_ms[key]) });
const metrics = {
  p95: ms("p95", "p95, ms"), mean: ms("mean", "mean, ms"), p50: ms("p50", "p50, ms"), p90: ms("p90", "p90, ms"), p99: ms("p99", "p99, ms"), p999: ms("p999", "p99.9, ms"),
  rate: { title: "rate, hits/s", kind: "neutral", changeKey: "per_s", value: (figures) => figures.per_s, text: (figures) => rate(figures.per_s) },
  failed: { title: "failed, %", kind: "points", changeKey: "failed_points", value: failedShare, text: (figures) => share(failedShare(figures)) },
};

/** Label by label, each run beside the base. */
export function createCompareTable({ runs, signal }) {
  const state = readState();
  let labels = [];
  let latest = null;
  let debounce = 0;
  let table = null;
  const place = element("div", {});
  const pager = createPager((page) => change({ page }));
  const search = searchField("Search labels", state.q, (q) => {
    clearTimeout(debounce);
    debounce = setTimeout(() => change({ q, page: 1 }, { load: true }), DEBOUNCE_MS);
  });
  const metric = metricSelect(state.metric, (next) => { change({ metric: next }); build(); });
  const changed = checkbox("Only better or worse", state.changed, (checked) => change({ changed: checked, page: 1 }));
  const block = createBlock({ id: "labels", title: "Labels", 
    tools: [changed, metric, search.node], body: [place, pager.node] });

  function change(changes, { load: again = false } = {}) {
    Object.assign(state, changes);
    writeState(state);
    if (again) load();
    else draw();
  }

  function build() {
    table = createDataTable({ caption: "Labels compared", class: "compare-table", rowKey: (row) => row.label, columns: columns(runs, state), onSort: (sort, order) => change({ sort, order, page: 1 }) });
    table.table.style.setProperty("--columns", String(runs.length - 1));
    fill(place, table.node);
    draw();
  }

  function draw({ hold = false } = {}) {
    const chosen = metrics[state.metric];
    const sorted = sortRows(state.changed ? labels.filter((row) => hasChanged(row, chosen)) : labels, state, chosen);
    state.page = Math.min(state.page, Math.max(1, Math.ceil(sorted.length / PAGE)));
    const shown = sorted.slice((state.page - 1) * PAGE, state.page * PAGE);
    table.setSort(state.sort, state.order);
    if (shown.length) table.update(shown, { hold: hold && table.isHeld() });
    else table.showMessage(emptyText(state));
    pager.update(state.page, PAGE, sorted.length, shown.length);
  }

  async function load({ quiet = false } = {}) {
    latest?.abort();
    const mine = latest = new AbortController();
    try {
      const answer = await askLabels(runs, state.q, AbortSignal.any([signal, mine.signal]));
      labels = answer.labels;
      block.setProblem(null);
      block.setAside(answer.total > labels.length ? `the ${count(labels.length)} with most hits of ${count(answer.total)}; search to see others` : plural(answer.total, "label"));
      draw({ hold: quiet });
    } catch (error) {
      if (!isAbort(error)) block.setProblem(error, load);
    }
  }

  build();
  load();
  return { node: block.node, refresh: load };
}

function askLabels(runs, q, signal) {
  const [base, ...others] = runs.map((run) => run.run_id);
  return request("/api/compare", { query: { base, run: others, q, limit: MOST }, signal });
}

function emptyText({ q, changed }) {
  if (q) return `No label contains “${q}”.`;
  return changed ? "No label is better or worse." : "No labels.";
}

function checkbox(text, checked, onChange) {
  const input = element("input", { type: "checkbox", class: "check", checked, onChange: () => onChange(input.checked) });
  return element("label", { class: "check-label" }, input, text);
}

function metricSelect(value, onChange) {
  const select = element("select", { class: "input", "aria-label": "Figure to compare", onChange: () => onChange(select.value) },
    Object.entries(metrics).map(([key, { title }]) => element("option", { value: key }, title)));
  select.value = value;
  return select;
}

function readState() {
  const params = query();
  const metric = params.get("metric") ?? "";
  return { q: params.get("q") ?? "", metric: metric in metrics ? metric : "p95", sort: params.get("sort") ?? "count", order: params.get("order") ?? "desc", page: Number(params.get("page")) || 1, changed: params.get("changed") === "true" };
}

function writeState(state) {
  setQuery({
    q: state.q, metric: state.metric === "p95" ? null : state.metric, sort: state.sort === "count" ? null : state.sort,
    order: state.order === "desc" ? null : state.order, page: state.page === 1 ? null : state.page, changed: state.changed ? "true" : null,
  });
}

/** What weighs on the verdict of one run's figures beside the base's. @returns {import("./change.js").Weights} */
const weights = (figures, base, { changeKey, kind }) => ({ kind, few: figures.change?.too_few.includes(changeKey), chance: kind === "points" && byChance(figures, base) });

const verdictOf = (figures, base, chosen) => (figures ? verdict(figures.change?.[chosen.changeKey], weights(figures, base, chosen)) : "none");

const hasChanged = (row, chosen) => row.runs.some((figures) => ["better", "worse"].includes(verdictOf(figures, row.base, chosen)));

const hitsOf = (row) => [row.base, ...row.runs].reduce((sum, figures) => sum + (figures?.count ?? 0), 0);

function sortRows(rows, { sort, order }, chosen) {
  const at = Number(sort.replace("run", "")) - 1;
  const value = {
    label: (row) => row.label, count: hitsOf, base: (row) => row.base && chosen.value(row.base),
  }[sort] ?? ((row) => {
    const says = verdictOf(row.runs[at], row.base, chosen);
    // Too few samples are no news, so they come last.
    return says === "few" || says === "none" ? null : row.runs[at].change[chosen.changeKey];
  });
  const way = order === "asc" ? 1 : -1;
  return [...rows].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === null || x === undefined || y === null || y === undefined) return (x ?? null) === (y ?? null) ? 0 : x === null || x === undefined ? 1 : -1;
    return (x < y ? -1 : x > y ? 1 : 0) * way;
  });
}

function columns(runs, state) {
  const chosen = metrics[state.metric];
  const [base, ...others] = runs;
  return [
    { key: "label", title: "Label", class: "text mono", sort: "asc", header: true, render: (cell, row) => {
      cell.title = row.label;
      fill(cell, element("bdi", {}, labelText(row.label)));
    } },
    { key: "count", title: "Hits, all runs", width: "8.6rem", class: "num least", sort: "desc", text: (row) => count(hitsOf(row)) },
    { key: "base", title: `#${base.number} base`, hint: chosen.title, width: "7.4rem", class: "num", sort: "desc", text: (row) => (row.base ? chosen.text(row.base) : "–") },
    ...others.map((run, at) => ({
      key: `run${at + 1}`, title: `#${run.number}`, hint: `${chosen.title}; sorts by the difference`, width: "12rem", class: "num", sort: "desc", render: (cell, row) => fill(cell, compared(row.runs[at], row.base, chosen)),
    })),
  ];
}

function compared(figures, base, chosen) {
  if (!figures) return element("span", { class: "muted" }, "not in this run");
  return element("span", { class: "compare-cell" }, element("span", {}, chosen.text(figures)), changeNode(figures.change?.[chosen.changeKey], weights(figures, base, chosen)));
}
