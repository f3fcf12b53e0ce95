import { element, setAttribute } from "./element.js";
import { setQuery } from "./router.js";

const standard = ["50", "90", "95", "99"];
const MOST = 12;

/** Ranks of the query string: p=50,95,99.99 */
export function ranksOf(params) {
  return parse(params.get("p") ?? "") ?? standard;
}

function parse(text) {
  const ranks = text.split(/[\s,;]+/).map((one) => one.replace(/^p/i, "")).filter(Boolean);
  const sound = ranks.length > 0 && ranks.length <= MOST && ranks.every((rank) => /^\d{1,3}(\.\d{1,4})?$/.test(rank) && Number(rank) > 0 && Number(rank) <= 100);
  return sound ? [...new Set(ranks.map((rank) => String(Number(rank))))].sort((a, b) => a - b) : null;
}

/** A field for percentiles of any rank. */
export function createRankForm(ranks, onChange) {
  const input = element("input", { class: "input", value: ranks.join(", "), "aria-label": "Percentiles to draw, such as 50, 95, 99.99", autocomplete: "off", spellcheck: "false", inputmode: "decimal", title: "Percentiles to draw: any ranks, such as 50, 95, 99.99", onInput: () => setAttribute(input, "aria-invalid", parse(input.value) ? null : "true"), onChange: apply });

  function apply() {
    const next = input.value.trim() === "" ? standard : parse(input.value);
    if (!next) return;
    input.value = next.join(", ");
    setAttribute(input, "aria-invalid", null);
    setQuery({ p: next.join() === standard.join() ? null : next.join(",") });
    onChange(next);
  }

  return element("form", { class: "ranks-form", onSubmit: (event) => {
    event.preventDefault();
    apply();
  } }, element("span", { "aria-hidden": "true" }, "percentiles"), input);
}
