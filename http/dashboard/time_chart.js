// A uPlot chart with its own legend. All charts with the same `group` share cursor and zoom.
import uPlot from "uplot";
import { increments } from "./chart_ticks.js";
import { element, fill, setAttribute, setText } from "./element.js";
import { onThemeChange } from "./theme.js";

const MARK_REACH_PX = 6;
const AXIS_PX = 56;
const LEAST_DRAG_PX = 6;

const colours = new Map();
const probe = element("span", { hidden: true });

/** A custom property as a colour that a canvas understands. */
export function colour(name) {
  if (!colours.has(name)) {
    if (!probe.isConnected) document.body.append(probe);
    probe.style.color = `var(${name})`;
    colours.set(name, getComputedStyle(probe).color);
  }
  return colours.get(name);
}

/**
 * @typedef {{key: string, label: string, colour: string, fill?: string, dash?: number[], width?: number, points?: boolean, hidden?: boolean}} Series
 *   colours are names of CSS custom properties
 * @typedef {{x: number, text: string, tone?: string}} Mark
 * @param {{title: string, unit: string, group: string, series: Series[], format: (value: number | null) => string,
 *   axisFormat?: (value: number) => string, places: (...args: any[]) => number[], tick: (value: number, step: number) => string,
 *   place: (value: number) => string, onZoom: (range: [number, number] | null) => void, signal: AbortSignal,
 *   range?: (min: number, max: number) => [number, number], xIncrements?: number[], tools?: any, idle?: "last" | "none",
 *   xPadding?: number, onPick?: (index: number) => void}} options
 */
export function createTimeChart(options) {
  const { title, unit, group, format, signal } = options;
  let series = options.series;
  let data = [[], ...series.map(() => [])];
  let marks = [];
  let range = null;
  let chart = null;
  let labels = options;
  let idle = options.idle ?? "last";

  const canvas = element("div", { class: "chart-canvas", tabindex: "0", role: "group", "aria-label": `Chart: ${title}, ${unit}. Arrow keys move the cursor.`, onKeydown });
  const tip = element("div", { class: "chart-tip", hidden: true });
  const when = element("span", { class: "legend-time" });
  const legend = element("div", { class: "legend" });
  const empty = element("p", { class: "chart-empty", hidden: true }, "No data yet");
  const node = element("figure", { class: "chart" },
    element("figcaption", { class: "chart-head" }, element("span", { class: "chart-title" }, title, unit && element("span", { class: "unit" }, ` ${unit}`)), options.tools, when),
    legend, element("div", { class: "chart-body" }, canvas, empty));
  let values = [];

  function drawLegend() {
    values = series.map(() => element("span", { class: "legend-value" }));
    fill(legend, series.map((one, at) => {
      const button = element("button", { type: "button", class: "legend-item", "aria-pressed": String(!one.hidden), title: `Show or hide ${one.label}`, onClick: () => {
        one.hidden = !one.hidden;
        setAttribute(button, "aria-pressed", String(!one.hidden));
        chart?.setSeries(at + 1, { show: !one.hidden });
      } }, element("span", { class: "swatch", "data-colour": one.colour.slice(2), "data-dashed": one.dash ? "" : null }), element("span", {}, one.label), values[at]);
      return button;
    }));
    drawValues(null);
  }

  function drawValues(at) {
    setText(when, at === null || data[0][at] === undefined ? "" : labels.place(data[0][at]));
    series.forEach((_one, index) => {
      const column = data[index + 1];
      const value = at !== null ? column[at] : idle === "last" ? column.findLast((one) => one !== null) : undefined;
      setText(values[index], value === undefined ? "" : format(value));
    });
  }

  function build() {
    chart?.destroy();
    const width = Math.max(120, canvas.clientWidth);
    chart = new uPlot(uplotOptions(width, canvas.clientHeight || 180), data, canvas);
    chart.over.append(tip);
    applyRange();
  }

  function uplotOptions(width, height) {
    const line = () => colour("--chart-grid");
    const text = () => colour("--text-muted");
    const font = `11px ${getComputedStyle(canvas).fontFamily}`;
    const grid = { stroke: line, width: 1 };
    return {
      width, height, legend: { show: false }, padding: [8, 10, 0, 0],
      cursor: {
        y: false, sync: { key: group, setSeries: false, scales: ["x", null] },
        drag: { x: true, y: false, setScale: false, dist: LEAST_DRAG_PX },
        points: { size: 7, width: 2, fill: () => colour("--panel") },
        bind: { dblclick: () => () => { options.onZoom(null); return null; } },
      },
      scales: { x: { time: false, range: (_u, min, max) => range ?? [min ?? 0, Math.max(max ?? 1, (min ?? 0) + 1)] }, y: { range: yRange } },
      axes: [
        { stroke: text, font, grid: { show: false }, ticks: { ...grid, size: 4 }, size: 26, gap: 4, space: 72, incrs: options.xIncrements ?? increments, splits: (...args) => labels.places(...args), values: (_u, places, _a, _s, step) => places.map((place) => labels.tick(place, step)) },
        { stroke: text, font, grid, ticks: { show: false }, size: AXIS_PX, gap: 6, space: 34, values: (_u, places) => places.map((place) => (options.axisFormat ?? format)(place)) },
      ],
      series: [{}, ...series.map((one) => ({
        show: !one.hidden, width: one.width ?? 1.5, dash: one.dash, spanGaps: false, points: { show: one.points ?? false, size: 6 },
        stroke: () => colour(one.colour), fill: one.fill && (() => colour(one.fill)), label: one.label,
      }))],
      hooks: { setCursor: [onCursor], setSelect: [onSelect], draw: [drawMarks] },
    };
  }

  function yRange(_chart, min, max) {
    if (options.range) return options.range(min, max);
    return [0, max > 0 ? max * 1.08 : 1];
  }

  function onCursor({ cursor }) {
    drawValues(cursor.idx ?? null);
    const x = cursor.left >= 0 ? cursor.left : null;
    const near = x === null || !canvas.matches(":hover, :focus") ? null
      : marks.map((mark) => ({ mark, away: Math.abs(chart.valToPos(mark.x, "x") - x) })).filter(({ away }) => away <= MARK_REACH_PX).slice(0, 4);
    tip.hidden = !near?.length;
    if (tip.hidden) return;
    setText(tip, near.map(({ mark }) => `${labels.place(mark.x)} ${mark.text}`).join("\n"));
    const width = chart.over.clientWidth;
    tip.style.left = `${Math.max(0, Math.min(x + 10, width - tip.offsetWidth))}px`;
  }

  function onSelect({ select }) {
    if (select.width < LEAST_DRAG_PX) return;
    const next = [chart.posToVal(select.left, "x"), chart.posToVal(select.left + select.width, "x")];
    chart.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    options.onZoom(next);
  }

  function drawMarks(u) {
    const { left, top, width, height } = u.bbox;
    const pen = u.ctx;
    pen.save();
    for (const mark of marks) {
      const x = Math.round(u.valToPos(mark.x, "x", true)) + 0.5;
      if (x < left - 1 || x > left + width + 1) continue;
      pen.strokeStyle = pen.fillStyle = colour(mark.tone === "bad" ? "--bad" : "--chart-mark");
      pen.lineWidth = devicePixelRatio;
      pen.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
      pen.beginPath();
      pen.moveTo(x, top);
      pen.lineTo(x, top + height);
      pen.stroke();
      const size = 4 * devicePixelRatio;
      pen.beginPath();
      pen.moveTo(x - size, top - size);
      pen.lineTo(x + size, top - size);
      pen.lineTo(x, top + size);
      pen.fill();
    }
    pen.restore();
  }

  function applyRange() {
    if (!chart || data[0].length === 0) return;
    const padding = options.xPadding ?? 0;
    const [min, max] = range ?? [data[0][0] - padding, data[0].at(-1) + padding];
    chart.setScale("x", { min, max: Math.max(max, min + 1e-3) });
  }

  function onKeydown(event) {
    if (!chart || data[0].length === 0) return;
    const at = chart.cursor.idx ?? data[0].length - 1;
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity };
    const { min, max } = chart.scales.x;
    const middle = chart.cursor.left >= 0 ? data[0][at] : (min + max) / 2;
    if (event.key in steps) moveTo(Math.min(data[0].length - 1, Math.max(0, at + steps[event.key])));
    else if (event.key === "+" || event.key === "=") options.onZoom([middle - (max - min) / 4, middle + (max - min) / 4]);
    else if (event.key === "-") options.onZoom(grown(min, max, data[0]));
    else if (event.key === "Enter" && options.onPick) options.onPick(at);
    else return;
    event.preventDefault();
  }

  function moveTo(at) {
    chart.setCursor({ left: chart.valToPos(data[0][at], "x"), top: 10 });
  }

  const sizes = new ResizeObserver(() => {
    if (!chart) build();
    else if (canvas.clientWidth) chart.setSize({ width: canvas.clientWidth, height: canvas.clientHeight });
  });
  sizes.observe(canvas);
  onThemeChange(() => {
    colours.clear();
    chart?.redraw();
  }, signal);
  if (options.onPick) canvas.addEventListener("click", () => chart?.cursor.idx !== null && options.onPick(chart.cursor.idx));
  signal.addEventListener("abort", () => {
    sizes.disconnect();
    chart?.destroy();
  });
  drawLegend();

  return {
    node,
    /** @param {(number | null)[][]} next x, then one column per series */
    setData(next) {
      data = next;
      empty.hidden = next[0].length > 0;
      chart?.setData(next, false);
      applyRange();
      if (!chart || chart.cursor.idx === null || chart.cursor.left < 0) drawValues(null);
    },
    setSeries(next, columns) {
      series = next;
      data = columns;
      drawLegend();
      if (chart) build();
    },
    setRange(next) {
      range = next;
      applyRange();
    },
    setMarks(next) {
      marks = next;
      chart?.redraw(false);
    },
    setLabels(next) {
      labels = { ...labels, ...next };
      chart?.redraw(false, true);
    },
    setIdle(next) {
      idle = next;
      drawValues(null);
    },
  };
}

function grown(min, max, x) {
  const next = [min - (max - min) / 2, max + (max - min) / 2];
  return next[0] <= x[0] && next[1] >= x.at(-1) ? null : [Math.max(x[0], next[0]), Math.min(x.at(-1), next[1])];
}
