import { request, runPath } from "./api.js";
import { createBlock } from "./block.js";
import { count, durationCell, plural } from "./format.js";
import { keepFresh } from "./keep_fresh.js";
import { createPagedTable } from "./paged_table.js";

const REFRESH_S = 5;

/** @param {import("./run_page.js").View} view */
export function createTests(view) {
  const paged = createPagedTable({
    name: "tests", caption: "Tests", search: "Search tests", sort: "test", order: "asc", pageSize: 10, rowKey: (row) => row.test, class: "narrow-table",
    columns, empty: "The runners reported no tests.", signal: view.signal,
    async load({ signal, ...query }) {
      const { tests, total } = await request(runPath(view.id, "tests"), { query, signal });
      if (!query.q) block.setAside(total ? plural(total, "test") : "");
      return { rows: tests, total };
    },
  });
  const block = createBlock({ id: "tests", title: "Tests", tools: [paged.tools], body: [paged.node] });
  const fresh = keepFresh(block.node, { seconds: REFRESH_S, isLive: () => view.live, load: paged.refresh, signal: view.signal });
  return { node: block.node, onEnd: () => fresh.stale({ quiet: true }), onReconnect: () => fresh.stale({ quiet: true }) };
}

/** @returns {import("./data_table.js").Column} */
const counted = (key, title, tone) => ({
  key, title, width: "5rem", class: "num", sort: "desc",
  render: (cell, row) => {
    cell.textContent = count(row[key]);
    cell.toggleAttribute("data-bad", tone === "bad" && row[key] > 0);
    cell.toggleAttribute("data-zero", row[key] === 0);
  },
});

/** @type {import("./data_table.js").Column[]} */
const columns = [
  { key: "test", title: "Test", class: "text", sort: "asc", header: true, render: (cell, row) => {
    cell.dir = "auto";
    cell.textContent = row.test;
    cell.title = row.test;
  } },
  counted("finished", "Done"), counted("success", "Ok"), counted("failure", "Failed", "bad"), counted("error", "Broken", "bad"),
  { key: "mean", title: "mean ms", width: "5.6rem", class: "num", sort: "desc", text: (row) => durationCell(row.duration_ms.mean) },
  { key: "p95", title: "p95", width: "4.6rem", class: "num", sort: "desc", text: (row) => durationCell(row.duration_ms.p95) },
];
