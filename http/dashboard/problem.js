import { element } from "./element.js";
import { icon } from "./icons.js";

/** An error where the content would be, with a way on. */
export function problemPanel(title, error, retry) {
  return element("section", { class: "panel empty", role: "alert" },
    element("h1", { tabindex: "-1" }, title), element("p", {}, error.message),
    element("p", { class: "button-row" }, retry && element("button", { type: "button", class: "button", onClick: () => retry() }, "Try again"),
      element("a", { class: "button", href: "/" }, "All runs")));
}

/** The same in one line, inside a section. */
export function problemLine(error, retry) {
  return element("p", { class: "problem-line", role: "alert" }, icon("warning"), element("span", {}, error.message),
    element("button", { type: "button", class: "button small", onClick: () => retry() }, "Try again"));
}
