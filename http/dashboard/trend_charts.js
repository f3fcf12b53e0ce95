import { element } from "./element.js";
import { duration, failedShare, rate, share, shortCount, shortDuration, shortTime } from "./format.js";
import { runTitle } from "./run_state.js";
import { createTimeChart } from "./time_chart.js";

const steps = [1, 2, 5, 10, 20, 50, 100, 200];

/** A point a run, the oldest at the left; a broken line is the latest baseline. */
export function createTrendCharts({ signal, ranks, onPick, tools }) {
  let runs = [];
  const numberAt = (index) => (Number.isInteger(index) && runs[index] ? `#${runs[index].number}` : "");
  /** @type {Omit<import("./time_chart.js").ChartOptions, "title" | "unit" | "series" | "format">} */
  const common = {
    group: "trend", signal, idle: "none", xIncrements: steps, onPick: (index) => runs[index] && onPick(runs[index]), onZoom: zoom, xPadding: 0.5,
    places: (_u, _axis, min, max, step) => range(Math.ceil(min), Math.floor(max), step), tick: numberAt,
    place: (index) => (runs[index] ? `${numberAt(index)} ${runTitle(runs[index]).slice(0, 40)}, ${shortTime(new Date(runs[index].started))}` : ""),
  };
  const times = createTimeChart({ ...common, title: "Response time", unit: "", format: duration, axisFormat: shortDuration, series: rankSeries(ranks), tools });
  const rates = createTimeChart({ ...common, title: "Rate", unit: "hits/s", format: rate, axisFormat: shortCount, series: withBase([{ key: "rate", label: "rate", colour: "--rate", points: true }]) });
  const failed = createTimeChart({ ...common, title: "Failed", unit: "", format: share, axisFormat: share, series: withBase([{ key: "failed", label: "failed", colour: "--failed", points: true }]) });
  const charts = [times, rates, failed];
  times.node.classList.add("high");
  for (const chart of charts) chart.node.classList.add("chart-pick");

  function zoom(next) {
    for (const chart of charts) chart.setRange(next);
  }

  function update(next, nextRanks) {
    runs = next;
    const x = runs.map((_run, at) => at);
    const base = runs.findLast((run) => run.baseline);
    const line = (value) => x.map(() => (base ? value(base) ?? null : null));
    const atRank = (rank) => (run) => run.percentiles_ms?.[rank] ?? null;
    const shown = nextRanks.includes("95") ? "95" : nextRanks[0];
    /** @type {import("./time_chart.js").Columns} */
    const columns = [x, ...nextRanks.map((rank) => runs.map(atRank(rank))), line(atRank(shown))];
    times.setSeries(rankSeries(nextRanks, shown), columns);
    for (const chart of charts) chart.node.toggleAttribute("data-no-baseline", !base);
    times.setData(columns);
    rates.setData([x, runs.map((run) => run.hits.per_s), line((run) => run.hits.per_s)]);
    failed.setData([x, runs.map((run) => failedShare(run.hits)), line((run) => failedShare(run.hits))]);
    const at = runs.indexOf(base);
    for (const chart of charts) chart.setMarks(base ? [{ x: at, text: "baseline" }] : []);
  }

  return {
    update,
    node: element("div", {}, element("div", { class: "panel trend-times" }, times.node),
      element("div", { class: "grid-2" }, element("div", { class: "panel" }, rates.node), element("div", { class: "panel" }, failed.node))),
  };
}

const withBase = (series, label = "baseline") => [...series, { key: "baseline", label, colour: "--chart-mark", dash: [6, 4], width: 1.25 }];

function rankSeries(ranks, shown = "95") {
  return withBase(ranks.map((rank, at) => ({ key: rank, label: `p${rank}`, colour: `--rank-${(at % 6) + 1}`, points: true })), `baseline p${shown}`);
}

function range(from, to, step) {
  const places = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) places.push(at);
  return places;
}
