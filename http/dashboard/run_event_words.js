// What the events of a run are called, and which ones a chart shows.
import { shortCount, timeOfDay } from "./format.js";
import { stateOf } from "./run_state.js";

const words = { started: "started", worker_joined: "worker joined", worker_lost: "worker lost", finished: "ended", broker_away: "broker away", reopened: "goes on", threshold: "threshold" };
const bad = new Set(["worker_lost", "broker_away", "threshold"]);
const JOINED_APART_S = 3;

export const eventWord = (event) => words[event] ?? event.replaceAll("_", " ");
export const eventTone = (event) => (bad.has(event) ? "bad" : "plain");

/** What is said beside the word. */
export function eventText({ event, detail }) {
  const about = detail ?? {};
  if (event === "finished") return about.state ? stateOf(about.state).word : "";
  if (event === "broker_away" && about.from && about.to) return `${timeOfDay(new Date(about.from))} to ${timeOfDay(new Date(about.to))}`;
  if (about.worker_id !== undefined) return String(about.worker_id);
  return Object.entries(about).map(([key, value]) => `${key} ${typeof value === "object" ? JSON.stringify(value) : value}`).join(", ");
}

/** Workers that join together are one mark. @returns {import("./chart_marks.js").Mark[]} */
export function chartMarks(events, startedMs) {
  const marks = [];
  let joined = null;
  for (const event of [...events].sort((a, b) => (a.time < b.time ? -1 : 1))) {
    const x = (Date.parse(event.time) - startedMs) / 1000;
    if (event.event === "started") continue;
    if (event.event === "worker_joined") {
      if (joined && x - joined.last <= JOINED_APART_S) {
        joined.many += 1;
        joined.last = x;
        joined.mark.text = `${shortCount(joined.many)} workers joined`;
      } else {
        joined = { many: 1, last: x, mark: { x, text: `worker joined: ${eventText(event)}`, tone: "plain" } };
        marks.push(joined.mark);
      }
      continue;
    }
    const about = eventText(event);
    marks.push({ x, text: eventWord(event.event) + (about && `: ${about}`), tone: eventTone(event.event) });
  }
  return marks;
}
