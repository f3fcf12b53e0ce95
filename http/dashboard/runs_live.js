import { request } from "./api.js";
import { element, replaceKeepingFocus, setText } from "./element.js";
import { BAD_SHARE, clock, count, durationParts, failedShare, lastSeconds, plural, rate, share } from "./format.js";
import { createTickFilter, steadyTicks } from "./live_ticks.js";
import { runHref } from "./router.js";
import { passes } from "./runs_filters.js";
import { placeLinks, runMarks, tagList } from "./run_marks.js";
import { liveStates, runTitle, stateBadge } from "./run_state.js";
import { createSparkline } from "./sparkline.js";

const SPARK_POINTS = 120;

/** The runs that go on, one row each, with the figures of the last tick. */
export function createLiveRuns({ selection, filters, signal, onEnded }) {
  /** @type {Map<string, ReturnType<typeof createCard>>} */
  const cards = new Map();
  const list = element("div", { class: "live-list" });
  const head = element("span", { class: "muted" });
  const hidden = element("p", { class: "muted" });
  const node = element("section", { "aria-labelledby": "live-title", hidden: true },
    element("div", { class: "section-head" }, element("h2", { id: "live-title" }, "Live"), head), list, hidden);
  let recent = {};
  let asking = null;

  // The feed has no names: the list of runs has.
  async function learn(ids) {
    if (ids.every((id) => cards.has(id))) return;
    asking ??= request("/api/runs", { query: { state: liveStates.join(","), limit: 500 }, signal }).catch(() => null);
    const answer = await asking;
    asking = null;
    for (const run of answer?.runs ?? []) {
      if (ids.includes(run.run_id) && !cards.has(run.run_id)) cards.set(run.run_id, createCard(run, ratesOf(recent[run.run_id]), { selection, filters }));
    }
  }

  function showFiltered() {
    const chosen = filters.asQuery();
    const sorted = [...cards.values()].sort((a, b) => b.run.number - a.run.number);
    for (const card of sorted) card.node.hidden = !passes(card.run, chosen);
    const nodes = sorted.map((card) => card.node);
    replaceKeepingFocus(list, nodes);
    const out = nodes.filter((one) => one.hidden).length;
    setText(hidden, out ? `${plural(out, "live run")} not shown by the filters.` : "");
    setText(head, plural(cards.size, "run"));
    node.hidden = cards.size === 0;
  }

  async function take(message) {
    const ongoing = message.runs.filter((run) => !run.final);
    await learn(ongoing.map((run) => run.run_id));
    const there = new Set(ongoing.map((run) => run.run_id));
    const ended = [...cards.keys()].filter((id) => !there.has(id));
    for (const id of ended) cards.delete(id);
    for (const run of ongoing) cards.get(run.run_id)?.update(run);
    showFiltered();
    if (ended.length) onEnded();
  }

  return {
    node, showFiltered, take,
    count: () => cards.size,
    takeSnapshot(snapshot) {
      recent = snapshot.recent ?? {};
      for (const [id, card] of cards) card.setRecent(ratesOf(recent[id]));
      const latest = snapshot.messages.findLast((message) => message.type === "runs");
      return latest && take(latest);
    },
  };
}

const ratesOf = (recent) => (recent ? steadyTicks(recent).map(({ at }) => recent.per_s[at]) : []);

function createCard(run, recent, { selection, filters }) {
  let values = recent.slice(-SPARK_POINTS);
  const filter = createTickFilter();
  const spark = createSparkline();
  const elapsed = element("span", { class: "live-elapsed" });
  const figures = Object.fromEntries(["rate", "p95", "failed", "users", "hits"].map((key) => [key, cardFigure(key)]));
  const node = element("article", { class: "live-card panel" },
    element("div", { class: "live-what" },
      element("div", { class: "live-name" }, selection.box(run), element("a", { href: runHref(run.run_id), class: "run-link" }, element("bdi", {}, runTitle(run))), element("span", { class: "muted run-number" }, `#${run.number}`), runMarks(run)),
      element("div", { class: "live-where" }, stateBadge(run.state), elapsed, placeLinks(run)),
      tagList(run.tags, filters.addTag)),
    element("div", { class: "live-spark" }, spark.node),
    element("dl", { class: "live-figures" }, Object.values(figures).map((figure) => figure.node)));

  function draw(message) {
    const basis = lastSeconds(message.last_s.seconds);
    const p95 = durationParts(message.last_s.p95_ms);
    setText(elapsed, clock(message.elapsed_s));
    figures.rate.set(rate(message.last_s.per_s), "/s", basis);
    figures.p95.set(p95.value, p95.unit, basis);
    figures.failed.set(share(failedShare(message.hits)), "", "whole run");
    figures.failed.node.toggleAttribute("data-bad", (failedShare(message.hits) ?? 0) >= BAD_SHARE);
    figures.users.set(count(message.users), "", "now");
    figures.hits.set(count(message.hits.count), "", "whole run");
  }

  spark.update(values, SPARK_POINTS);
  return {
    run, node,
    update(message) {
      if (filter.takes(message.last_s.seconds)) values = [...values, message.last_s.per_s ?? 0].slice(-SPARK_POINTS);
      spark.update(values, SPARK_POINTS);
      draw(message);
    },
    setRecent(next) { values = next.slice(-SPARK_POINTS); },
  };
}

const captions = { rate: "Rate", p95: "p95", failed: "Failed", users: "Users", hits: "Hits" };

function cardFigure(key) {
  const value = element("span", { class: "value" }, "–");
  const unit = element("span", { class: "unit" });
  const basis = element("span", { class: "basis" });
  return {
    node: element("div", { class: `card-figure ${key}` }, element("dt", {}, captions[key]), element("dd", {}, value, unit, basis)),
    set(text, unitText, basisText) {
      setText(value, text);
      setText(unit, unitText && ` ${unitText}`);
      setText(basis, basisText);
    },
  };
}
