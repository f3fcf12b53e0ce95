import { show } from "./dialog.js";
import { element } from "./element.js";

const everywhere = [
  ["?", "This help"],
  ["/", "Search"],
  ["g r", "Go to runs"],
  ["t", "Colours: auto, light, dark"],
  ["Esc", "Leave the search; on a run: whole time, then all labels"],
];

let pageShortcuts = [];
let afterG = 0;

/**
 * @param {{help?: () => void, runs: () => void, theme: () => void}} actions
 */
export function startShortcuts({ runs, theme }) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (isTyping(event.target)) {
      if (event.key === "Escape" && event.target instanceof HTMLElement) event.target.blur();
      return;
    }
    const action = find(event, { runs, theme });
    if (!action) return;
    event.preventDefault();
    action();
  });
}

/** The keys of the page that is open: [key, what it does, action]. */
export function setPageShortcuts(list, signal) {
  pageShortcuts = list;
  signal.addEventListener("abort", () => { if (pageShortcuts === list) pageShortcuts = []; });
}

export function showShortcuts() {
  const rows = [...everywhere, ...pageShortcuts.filter(([key]) => key !== "Escape")];
  show({
    title: "Keyboard",
    body: [element("dl", { class: "shortcuts" }, rows.map(([key, does]) => [
      element("dt", {}, key.split(" ").map((one) => element("kbd", {}, one))), element("dd", {}, does)])),
    element("p", { class: "muted" }, "On a chart: ", element("kbd", {}, "←"), " ", element("kbd", {}, "→"), " move the cursor, ",
      element("kbd", {}, "+"), " ", element("kbd", {}, "−"), " zoom, ", element("kbd", {}, "Esc"), " shows the whole time.")],
  });
}

function find({ key }, { runs, theme }) {
  const wasG = Date.now() - afterG < 1000;
  afterG = 0;
  if (wasG && key === "r") return runs;
  if (key === "g") {
    afterG = Date.now();
    return () => {};
  }
  if (key === "?") return showShortcuts;
  if (key === "t") return theme;
  if (key === "/") return focusSearch;
  return pageShortcuts.find(([one]) => one === key)?.[2];
}

function focusSearch() {
  const fields = [.../** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("input[type=search]"))];
  const seen = fields.find((field) => field.getBoundingClientRect().bottom > 0) ?? fields[0];
  seen?.focus();
  seen?.select();
}

function isTyping(target) {
  return target instanceof Element && target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
}
