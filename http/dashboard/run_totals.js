import { request, runPath } from "./api.js";
import { createBlock, pairs } from "./block.js";
import { element, fill, setAttribute, setText } from "./element.js";
import { bytes, count, share, sum } from "./format.js";

const MOST_CODES = 14;
const MOST_COUNTERS = 200;

const classOf = (status) => (status === "0" ? "no response" : `${status[0]}xx`);

/** @param {import("./run_page.js").View} view */
export function createStatusCodes(view) {
  const bars = element("div", { class: "bars" });
  const block = createBlock({ id: "status", title: "Status codes", body: [bars] });
  /** @type {Map<string, ReturnType<typeof barRow>>} */
  let rows = new Map();
  let ofLabel = null;

  function draw() {
    const counts = view.label === null ? (view.summary ?? view.run).status : ofLabel;
    if (!counts) return;
    const total = sum(counts);
    const codes = Object.entries(counts).filter(([, many]) => many > 0).sort(([, a], [, b]) => b - a).slice(0, MOST_CODES);
    const next = new Map(codes.map(([code, many]) => {
      const row = rows.get(code) ?? barRow(code);
      row.update(many, total);
      return [code, row];
    }));
    const same = next.size === rows.size && [...next.keys()].join() === [...rows.keys()].join();
    rows = next;
    if (!same || next.size === 0) fill(bars, next.size ? [...rows.values()].map((row) => row.node) : element("p", { class: "muted" }, "No hits yet."));
  }

  // Only while a label is chosen: its codes are in the list of labels.
  async function loadLabel() {
    const { label } = view;
    if (label === null) return;
    const answer = await request(runPath(view.id, "labels"), { query: { label }, signal: view.signal }).catch(() => null);
    if (!answer || label !== view.label) return;
    ofLabel = answer.labels[0]?.status ?? {};
    draw();
  }
  loadLabel();

  return {
    node: block.node, onRun: draw, onSummary: draw,
    onLabel() {
      ofLabel = null;
      if (view.label === null) draw();
      else loadLabel();
    },
    onLabelInterval: loadLabel,
  };
}

function barRow(code) {
  const value = element("span", { class: "bar-value" });
  const bar = element("span", { class: "bar-fill" });
  const group = classOf(code);
  const node = element("div", { class: "bar-row", "data-class": group }, element("span", {}, code === "0" ? "none" : code, " ", element("span", { class: "bar-class" }, group)),
    element("span", { class: "bar-track", "aria-hidden": "true" }, bar), value);
  return {
    node,
    update(many, total) {
      setText(value, `${count(many)} · ${share(many / total)}`);
      bar.style.width = `${(100 * many) / total}%`;
    },
  };
}

/** Counters, methods, sockets: what is small. @param {import("./run_page.js").View} view */
export function createTotals(view) {
  const parts = Object.fromEntries([["counters", "Counters"], ["method", "Methods"], ["sockets", "Sockets"]].map(([key, title]) => {
    const body = element("div", {});
    return [key, { body, block: createBlock({ id: key, title, body: [body] }), shown: "" }];
  }));
  const node = element("div", { class: "grid-3" }, Object.values(parts).map(({ block }) => block.node));

  function draw() {
    const from = view.summary ?? view.run;
    const bySize = (counts) => Object.entries(counts).sort(([, a], [, b]) => b - a);
    const counters = bySize(from.counters);
    show(parts.counters, counters.length && [...counters.slice(0, MOST_COUNTERS).map(([name, many]) => [name, count(many)]), counters.length > MOST_COUNTERS && ["…", `${count(counters.length - MOST_COUNTERS)} more`]].filter(Boolean), "No counters were sent.");
    show(parts.method, bySize(from.method).map(([name, many]) => [name || "(none)", count(many)]), "No hits yet.");
    const { opened, closed, open, messages, bytes_received: received } = from.sockets;
    show(parts.sockets, opened || messages ? [["Opened", count(opened)], ["Closed", count(closed)], ["Open", count(open)], ["Messages", count(messages)], ["Received", bytes(received)]] : [], "No sockets were used.");
  }
  return { node, onRun: draw, onSummary: draw };
}

function show(part, rows, otherwise) {
  const made = JSON.stringify(rows || []);
  if (part.shown === made) return;
  const values = part.body.querySelectorAll("dd");
  const sameNames = rows && rows.length > 0 && rows.length === values.length && rows.every(([name], at) => part.names?.[at] === name);
  part.shown = made;
  part.names = rows ? rows.map(([name]) => name) : [];
  if (sameNames) rows.forEach(([, value], at) => setText(values[at], value));
  else fill(part.body, rows && rows.length ? pairs(rows) : element("p", { class: "muted" }, otherwise));
  setAttribute(part.body, "data-empty", rows && rows.length ? null : "");
}
