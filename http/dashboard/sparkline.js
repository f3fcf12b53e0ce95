import { setAttribute, svgElement } from "./element.js";

const WIDTH = 200;
const HEIGHT = 40;

/** A line of the latest values; says nothing that is not beside it as text. */
export function createSparkline() {
  const area = svgElement("path", { class: "spark-area" });
  const line = svgElement("path", { class: "spark-line", "vector-effect": "non-scaling-stroke" });
  const node = svgElement("svg", { class: "sparkline", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" }, area, line);
  return {
    node,
    /** @param {number[]} values @param {number} room how many fit */
    update(values, room = 120) {
      const shown = values.slice(-room);
      const top = Math.max(1e-9, ...shown);
      const step = WIDTH / (room - 1);
      const left = WIDTH - (shown.length - 1) * step;
      const points = shown.map((value, at) => `${(left + at * step).toFixed(1)} ${(HEIGHT - 1.5 - (value / top) * (HEIGHT - 4)).toFixed(1)}`);
      setAttribute(line, "d", points.length > 1 ? `M${points.join("L")}` : "M0 0");
      setAttribute(area, "d", points.length > 1 ? `M${left.toFixed(1)} ${HEIGHT}L${points.join("L")}L${WIDTH} ${HEIGHT}Z` : "M0 0");
    },
  };
}
