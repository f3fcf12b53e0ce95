// What people said of a run, small: baseline, note, tags; and where it belongs.
import { element } from "./element.js";
import { icon } from "./icons.js";
import { trendHref } from "./router.js";

export function runMarks(run) {
  return [
    run.baseline && element("span", { class: "mark-badge", title: "Baseline", role: "img", "aria-label": "Baseline" }, icon("baseline")),
    run.note && element("span", { class: "mark-badge", title: run.note, role: "img", "aria-label": "Has a note" }, icon("note")),
  ];
}

/** project · scenario, each a link to its runs. */
export function placeLinks(run) {
  if (!run.project && !run.scenario) return null;
  return element("span", { class: "place" },
    run.project && element("a", { href: `/?${new URLSearchParams({ project: run.project })}` }, element("bdi", {}, run.project)),
    run.project && run.scenario && element("span", { "aria-hidden": "true" }, " · "),
    run.scenario && element("a", { href: `/?${new URLSearchParams({ project: run.project, scenario: run.scenario })}` }, element("bdi", {}, run.scenario)));
}

export function trendLink(run) {
  return (run.project || run.scenario) && element("a", { class: "button small", href: trendHref(run.project, run.scenario) }, icon("trend"), "Trend");
}

/** @param {Record<string, string>} tags @param {(tag: string) => void} [onTag] */
export function tagList(tags, onTag) {
  const entries = Object.entries(tags);
  if (entries.length === 0) return null;
  return element("ul", { class: "tags", "aria-label": "Tags" }, entries.map(([key, value]) => {
    const inside = [element("span", { class: "tag-key" }, element("bdi", {}, key)), " ", element("bdi", {}, value)];
    const title = `${key}: ${value}`;
    return element("li", {}, onTag
      ? element("button", { type: "button", class: "tag", title, "aria-label": `${key} ${value}, only such runs`, onClick: () => onTag(`${key}:${value}`) }, inside)
      : element("a", { class: "tag", title, href: `/?${new URLSearchParams({ tag: `${key}:${value}` })}` }, inside));
  }));
}
