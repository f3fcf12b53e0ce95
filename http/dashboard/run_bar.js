// Stays in sight while one scrolls: where to go, and what the figures are narrowed to.
import { createChoice } from "./choice.js";
import { element, fill, setText } from "./element.js";
import { clock, count, sum } from "./format.js";
import { icon } from "./icons.js";
import { query, setQuery } from "./router.js";

const places = [["charts", "Charts"], ["labels", "Labels"], ["errors", "Errors"], ["distribution", "Distribution"], ["tests", "Tests"], ["workers", "Workers"], ["events", "Events"], ["health", "Health"]];

/** @param {import("./run_page.js").View} view */
export function createRunBar(view) {
  let axis = query().get("x") === "elapsed" ? "elapsed" : "clock";
  const label = chip("Show all labels", () => view.choose(null));
  const range = chip("Show the whole time", () => view.zoom(null));
  const choice = createChoice({ name: "Time axis", options: [["clock", "Time of day"], ["elapsed", "Elapsed"]], value: axis, onChange: setAxis });
  const links = places.map(([id, text]) => element("a", { href: `#${id}` }, text));
  const health = links.at(-1);
  const node = element("div", { class: "jump" },
    element("nav", { "aria-label": "Parts of this page" }, links),
    label.node, range.node, choice.node);

  function setAxis(next) {
    axis = next;
    choice.set(next);
    setQuery({ x: next === "elapsed" ? next : null });
    view.tell("onAxis", next);
  }

  function onLabel(text) {
    label.node.hidden = text === null;
    setText(label.text, text === "" ? "(empty label)" : text);
    label.text.title = text ?? "";
  }

  function onRange(next) {
    range.node.hidden = next === null;
    if (next) setText(range.text, `${clock(next[0])} – ${clock(next[1])}`);
  }

  // Whoever reads the figures must know that some are missing, without going to the end of the page.
  function showTrouble() {
    const from = { ...view.run, ...view.summary };
    const lost = [[sum(view.run.rejected), "refused"], [from.missing, "missing"]].filter(([many]) => many > 0);
    const text = lost.map(([many, what]) => `${count(many)} ${what}`).join(", ");
    if (health.dataset.trouble === text) return;
    health.dataset.trouble = text;
    fill(health, text ? [icon("warning"), `Health: ${text}`] : "Health");
  }

  onLabel(view.label);
  onRange(view.range);
  return { node, onLabel, onRange, onRun: showTrouble, onSummary: showTrouble, switchAxis: () => setAxis(axis === "clock" ? "elapsed" : "clock") };
}

function chip(name, onClear) {
  const text = element("bdi", {});
  return { text, node: element("span", { class: "chip", hidden: true }, text, element("button", { type: "button", "aria-label": name, title: `${name} (Esc)`, onClick: onClear }, icon("close"))) };
}
