import { isAbort, request, runPath } from "./api.js";
import { createBlock, pairs } from "./block.js";
import { element, fill } from "./element.js";
import { bytes, clock, count, plural, shortDuration, sum } from "./format.js";
import { icon } from "./icons.js";
import { keepFresh } from "./keep_fresh.js";
import { timeElement } from "./time_element.js";

const REFRESH_S = 10;
const warnIf = (value) => (value > 0 ? "warn" : null);
const badIf = (value) => (value > 0 ? "bad" : null);

/** Whether the figures can be trusted: what was refused, late, lost; and how the broker is. @param {import("./run_page.js").View} view */
export function createHealth(view) {
  const verdict = element("span", { class: "verdict" });
  const ofRun = element("div", {});
  const refused = element("div", {});
  const received = element("div", {});
  const kept = element("div", {});
  const block = createBlock({ id: "health", title: "Ingest health", tools: [verdict], body: [
    element("div", { class: "health" }, group("This run", ofRun), group("Refused of this run", refused), group("Broker, since it started", received), group("Journal and store", kept))] });
  let rejects = { rejects: {}, samples: [] };
  let broker = null;

  function drawRun() {
    const from = { ...view.run, ...view.summary };
    const rejected = sum(rejects.rejects);
    fill(ofRun, pairs([
      ["Refused messages", count(rejected), badIf(rejected)],
      ["Missing by sequence number", count(from.missing), badIf(from.missing)],
      ["Seen twice, counted once", count(from.duplicate)],
      ["Late, counted all the same", count(from.late), warnIf(from.late)],
      ["Time not believable", count(from.skewed), warnIf(from.skewed)],
      ["Duration out of range", count(from.clamped), warnIf(from.clamped)],
      ["Single hits not kept, but counted", count(view.run.hits_not_kept)],
    ]));
    drawVerdict(from, rejected);
  }

  function drawVerdict(from, rejected) {
    const dropped = (broker?.store?.rows_dropped ?? 0) + (broker?.journal?.not_journaled ?? 0);
    const journalBad = broker?.journal && broker.journal.state !== "ok";
    const storeBad = (broker?.store?.write_errors ?? 0) > 0 || (broker?.store?.sync_failed ?? 0) > 0;
    const lost = [rejected && `${count(rejected)} refused`, from.missing && `${count(from.missing)} missing`, dropped && `${count(dropped)} dropped by the broker`, journalBad && `journal: ${broker.journal.state}`, storeBad && "errors while storing"].filter(Boolean);
    const odd = [from.late && `${count(from.late)} late`, from.skewed && `${count(from.skewed)} with an odd time`].filter(Boolean);
    verdict.dataset.tone = lost.length ? "bad" : odd.length ? "warn" : "good";
    fill(verdict, icon(lost.length || odd.length ? "warning" : "finished"), [...lost, ...odd].join(", ") || "Nothing was refused, lost or late");
  }

  async function load() {
    try {
      rejects = await request(runPath(view.id, "rejects"), { signal: view.signal });
      block.setProblem(null);
      const open = refused.querySelector("details")?.open;
      fill(refused, refusedRows(rejects, open));
      drawRun();
    } catch (error) {
      if (!isAbort(error)) block.setProblem(error, load);
    }
  }

  const fresh = keepFresh(block.node, { seconds: REFRESH_S, isLive: () => view.live, load, signal: view.signal });
  return {
    node: block.node, onRun: drawRun, onSummary: drawRun, onEnd: () => fresh.stale(), onReconnect: () => fresh.stale(),
    onBroker(message) {
      broker = message;
      fill(received, pairs(receivedRows(message)));
      fill(kept, pairs(keptRows(message)));
      drawRun();
    },
  };
}

function group(title, body) {
  return element("section", {}, element("h3", { class: "pairs-title" }, title), body);
}

function refusedRows({ rejects, samples }, open) {
  const reasons = Object.entries(rejects).sort(([, a], [, b]) => b - a);
  if (reasons.length === 0) return element("p", { class: "muted" }, "None.");
  return [
    pairs(reasons.map(([reason, many]) => [reason.replaceAll("_", " "), count(many), "bad"])),
    samples.length > 0 && element("details", { open: Boolean(open) }, element("summary", {}, plural(samples.length, "sample")), samples.slice(0, 20).map((sample) => [
      element("p", { class: "muted" }, timeElement(sample.time, { seconds: true }), " ", element("bdi", {}, `${sample.reason}: ${sample.detail}`)),
      element("pre", { class: "sample-text" }, sample.sample)])),
  ];
}

/** @typedef {[name: any, value: any, tone?: string | null]} Row */

/** @returns {Row[]} */
function receivedRows(broker) {
  const { total = 0, ...reasons } = broker.rejected ?? {};
  const worst = Object.entries(reasons).filter(([, many]) => many > 0).sort(([, a], [, b]) => b - a);
  return [
    ["Frames received", count(broker.received?.frames)],
    ["Bytes received", bytes(broker.received?.bytes)],
    ["Messages decoded", count(broker.decoded)],
    ["Refused", count(total), badIf(total)],
    ...worst.slice(0, 4).map(/** @returns {Row} */ ([reason, many]) => [`· ${reason.replaceAll("_", " ")}`, count(many)]),
    ["Late", count(broker.late), warnIf(broker.late)],
    ["Missing", count(broker.missing), badIf(broker.missing)],
    ["Connections open", count(broker.connections?.open)],
    ["Up", clock(broker.uptime_s)],
    ["Memory", bytes(broker.memory_bytes)],
  ];
}

/** @returns {Row[]} */
function journalRows(journal) {
  return [
    ["Journal, last sync", shortDuration(journal.last_sync_ms)],
    ["Journal, waiting", bytes(journal.queue_bytes)],
    ["Frames without room in it", count(journal.not_journaled), badIf(journal.not_journaled)],
  ];
}

/** @returns {Row[]} */
function keptRows({ journal, store }) {
  return [
    ["Journal", journal ? journal.state.replaceAll("_", " ") : "not used", journal && journal.state !== "ok" ? "bad" : null],
    ...(journal ? journalRows(journal) : []),
    ["Store, rows waiting", count(store?.queue_rows)],
    ["Store, rows dropped", count(store?.rows_dropped), badIf(store?.rows_dropped)],
    ["Store, write errors", count(store?.write_errors), badIf(store?.write_errors)],
    ["Store, last write", shortDuration(store?.last_write_ms)],
    ["Store, size", bytes(store?.file_bytes)],
  ];
}
