// A uPlot chart with its own legend. All charts with the same `group` share cursor and zoom.
import uPlot from "uplot";
import { forgetColours } from "./chart_colours.js";
import { createLegend } from "./chart_legend.js";
import { drawMarks, marksNear } from "./chart_marks.js";
import { LEAST_DRAG_PX, plotOptions } from "./chart_plot.js";
import { element, setText } from "./element.js";
import { onThemeChange } from "./theme.js";

const HEIGHT_PX = 180;
const LEAST_WIDTH_PX = 120;
const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity };

/**
 * @typedef {{key: string, label: string, colour: string, fill?: string, dash?: number[], width?: number, points?: boolean, hidden?: boolean}} Series
 *   colours are names of CSS custom properties
 * @typedef {[x: number[], ...columns: (number | null)[][]]} Columns x, then one column per series
 * @typedef {{places: (...args: any[]) => number[], tick: (value: number, step: number) => string, place: (value: number) => string}} TimeLabels
 * @typedef {TimeLabels & {title: string, unit: string, group: string, series: Series[], format: (value: number | null) => string,
 *   axisFormat?: (value: number) => string, onZoom: (range: [number, number] | null) => void, signal: AbortSignal,
 *   range?: (min: number, max: number) => [number, number], xIncrements?: number[], tools?: any, idle?: "last" | "none",
 *   xPadding?: number, onPick?: (index: number) => void}} ChartOptions
 */

/** @param {ChartOptions} options */
export const createTimeChart = (options) => new TimeChart(options);

export class TimeChart {
  /** @type {Columns} */
  #data = [[]];
  /** @type {import("./chart_marks.js").Mark[]} */
  #marks = [];
  /** @type {[number, number] | null} */
  #range = null;
  /** @type {any} */
  #plot = null;
  #series;
  /** @type {TimeLabels} */
  #labels;
  #idle;
  #legend;
  #canvas;
  #tip = element("div", { class: "chart-tip", hidden: true });
  #when = element("span", { class: "legend-time" });
  #empty = element("p", { class: "chart-empty", hidden: true }, "No data yet");

  /** @param {ChartOptions} options */
  constructor(options) {
    this.options = options;
    this.#series = options.series;
    this.#data = [[], ...options.series.map(() => [])];
    this.#labels = options;
    this.#idle = options.idle ?? "last";
    this.#legend = createLegend(options.series, (at, show) => this.#plot?.setSeries(at + 1, { show }));
    const { title, unit, tools } = options;
    this.#canvas = element("div", { class: "chart-canvas", tabindex: "0", role: "group", "aria-label": `Chart: ${title}, ${unit}. Arrow keys move the cursor.`, onKeydown: (event) => this.#onKeydown(event) });
    /** @type {HTMLElement} */
    this.node = element("figure", { class: "chart" },
      element("figcaption", { class: "chart-head" }, element("span", { class: "chart-title" }, title, unit && element("span", { class: "unit" }, ` ${unit}`)), tools, this.#when),
      this.#legend.node, element("div", { class: "chart-body" }, this.#canvas, this.#empty));
    this.#listen();
  }

  #listen() {
    const { signal, onPick } = this.options;
    const canvas = this.#canvas;
    const sizes = new ResizeObserver(() => {
      if (!this.#plot) this.#build();
      else if (canvas.clientWidth) this.#plot.setSize({ width: canvas.clientWidth, height: canvas.clientHeight });
    });
    sizes.observe(canvas);
    onThemeChange(() => {
      forgetColours();
      this.#plot?.redraw();
    }, signal);
    if (onPick) canvas.addEventListener("click", () => this.#plot && this.#plot.cursor.idx !== null && onPick(this.#plot.cursor.idx));
    signal.addEventListener("abort", () => {
      sizes.disconnect();
      this.#plot?.destroy();
    });
  }

  #build() {
    this.#plot?.destroy();
    const canvas = this.#canvas;
    this.#plot = new uPlot(plotOptions({
      options: this.options, series: this.#series, width: Math.max(LEAST_WIDTH_PX, canvas.clientWidth), height: canvas.clientHeight || HEIGHT_PX,
      font: `11px ${getComputedStyle(canvas).fontFamily}`, labels: () => this.#labels, range: () => this.#range,
      hooks: { setCursor: [(u) => this.#onCursor(u)], setSelect: [(u) => this.#onSelect(u)], draw: [(u) => drawMarks(u, this.#marks)] },
    }), this.#data, canvas);
    this.#plot.over.append(this.#tip);
    this.#applyRange();
  }

  /** @param {number | null} at the point of which the legend tells; null: none */
  #drawValues(at) {
    const x = this.#data[0];
    setText(this.#when, at === null || x[at] === undefined ? "" : this.#labels.place(x[at]));
    this.#legend.show(this.#series.map((_one, index) => {
      const column = this.#data[index + 1];
      const value = at !== null ? column[at] : this.#idle === "last" ? column.findLast((one) => one !== null) : undefined;
      return value === undefined ? "" : this.options.format(value);
    }));
  }

  #onCursor(u) {
    this.#drawValues(u.cursor.idx ?? null);
    const x = u.cursor.left;
    const near = x >= 0 && this.#canvas.matches(":hover, :focus") ? marksNear(u, this.#marks, x) : [];
    this.#tip.hidden = near.length === 0;
    if (near.length === 0) return;
    setText(this.#tip, near.map((mark) => `${this.#labels.place(mark.x)} ${mark.text}`).join("\n"));
    this.#tip.style.left = `${Math.max(0, Math.min(x + 10, u.over.clientWidth - this.#tip.offsetWidth))}px`;
  }

  #onSelect(u) {
    const { left, width } = u.select;
    if (width < LEAST_DRAG_PX) return;
    u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    this.options.onZoom([u.posToVal(left, "x"), u.posToVal(left + width, "x")]);
  }

  #applyRange() {
    const x = this.#data[0];
    if (!this.#plot || x.length === 0) return;
    const padding = this.options.xPadding ?? 0;
    const [min, max] = this.#range ?? [x[0] - padding, x[x.length - 1] + padding];
    this.#plot.setScale("x", { min, max: Math.max(max, min + 1e-3) });
  }

  #onKeydown(event) {
    const u = this.#plot;
    const x = this.#data[0];
    if (!u || x.length === 0) return;
    const at = u.cursor.idx ?? x.length - 1;
    const { min, max } = u.scales.x;
    const middle = u.cursor.left >= 0 ? x[at] : (min + max) / 2;
    if (event.key in steps) this.#moveTo(Math.min(x.length - 1, Math.max(0, at + steps[event.key])));
    else if (event.key === "+" || event.key === "=") this.options.onZoom([middle - (max - min) / 4, middle + (max - min) / 4]);
    else if (event.key === "-") this.options.onZoom(grown(min, max, x));
    else if (event.key === "Enter" && this.options.onPick) this.options.onPick(at);
    else return;
    event.preventDefault();
  }

  #moveTo(at) {
    this.#plot.setCursor({ left: this.#plot.valToPos(this.#data[0][at], "x"), top: 10 });
  }

  /** @param {Columns} next */
  setData(next) {
    this.#data = next;
    this.#empty.hidden = next.slice(1).some((column) => column.some((value) => value !== null));
    this.#plot?.setData(next, false);
    this.#applyRange();
    const cursor = this.#plot?.cursor;
    if (!cursor || cursor.idx === null || cursor.left < 0) this.#drawValues(null);
  }

  /** @param {Series[]} series @param {Columns} columns */
  setSeries(series, columns) {
    this.#series = series;
    this.#data = columns;
    this.#legend.setSeries(series);
    this.#drawValues(null);
    if (this.#plot) this.#build();
  }

  /** @param {[number, number] | null} next */
  setRange(next) {
    this.#range = next;
    this.#applyRange();
  }

  /** @param {import("./chart_marks.js").Mark[]} next */
  setMarks(next) {
    this.#marks = next;
    this.#plot?.redraw(false);
  }

  /** @param {TimeLabels} next */
  setLabels(next) {
    this.#labels = next;
    this.#plot?.redraw(false, true);
  }

  /** What the legend says while no cursor is on the chart. @param {"last" | "none"} next */
  setIdle(next) {
    this.#idle = next;
    this.#drawValues(null);
  }
}

/** @returns {[number, number] | null} */
function grown(min, max, x) {
  const next = [min - (max - min) / 2, max + (max - min) / 2];
  return next[0] <= x[0] && next[1] >= x.at(-1) ? null : [Math.max(x[0], next[0]), Math.min(x.at(-1), next[1])];
}
