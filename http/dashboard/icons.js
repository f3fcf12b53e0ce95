import { svgElement } from "./element.js";

// 16 by 16, drawn with strokes in the colour of the text.
const paths = {
  running: ["M8 2.5a5.5 5.5 0 1 0 5.5 5.5", "M8 5.2v3l2 1.4"],
  finished: ["M3 8.6 6.4 12 13 4.6"],
  waiting: ["M4 8h.01M8 8h.01M12 8h.01"],
  timed_out: ["M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 1 1 0-11", "M8 5v3.2l2.2 1.3"],
  aborted: ["M5.2 2.5h5.6l2.7 2.7v5.6l-2.7 2.7H5.2l-2.7-2.7V5.2z", "M5.5 8h5"],
  archived: ["M2.5 3.5h11v3h-11zM3.5 6.5v6h9v-6M6.5 9h3"],
  failed: ["M4 4l8 8M12 4l-8 8"],
  search: ["M7 2.8a4.2 4.2 0 1 1 0 8.4a4.2 4.2 0 0 1 0-8.4", "M10.2 10.2 13.5 13.5"],
  baseline: ["M4 14V2.5", "M4 3h8.5L10.6 6l1.9 3H4"],
  note: ["M3.5 2.5h9v7l-3.5 4h-5.5z", "M12.5 9.5H9v4", "M6 5.5h4M6 8h2"],
  copy: ["M5.5 5.5v-3h8v8h-3", "M2.5 5.5h8v8h-8z"],
  link: ["M6.8 9.2l2.4-2.4", "M7.4 4.8 9 3.2a2.7 2.7 0 0 1 3.8 3.8l-1.6 1.6", "M8.6 11.2 7 12.8A2.7 2.7 0 0 1 3.2 9l1.6-1.6"],
  close: ["M4 4l8 8M12 4l-8 8"],
  up: ["M8 13V3.5M4 7.3 8 3.3l4 4"],
  down: ["M8 3v9.5M4 8.7l4 4 4-4"],
  left: ["M10 3.5 5.5 8l4.5 4.5"],
  right: ["M6 3.5 10.5 8 6 12.5"],
  edit: ["M3 13l.7-3L10.5 3.2l2.3 2.3L6 12.3z", "M9.2 4.5l2.3 2.3"],
  trash: ["M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9"],
  stop: ["M4 4h8v8H4z"],
  compare: ["M2.5 12.5l3.5-5 3 2.5 4.5-7", "M2.5 8.5l3 2 4-5.5 4 6"],
  trend: ["M2.5 12.5 6 8.5l2.5 2 5-6.5", "M10.5 4h3v3"],
  download: ["M8 2.5v7.5M4.8 7 8 10.2 11.2 7M3 13h10"],
  auto: ["M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 1 1 0-11", "M8 2.5v11M8 5l3.5-1M8 8h5.4M8 11l3.5 1"],
  light: ["M8 5.3a2.7 2.7 0 1 1 0 5.4a2.7 2.7 0 1 1 0-5.4", "M8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1"],
  dark: ["M13 9.8A5.5 5.5 0 0 1 6.2 3a5.5 5.5 0 1 0 6.8 6.8z"],
  keyboard: ["M1.5 4.5h13v7.5h-13z", "M4 7h.01M6.7 7h.01M9.3 7h.01M12 7h.01M5 9.7h6"],
  warning: ["M8 2.5 14.3 13.5H1.7z", "M8 6.5v3.2M8 11.6v.01"],
  info: ["M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 1 1 0-11", "M8 7.4v3.4M8 5.2v.01"],
  more: ["M3.5 8h.01M8 8h.01M12.5 8h.01"],
  tag: ["M2.5 2.5h5.5l5.5 5.5-5.5 5.5-5.5-5.5z", "M5.5 5.5h.01"],
};

/** @typedef {keyof typeof paths} IconName */

/** @param {IconName} name */
export function icon(name) {
  return svgElement("svg", { viewBox: "0 0 16 16", class: `icon icon-${name}`, "aria-hidden": "true", focusable: "false" },
    paths[name].map((d) => svgElement("path", { d })));
}
