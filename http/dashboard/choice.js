import { element, setAttribute } from "./element.js";

/**
 * A few options of which one holds.
 * @param {{name: string, options: [value: string, text: string][], value: string, onChange: (value: string) => void}} choice
 */
export function createChoice({ name, options, value, onChange }) {
  const buttons = options.map(([one, text]) => element("button", { type: "button", class: "choice-option", "data-value": one, onClick: () => {
    set(one);
    onChange(one);
  } }, text));
  const node = element("div", { class: "choice", role: "group", "aria-label": name }, buttons);
  function set(next) {
    for (const button of buttons) setAttribute(button, "aria-pressed", String(button.dataset.value === next));
  }
  set(value);
  return { node, set };
}
