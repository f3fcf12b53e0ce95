import { element, fill, setAttribute, setText } from "./element.js";

/**
 * The names of the series with their values; a click hides one.
 * @param {import("./time_chart.js").Series[]} series
 * @param {(at: number, shown: boolean) => void} onToggle
 */
export function createLegend(series, onToggle) {
  const node = element("div", { class: "legend" });
  let values = [];

  function item(one, at) {
    values[at] = element("span", { class: "legend-value" });
    const button = element("button", { type: "button", class: "legend-item", "aria-pressed": String(!one.hidden), title: `Show or hide ${one.label}`, onClick: () => {
      one.hidden = !one.hidden;
      setAttribute(button, "aria-pressed", String(!one.hidden));
      onToggle(at, !one.hidden);
    } }, element("span", { class: "swatch", "data-colour": one.colour.slice(2), "data-dashed": one.dash ? "" : null }), element("span", {}, one.label), values[at]);
    return button;
  }

  function setSeries(next) {
    values = [];
    fill(node, next.map(item));
  }

  setSeries(series);
  return { node, setSeries, /** @param {string[]} texts */ show: (texts) => texts.forEach((text, at) => setText(values[at], text)) };
}
