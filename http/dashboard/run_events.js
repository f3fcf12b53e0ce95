import { isAbort, request, runPath } from "./api.js";
import { createBlock } from "./block.js";
import { element, fill } from "./element.js";
import { plural } from "./format.js";
import { eventText, eventTone, eventWord } from "./run_event_words.js";
import { timeElement } from "./time_element.js";

const MOST = 1000;
const own = new Set(["type", "run_id", "number", "seq", "time", "event"]);

/** The list of events, which the charts also show as marks. @param {import("./run_page.js").View} view */
export function createEvents(view) {
  let events = [];
  const list = element("div", { class: "event-list", role: "group", tabindex: "0", "aria-label": "Events, the latest first" });
  const block = createBlock({ id: "events", title: "Events", body: [list] });

  function draw() {
    block.setAside(plural(events.length, "event"));
    fill(list, events.length === 0 && element("p", { class: "muted" }, "No events."), events.map((event) => element("div", { class: "event", "data-tone": eventTone(event.event) },
      timeElement(event.time, { seconds: true }), element("span", { class: "event-word" }, eventWord(event.event)), element("span", {}, element("bdi", {}, eventText(event))))));
    view.tell("onEvents", events);
  }

  async function load() {
    try {
      const answer = await request(runPath(view.id, "events"), { query: { order: "desc", limit: MOST }, signal: view.signal });
      events = answer.events;
      block.setProblem(null);
      draw();
    } catch (error) {
      if (!isAbort(error)) block.setProblem(error, load);
    }
  }
  load();

  return {
    node: block.node,
    onEvent(message) {
      const rest = Object.entries(message).filter(([key]) => !own.has(key));
      if (events.some(({ time, event }) => time === message.time && event === message.event)) return;
      events = [{ time: message.time, event: message.event, detail: rest.length ? Object.fromEntries(rest) : null }, ...events].slice(0, MOST);
      draw();
    },
    onReconnect: load,
    onEnd: load,
  };
}
