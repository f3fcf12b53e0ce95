import { element, fill, setText } from "./element.js";
import { problemLine } from "./problem.js";

/**
 * A titled part of a page. `tools` stand at the right of the title.
 * @param {{id: string, title: string, tools?: any[], body?: any[]}} block
 */
export function createBlock({ id, title, tools = [], body = [] }) {
  const aside = element("span", { class: "muted" });
  const problem = element("div", {});
  const heading = element("h2", { id: `${id}-title` }, title);
  const node = element("section", { id, class: "panel block", "aria-labelledby": `${id}-title` },
    element("div", { class: "section-head" }, heading, aside, element("div", { class: "head-tools" }, tools)), problem, body);
  return {
    node, heading,
    setAside: (text) => setText(aside, text),
    setProblem: (error, retry) => fill(problem, error && problemLine(error, retry)),
  };
}

/** Names and values beside each other. @param {[name: any, value: any, tone?: string | null][]} rows */
export function pairs(rows) {
  return element("dl", { class: "pairs" }, rows.map(([name, value, tone]) => [
    element("dt", {}, typeof name === "string" ? element("bdi", {}, name) : name),
    element("dd", { "data-bad": tone === "bad" ? "" : null, "data-warn": tone === "warn" ? "" : null }, value)]));
}
