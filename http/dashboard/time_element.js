import { element, setAttribute, setText } from "./element.js";
import { NONE, shortTime, timeOfDay, utc } from "./format.js";

/**
 * A time in the viewer's zone; UTC is in the title.
 * @param {string | null} text ISO 8601
 */
export function timeElement(text, { seconds = false } = {}) {
  const node = element("time", {});
  setTime(node, text, { seconds });
  return node;
}

export function setTime(node, text, { seconds = false } = {}) {
  setAttribute(node, "datetime", text);
  setAttribute(node, "title", text ? utc(text) : null);
  if (!text) return setText(node, NONE);
  const date = new Date(text);
  return setText(node, seconds ? timeOfDay(date) : shortTime(date));
}
