// What uPlot needs to know: axes, scales, pens.
import { colour } from "./chart_colours.js";
import { increments } from "./chart_ticks.js";

const AXIS_PX = 54;
const RIGHT_PX = 14;
const LETTER_PX = 6.2;
const NARROW_PX = 420;
export const LEAST_DRAG_PX = 6;

/**
 * @param {{options: import("./time_chart.js").ChartOptions, series: import("./time_chart.js").Series[], width: number, height: number, font: string,
 *   labels: () => any, range: () => [number, number] | null, hooks: any}} chart
 * @returns {any} uPlot.Options
 */
export function plotOptions({ options, series, width, height, font, labels, range, hooks }) {
  return {
    width, height, legend: { show: false }, padding: [8, RIGHT_PX, 0, 0], hooks,
    cursor: {
      y: false, sync: { key: options.group, setSeries: false, scales: ["x", null] },
      drag: { x: true, y: false, setScale: false, dist: LEAST_DRAG_PX },
      points: { size: 7, width: 2, fill: () => colour("--panel") },
      bind: { dblclick: () => () => { options.onZoom(null); return null; } },
    },
    scales: {
      x: { time: false, range: (_u, min, max) => range() ?? [min ?? 0, Math.max(max ?? 1, (min ?? 0) + 1)] },
      y: { range: (_u, min, max) => (options.range ? options.range(min, max) : [0, max > 0 ? max * 1.08 : 1]) },
    },
    axes: [timeAxis({ options, labels, font }), valueAxis({ options, font })],
    series: [{}, ...series.map((one) => ({
      show: !one.hidden, width: one.width ?? 1.5, dash: one.dash, spanGaps: false, points: { show: one.points ?? false, size: 7, fill: () => colour("--panel") },
      stroke: () => colour(one.colour), fill: fillOf(one), label: one.label,
    }))],
  };
}

/** @param {import("./time_chart.js").Series} series */
const fillOf = ({ fill }) => fill && (() => colour(fill));
const muted = () => colour("--text-muted");
const line = () => colour("--chart-grid");

function timeAxis({ options, labels, font }) {
  return {
    stroke: muted, font, grid: { show: false }, ticks: { stroke: line, width: 1, size: 4 }, size: 26, gap: 4,
    space: (_u, _axis, _min, _max, room) => (room < NARROW_PX ? 58 : 72),
    incrs: options.xIncrements ?? increments, splits: (...args) => labels().places(...args),
    values: (u, places, _axis, _space, step) => places.map((place) => {
      const text = labels().tick(place, step);
      // A text that the edge would cut says less than none.
      const room = u.width - AXIS_PX - RIGHT_PX;
      const { min, max } = u.scales.x;
      return ((place - min) / (max - min)) * room + (text.length * LETTER_PX) / 2 > room + RIGHT_PX ? "" : text;
    }),
  };
}

function valueAxis({ options, font }) {
  const text = options.axisFormat ?? options.format;
  return { stroke: muted, font, grid: { stroke: line, width: 1 }, ticks: { show: false }, size: AXIS_PX, gap: 6, space: 28, values: (_u, places) => places.map((place) => text(place)) };
}
