import { request, runPath } from "./api.js";
import { createChoice } from "./choice.js";
import { element, setAttribute, setText } from "./element.js";
import { BAD_SHARE, count, durationParts, failedShare, lastSeconds, rate, share } from "./format.js";
import { query, setQuery } from "./router.js";

const ranks = ["p50", "p90", "p95", "p99"];
const LABEL_EVERY_MS = 3000;

/** The big figures: of the last seconds or of the whole run, and each says of which. @param {import("./run_page.js").View} view */
export function createFigures(view) {
  const cells = createCells();
  let basis = query().get("figures") ?? (view.live ? "last" : "whole");
  let labelRow = null;
  let labelLast = null;
  const choice = createChoice({ name: "Figures of", options: [["last", "Last seconds"], ["whole", "Whole run"]], value: basis, onChange: setBasis });
  const of = element("bdi", { class: "muted" });
  const node = element("section", { class: "figures panel", "aria-labelledby": "figures-title" },
    element("div", { class: "figures-head" }, element("h2", { id: "figures-title" }, "Figures"), of, element("span", { class: "push" }, choice.node)),
    element("dl", { class: "figure-list" }, Object.values(cells).map((cell) => cell.node)));

  function setBasis(next) {
    basis = next;
    choice.set(next);
    setQuery({ figures: next === (view.live ? "last" : "whole") ? null : next });
    draw();
  }

  function draw() {
    const last = basis === "last" && view.live;
    choice.node.hidden = !view.live;
    setText(of, view.label === null ? "" : `of ${view.label || "(empty label)"}`);
    const { whole, recent } = view.label === null ? figuresOfRun(view) : figuresOfLabel(labelRow, labelLast);
    drawCells(cells, { figures: last ? recent : whole, basis: last ? lastSeconds(recent?.seconds) : "whole run", last, total: whole?.count });
    cells.users.set(count(view.live ? view.summary?.users ?? null : view.run.users_max), "", view.live ? "now" : "at most", false);
  }

  async function loadLabel() {
    const { label } = view;
    if (label === null) return;
    const answer = await request(runPath(view.id, "labels"), { query: { label }, signal: view.signal }).catch(() => null);
    if (!answer || label !== view.label) return;
    labelRow = answer.labels[0] ?? null;
    draw();
  }

  const timer = setInterval(() => view.live && !document.hidden && loadLabel(), LABEL_EVERY_MS);
  view.signal.addEventListener("abort", () => clearInterval(timer));
  loadLabel();

  return {
    node, onSummary: draw, onRun: draw,
    onEnd() {
      loadLabel();
      draw();
    },
    onLabel() {
      labelRow = labelLast = null;
      draw();
      loadLabel();
    },
    /** The last interval of a label that is in the store. */
    onLabelInterval(point, step) {
      labelLast = point && { ...point, seconds: step };
      if (view.label !== null) draw();
    },
    onReconnect: loadLabel,
    switchBasis: () => view.live && setBasis(basis === "last" ? "whole" : "last"),
  };
}

const ofInterval = (interval) => interval && { ...interval, count: interval.hits, ms: interval.response_ms };

function figuresOfRun({ run, summary }) {
  const source = summary ?? run;
  return { whole: { ...source.hits, ms: source.response_ms }, recent: ofInterval(summary?.last_s) };
}

const figuresOfLabel = (row, last) => ({ whole: row && { ...row, ms: row.response_ms }, recent: ofInterval(last) });

function drawCells(cells, { figures, basis, last, total }) {
  cells.hits.set(count(total), "", last && figures ? `+${count(figures.count)} ${basis}` : "whole run", last);
  cells.rate.set(rate(figures?.per_s), "/s", basis, last);
  const failed = failedShare(figures);
  cells.failed.set(share(failed), "", figures ? `${count(figures.failed)} · ${basis}` : basis, last);
  setAttribute(cells.failed.node, "data-bad", (failed ?? 0) >= BAD_SHARE ? "" : null);
  for (const key of [...ranks, "max"]) {
    const { value, unit } = durationParts(figures?.ms?.[key]);
    cells[key].set(value, unit, basis, last);
  }
}

function createCells() {
  const captions = [["hits", "Hits"], ["rate", "Rate"], ["failed", "Failed"], ["users", "Users"], ...ranks.map((rank) => [rank, rank]), ["max", "Max"]];
  return Object.fromEntries(captions.map(([key, caption]) => [key, createCell(caption)]));
}

function createCell(caption) {
  const value = element("span", { class: "value" }, "–");
  const unit = element("span", { class: "unit" });
  const basis = element("span", { class: "basis" });
  return {
    node: element("div", { class: "live-figure" }, element("dt", {}, caption), element("dd", {}, value, unit, basis)),
    set(text, unitText, basisText, last) {
      setText(value, text);
      setText(unit, text === "–" ? "" : unitText);
      setText(basis, basisText);
      setAttribute(basis, "data-last", last ? "" : null);
    },
  };
}
