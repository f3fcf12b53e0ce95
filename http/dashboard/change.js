import { element } from "./element.js";
import { signed } from "./format.js";

const SAME_PERCENT = 1;
const SAME_POINTS = 0.01;
const words = { better: "better", worse: "worse", same: "about the same", neutral: "", few: "" };

/**
 * @param {number | null} change in percent, or percentage points
 * @param {"less" | "points" | "neutral"} kind less: less is better; points: so too, in percentage points
 * @returns {"better" | "worse" | "same" | "neutral" | "few" | "none"}
 */
export function verdict(change, { kind, few = false }) {
  if (change === null || change === undefined) return "none";
  if (few) return "few";
  if (kind === "neutral") return "neutral";
  if (Math.abs(change) < (kind === "points" ? SAME_POINTS : SAME_PERCENT)) return "same";
  return change > 0 ? "worse" : "better";
}

/** A difference with sign, arrow and colour; what too few samples say is no verdict. */
export function changeNode(change, { kind = "less", few = false } = {}) {
  const says = verdict(change, { kind, few });
  if (says === "none") return element("span", { class: "change muted" });
  const text = signed(change, kind === "points" ? "pp" : "%");
  if (says === "few") return element("span", { class: "change", "data-verdict": says, title: `${text}, but too few samples to say` }, "too few");
  const arrow = says === "worse" || says === "better" ? (change > 0 ? "▲ " : "▼ ") : "";
  return element("span", { class: "change", "data-verdict": says, title: words[says] || null },
    arrow && element("span", { "aria-hidden": "true" }, arrow), text, words[says] && element("span", { class: "off-screen" }, ` ${words[says]}`));
}
