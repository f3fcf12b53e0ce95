import { element, fill, setText } from "./element.js";
import { clock, plural } from "./format.js";
import { icon } from "./icons.js";
import { placeLinks, tagList } from "./run_marks.js";
import { runTitle, stateBadge, stateOf } from "./run_state.js";
import { timeElement } from "./time_element.js";

const sources = { loads: "loads", k6: "k6", jtl: "JMeter", http: "HTTP", import: "imported file" };

/** @param {import("./run_page.js").View} view */
export function createHeader(view, actions) {
  const notice = element("div", { role: "status", class: "notice-slot" });
  const title = element("h1", { tabindex: "-1" });
  const state = element("span", { class: "run-state" });
  const elapsed = element("dd", { class: "elapsed" });
  const workers = element("dd", {});
  const facts = element("dl", { class: "facts" });
  const tags = element("div", { class: "run-tags" });
  const note = element("p", { class: "note", hidden: true });
  const node = element("div", {}, notice, element("header", { class: "run-head" },
    element("div", { class: "run-title-row" }, title, state, actions), facts, tags, note));
  let shownState = "";

  function onRun(run) {
    setText(title, runTitle(run));
    title.dir = "auto";
    title.title = runTitle(run);
    if (shownState !== run.state + run.result) fill(state, stateBadge(run.state, run.result));
    shownState = run.state + run.result;
    setText(elapsed, clock(run.elapsed_s));
    setText(workers, plural(run.workers, "worker"));
    fill(facts, factList(run, elapsed, workers));
    fill(tags, run.baseline && element("span", { class: "verdict", "data-tone": "good" }, icon("baseline"), "Baseline"), tagList(run.tags));
    tags.hidden = tags.childElementCount === 0;
    note.hidden = !run.note;
    fill(note, icon("note"), element("span", { dir: "auto" }, run.note));
  }

  return {
    node, onRun,
    onSummary(summary) {
      setText(elapsed, clock(summary.elapsed_s));
      setText(workers, `${summary.workers.active} of ${plural(summary.workers.total, "worker")} active`);
    },
    onEnd() {
      const { word, tone } = stateOf(view.run.state);
      const box = element("div", { class: "notice", "data-tone": tone }, icon(tone === "good" ? "finished" : "warning"),
        element("span", {}, `The run has ended: ${word}. These are its final figures.`),
        element("button", { type: "button", class: "button quiet", "aria-label": "Close this message", onClick: () => fill(notice) }, icon("close")));
      fill(notice, box);
    },
    onEvent(event) {
      if (event.event === "reopened") fill(notice);
    },
  };
}

function factList(run, elapsed, workers) {
  const fact = (name, ...content) => element("div", { class: "fact" }, element("dt", {}, name), content);
  const dd = (...content) => element("dd", {}, content);
  return [
    fact("Run", dd(`#${run.number}`, run.name && [" ", element("bdi", { class: "muted" }, run.run_id)])),
    fact("Elapsed", elapsed),
    fact("Started", dd(timeElement(run.started))),
    (run.project || run.scenario) && fact("Scenario", dd(placeLinks(run))),
    element("div", { class: "fact" }, element("dt", { class: "off-screen" }, "Workers"), workers),
    fact("Source", dd(sources[run.source] ?? run.source)),
  ];
}
