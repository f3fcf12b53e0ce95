import { element, fill } from "./element.js";
import { icon } from "./icons.js";

const SHOWN_MS = 5000;
const region = element("div", { class: "announcements", role: "status" });
let timer = 0;

export const announcementRegion = region;

/** Says what became of an action, to eyes and screen readers. */
export function announce(text, tone = "good") {
  clearTimeout(timer);
  fill(region, element("p", { class: "announcement", "data-tone": tone }, icon(tone === "good" ? "finished" : "warning"), text));
  timer = setTimeout(() => fill(region), SHOWN_MS);
}
