import { element } from "./element.js";
import { signed } from "./format.js";

const SAME_PERCENT = 2;
const SAME_POINTS = 0.01;
const words = { better: "better", worse: "worse", same: "about the same", neutral: "", few: "" };

const CERTAIN = 1.96;

/**
 * Whether two shares of failed hits differ by no more than chance does (two proportions, 95 %).
 * @param {{count: number, failed: number} | null} a @param {{count: number, failed: number} | null} b
 */
export function byChance(a, b) {
  if (!a?.count || !b?.count) return false;
  const pooled = (a.failed + b.failed) / (a.count + b.count);
  const spread = Math.sqrt(pooled * (1 - pooled) * (1 / a.count + 1 / b.count));
  return Math.abs(a.failed / a.count - b.failed / b.count) <= CERTAIN * spread;
}

/**
 * What a verdict needs beside the change. Kinds: less is better; points: so too, in percentage points; neutral.
 * @typedef {{kind?: "less" | "points" | "neutral", few?: boolean, chance?: boolean}} Weights
 *   `few`: too few samples to say; `chance`: no more than chance makes
 */

/**
 * @param {number | null | undefined} change in percent, or percentage points
 * @param {Weights} weights
 * @returns {"better" | "worse" | "same" | "neutral" | "few" | "none"}
 */
export function verdict(change, { kind = "less", few = false, chance = false }) {
  if (change === null || change === undefined) return "none";
  if (few) return "few";
  if (kind === "neutral") return "neutral";
  if (chance) return "same";
  if (Math.abs(change) < (kind === "points" ? SAME_POINTS : SAME_PERCENT)) return "same";
  return change > 0 ? "worse" : "better";
}

/** A difference with sign, arrow and colour; what too few samples say is no verdict. @param {number | null | undefined} change @param {Weights} [weights] */
export function changeNode(change, { kind = "less", few = false, chance = false } = {}) {
  const says = verdict(change, { kind, few, chance });
  if (says === "none" || change === null || change === undefined) return element("span", { class: "change muted" });
  const text = signed(change, kind === "points" ? "pp" : "%");
  if (says === "few") return element("span", { class: "change", "data-verdict": says, title: `${text}, but too few samples to say` }, "too few");
  const arrow = says === "worse" || says === "better" ? (change > 0 ? "▲ " : "▼ ") : "";
  return element("span", { class: "change", "data-verdict": says, title: chance ? "no more than chance makes" : words[says] || null },
    arrow && element("span", { "aria-hidden": "true" }, arrow), text, words[says] && element("span", { class: "off-screen" }, ` ${words[says]}`));
}
