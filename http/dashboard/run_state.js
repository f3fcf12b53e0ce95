import { element } from "./element.js";
import { icon } from "./icons.js";

const states = {
  created: { word: "created", icon: "waiting", tone: "live" },
  validated: { word: "validated", icon: "waiting", tone: "live" },
  queued: { word: "queued", icon: "waiting", tone: "live" },
  initializing: { word: "starting", icon: "waiting", tone: "live" },
  running: { word: "running", icon: "running", tone: "live" },
  finished: { word: "finished", icon: "finished", tone: "good" },
  timed_out: { word: "timed out", icon: "timed_out", tone: "warn" },
  aborted_by_user: { word: "stopped by user", icon: "aborted", tone: "warn" },
  aborted_by_system: { word: "aborted by system", icon: "aborted", tone: "bad" },
  aborted_by_script_error: { word: "script error", icon: "aborted", tone: "bad" },
  aborted_by_threshold: { word: "threshold crossed", icon: "aborted", tone: "bad" },
  aborted_by_limit: { word: "limit reached", icon: "aborted", tone: "warn" },
  archived: { word: "archived", icon: "archived", tone: "muted" },
};

const unknown = (state) => ({ word: String(state), icon: "info", tone: "muted" });

export const stateOf = (state) => states[state] ?? unknown(state);
export const isLive = (state) => stateOf(state).tone === "live";
export const liveStates = Object.keys(states).filter(isLive);
export const endedStates = Object.keys(states).filter((state) => !isLive(state));

/** An icon and a word; `result` is that of the thresholds. */
export function stateBadge(state, result) {
  const { word, icon: name, tone } = stateOf(state);
  return element("span", { class: "state", "data-tone": result === "failed" ? "bad" : tone, "data-state": state },
    icon(name), element("span", {}, word),
    result && element("span", { class: "result", "data-result": result }, result));
}

/** What a run is called: its name, or its id. */
export const runTitle = (run) => run.name || run.run_id;
