import { request, runPath } from "./api.js";
import { createBlock } from "./block.js";
import { setText } from "./element.js";
import { count, plural } from "./format.js";
import { keepFresh } from "./keep_fresh.js";
import { createPagedTable } from "./paged_table.js";
import { setTime } from "./time_element.js";

const REFRESH_S = 5;

/** @param {import("./run_page.js").View} view */
export function createWorkers(view) {
  const paged = createPagedTable({
    name: "workers", caption: "Workers", search: "Search workers", sort: "worker_id", order: "asc", pageSize: 10, rowKey: (row) => `${row.region}\n${row.worker_id}`, class: "narrow-table",
    columns, empty: "No worker is known.", signal: view.signal,
    async load({ signal, ...query }) {
      const { workers, total } = await request(runPath(view.id, "workers"), { query, signal });
      if (!query.q) block.setAside(plural(total, "worker"));
      return { rows: workers, total };
    },
  });
  const block = createBlock({ id: "workers", title: "Workers", tools: [paged.tools], body: [paged.node] });
  const fresh = keepFresh(block.node, { seconds: REFRESH_S, isLive: () => view.live, load: paged.refresh, signal: view.signal });
  return { node: block.node, onEnd: () => fresh.stale({ quiet: true }), onReconnect: () => fresh.stale({ quiet: true }) };
}

/** @returns {import("./data_table.js").Column} */
const counted = (key, title, warns) => ({
  key, title, width: { messages: "6.8rem", duplicate: "6.2rem" }[key] ?? "5.2rem", class: "num", sort: "desc",
  render: (cell, row) => {
    setText(cell, count(row[key]));
    cell.toggleAttribute("data-bad", warns && row[key] > 0);
    cell.toggleAttribute("data-zero", row[key] === 0);
  },
});

/** @type {import("./data_table.js").Column[]} */
const columns = [
  { key: "worker_id", title: "Worker", class: "text", sort: "asc", header: true, render: (cell, row) => {
    cell.dir = "auto";
    setText(cell, row.region ? `${row.worker_id} (${row.region})` : row.worker_id);
    cell.title = row.worker_id;
  } },
  counted("messages", "Messages", false), counted("missing", "Missing", true), counted("duplicate", "Duplicate", false), counted("late", "Late", false),
  { key: "last", title: "Last heard", width: "6.4rem", class: "num", sort: "desc", render: (cell, row) => {
    if (!cell.firstChild) cell.append(document.createElement("time"));
    setTime(cell.firstChild, row.last, { seconds: true });
  } },
];
