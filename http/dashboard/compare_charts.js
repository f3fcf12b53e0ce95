import { isAbort, request, runPath } from "./api.js";
import { placeText, tickPlaces, tickText } from "./chart_ticks.js";
import { element, fill } from "./element.js";
import { duration, rate, shortCount, shortDuration } from "./format.js";
import { problemLine } from "./problem.js";
import { query, setQuery } from "./router.js";
import { createTimeChart } from "./time_chart.js";

const POINTS = 600;
const steps = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];

/** Rate and one percentile of each run, by time since its start. */
export function createCompareCharts({ runs, signal }) {
  let rank = sound(query().get("p")) ?? "95";
  let timelines = [];
  const problem = element("div", {});
  const input = element("input", { class: "input", value: rank, "aria-label": "Percentile to draw", inputmode: "decimal", autocomplete: "off", onChange: () => {
    const next = sound(input.value);
    if (!next) return void (input.value = rank);
    rank = next;
    setQuery({ p: next === "95" ? null : next });
    load();
  } });
  const series = runs.map((run, at) => ({ key: run.run_id, label: `#${run.number}${at === 0 ? " base" : ""}`, colour: `--run-${at + 1}`, width: at === 0 ? 1.2 : 1.6 }));
  /** @type {Omit<import("./time_chart.js").ChartOptions, "title" | "unit" | "format">} */
  const common = {
    group: "compare", signal, series, idle: "none", onZoom: zoom,
    places: tickPlaces(null), tick: (value, step) => tickText(null, value, step), place: (value) => placeText(null, value),
  };
  const rates = createTimeChart({ ...common, title: "Rate", unit: "hits/s, by time since the start", format: rate, axisFormat: shortCount, series: series.map((one) => ({ ...one })) });
  const times = createTimeChart({ ...common, title: "Response time", unit: "", format: duration, axisFormat: shortDuration, series: series.map((one) => ({ ...one })),
    tools: element("label", { class: "ranks-form" }, "percentile", input) });
  input.classList.add("short-input");

  function zoom(range) {
    for (const chart of [rates, times]) chart.setRange(range);
  }

  function draw() {
    const step = timelines[0].step_s;
    const at = timelines.map((timeline) => new Map(timeline.points.map((point) => [Math.round(point.elapsed_s / step) * step, point])));
    const x = [...new Set(at.flatMap((points) => [...points.keys()]))].sort((a, b) => a - b);
    rates.setData([x, ...at.map((points) => x.map((one) => points.get(one)?.per_s ?? null))]);
    times.setData([x, ...at.map((points) => x.map((one) => points.get(one)?.percentiles_ms?.[rank] ?? null))]);
  }

  async function load() {
    const longest = Math.max(...runs.map((run) => run.elapsed_s));
    const step = steps.find((one) => longest / one <= POINTS) ?? Math.ceil(longest / POINTS);
    try {
      timelines = await Promise.all(runs.map((run) => request(runPath(run.run_id, "timeline"), { query: { step: `${step}s`, p: rank }, signal })));
      fill(problem);
      draw();
    } catch (error) {
      if (!isAbort(error)) fill(problem, problemLine(error, load));
    }
  }
  load();

  return {
    node: element("section", { "aria-label": "Charts" }, problem, element("div", { class: "grid-2" }, element("div", { class: "panel" }, rates.node), element("div", { class: "panel" }, times.node))),
    refresh(next) {
      runs = next;
      load();
    },
  };
}

function sound(text) {
  const rank = String(text ?? "").trim().replace(/^p/i, "");
  return /^\d{1,3}(\.\d{1,4})?$/.test(rank) && Number(rank) > 0 && Number(rank) <= 100 ? String(Number(rank)) : null;
}
