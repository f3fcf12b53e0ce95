import { element, fill, setText } from "./element.js";
import { plural } from "./format.js";
import { icon } from "./icons.js";
import { compareHref } from "./router.js";
import { runTitle } from "./run_state.js";

const MOST = 5;
const KEY = "weir-selected";

/** The runs chosen for a comparison: kept while the tab lives, over pages and filters. */
export function createSelection() {
  /** @type {Map<string, {number: number, title: string}>} */
  let chosen = new Map(read());
  const text = element("span", {});
  const names = element("ul", { class: "chosen" });
  const compare = element("a", { class: "button", "data-tone": "primary" }, icon("compare"), "Compare");
  const hint = element("span", { class: "muted" }, "Choose one more to compare");
  const node = element("aside", { class: "selection", "aria-label": "Runs to compare", hidden: true }, text, names, hint, compare,
    element("button", { type: "button", class: "button quiet", onClick: () => { chosen = new Map(); changed(); } }, "Clear"));

  // The oldest run is the base: one asks what has become of it.
  const ordered = () => [...chosen].sort(([, a], [, b]) => a.number - b.number).map(([run]) => run);

  function changed() {
    sessionStorage.setItem(KEY, JSON.stringify([...chosen]));
    for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("input[data-select]"))) {
      box.checked = chosen.has(box.dataset.select ?? "");
      box.disabled = !box.checked && chosen.size >= MOST;
    }
    draw();
  }

  function draw() {
    node.hidden = chosen.size === 0;
    setText(text, `${plural(chosen.size, "run")} selected`);
    fill(names, [...chosen].sort(([, a], [, b]) => a.number - b.number).map(([, { number, title }]) => element("li", { title }, `#${number}`)));
    const ready = chosen.size >= 2;
    compare.hidden = !ready;
    hint.hidden = ready;
    if (ready) compare.href = compareHref(ordered()[0], ordered().slice(1));
  }
  draw();

  return {
    node,
    href: () => (chosen.size >= 2 ? compareHref(ordered()[0], ordered().slice(1)) : null),
    box(run) {
      const title = runTitle(run);
      const box = element("input", { type: "checkbox", class: "check", dataset: { select: run.run_id }, "aria-label": `Select ${title} to compare`, checked: chosen.has(run.run_id), disabled: !chosen.has(run.run_id) && chosen.size >= MOST, onChange: () => {
        if (box.checked) chosen.set(run.run_id, { number: run.number, title });
        else chosen.delete(run.run_id);
        changed();
      } });
      return box;
    },
  };
}

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
  } catch {
    return [];
  }
}
