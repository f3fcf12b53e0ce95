// Vertical marks on a chart: events, the baseline.
import { colour } from "./chart_colours.js";

const REACH_PX = 6;
const MOST_NEAR = 4;

/** @typedef {{x: number, text: string, tone?: string}} Mark */

/** Draws them over a uPlot chart. @param {any} u @param {Mark[]} marks */
export function drawMarks(u, marks) {
  const { left, top, width, height } = u.bbox;
  const pen = u.ctx;
  const size = 4 * devicePixelRatio;
  pen.save();
  pen.lineWidth = devicePixelRatio;
  pen.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const mark of marks) {
    const x = Math.round(u.valToPos(mark.x, "x", true)) + 0.5;
    if (x < left - 1 || x > left + width + 1) continue;
    pen.strokeStyle = pen.fillStyle = colour(mark.tone === "bad" ? "--bad" : "--chart-mark");
    pen.beginPath();
    pen.moveTo(x, top);
    pen.lineTo(x, top + height);
    pen.stroke();
    pen.beginPath();
    pen.moveTo(x - size, top - size);
    pen.lineTo(x + size, top - size);
    pen.lineTo(x, top + size);
    pen.fill();
  }
  pen.restore();
}

/** Those under the cursor. @param {any} u @param {Mark[]} marks @param {number} left */
export function marksNear(u, marks, left) {
  return marks.filter((mark) => Math.abs(u.valToPos(mark.x, "x") - left) <= REACH_PX).slice(0, MOST_NEAR);
}
