import { request, runPath } from "./api.js";
import { createBlock } from "./block.js";
import { element, fill, setAttribute, setText } from "./element.js";
import { BAD_SHARE, bytes, count, durationCell, plural, rate, share } from "./format.js";
import { keepFresh } from "./keep_fresh.js";
import { labelText } from "./label_text.js";
import { createPagedTable } from "./paged_table.js";

const REFRESH_S = 3;

/** @param {import("./run_page.js").View} view */
export function createLabels(view) {
  let rows = [];
  const paged = createPagedTable({
    name: "labels", caption: "Labels", class: "labels-table", search: "Search labels", sort: "count", order: "desc", pageSize: 25,
    rowKey: (row) => row.label, columns: columns(view), empty: "No hits yet.", signal: view.signal, decorate,
    async load({ signal, ...query }) {
      const answer = await request(runPath(view.id, "labels"), { query, signal });
      rows = answer.labels;
      if (!query.q) block.setAside(plural(answer.total, "label"));
      return { rows, total: answer.total };
    },
  });
  const block = createBlock({ id: "labels", title: "Labels", tools: [paged.tools], body: [paged.node] });
  const fresh = keepFresh(block.node, { seconds: REFRESH_S, isLive: () => view.live, load: paged.refresh, signal: view.signal });

  function decorate(tr, row) {
    setAttribute(tr, "data-chosen", row.label === view.label ? "" : null);
    const button = tr.querySelector(".label-button");
    if (button) setAttribute(button, "aria-pressed", String(row.label === view.label));
  }

  return {
    node: block.node,
    onLabel: () => paged.table.update(rows, { hold: true }),
    onEnd: () => fresh.stale({ quiet: true }),
    onReconnect: () => fresh.stale({ quiet: true }),
  };
}

/** @returns {import("./data_table.js").Column[]} */
function columns(view) {
  /** @returns {import("./data_table.js").Column} */
  const ms = (key) => ({ key, title: key === "p999" ? "p99.9" : key, width: "4.9rem", class: "num", sort: "desc", text: (row) => durationCell(row.response_ms[key]) });
  const figures = ["mean", "p50", "p90", "p95", "p99", "p999", "max"].map(ms);
  for (const at of [0, 5]) figures[at].class = "num minor";
  for (const at of [2, 6]) figures[at].class = "num lesser";
  figures[0].title = "mean ms";
  figures[0].width = "6rem";
  return [
    { key: "label", title: "Label", class: "text", sort: "asc", header: true, render: (cell, row) => labelCell(cell, row, view) },
    { key: "count", title: "Hits", width: "6.6rem", class: "num", sort: "desc", text: (row) => count(row.count) },
    { key: "rate", title: "Hits/s", width: "5rem", class: "num lesser", text: (row) => rate(row.per_s) },
    { key: "failed", title: "Failed", width: "5.2rem", class: "num minor", sort: "desc", render: (cell, row) => failedCell(cell, row, count(row.failed)) },
    { key: "failed_share", title: "Failed %", width: "5.6rem", class: "num", sort: "desc", render: (cell, row) => failedCell(cell, row, share(row.count ? row.failed / row.count : null)) },
    ...figures,
    { key: "bytes_received", title: "Received", width: "5.6rem", class: "num minor", sort: "desc", text: (row) => bytes(row.bytes_received) },
  ];
}

function labelCell(cell, row, view) {
  if (!cell.firstChild) {
    cell.append(element("button", { type: "button", class: "label-button", onClick: () => view.choose(view.label === cell.label ? null : cell.label) }, element("bdi", {})));
  }
  if (cell.label === row.label) return;
  cell.label = row.label;
  fill(cell.firstChild.firstChild, labelText(row.label));
  cell.firstChild.title = row.name ? `${row.label}\n${row.method} ${row.url}` : row.label;
}

function failedCell(cell, row, text) {
  setText(cell, text);
  cell.toggleAttribute("data-bad", row.count > 0 && row.failed / row.count >= BAD_SHARE);
  cell.toggleAttribute("data-zero", row.failed === 0);
}
