import { isAbort, request } from "./api.js";
import { createDataTable } from "./data_table.js";
import { element, fill, setText } from "./element.js";
import { BAD_SHARE, clock, count, durationCell, failedShare, rate, share } from "./format.js";
import { icon } from "./icons.js";
import { problemLine } from "./problem.js";
import { query, runHref, setQuery } from "./router.js";
import { placeLinks, runMarks, tagList } from "./run_marks.js";
import { endedStates, runTitle, stateBadge } from "./run_state.js";
import { timeElement } from "./time_element.js";

const PAGE = 25;

export function createRunsTable({ selection, filters, signal }) {
  let loading = null;
  let nextBefore = null;
  const table = createDataTable({ caption: "Ended runs", class: "runs-table", rowKey: (run) => run.run_id, columns: columns(selection, filters) });
  const problem = element("div", {});
  const text = element("span", { class: "pager-text" });
  const newest = element("button", { type: "button", class: "button small", onClick: () => goTo(null) }, icon("left"), "Newest");
  const older = element("button", { type: "button", class: "button small", onClick: () => nextBefore && goTo(nextBefore) }, "Older", icon("right"));
  const pager = element("div", { class: "pager" }, text, newest, older);

  function goTo(before) {
    setQuery({ before }, { push: true });
    refresh();
    table.node.scrollIntoView({ block: "nearest" });
  }

  /** @returns {Promise<number | null>} how many runs there are in all; null: not known */
  async function refresh({ quiet = false } = {}) {
    loading?.abort();
    loading = new AbortController();
    if (!quiet) table.table.setAttribute("aria-busy", "true");
    try {
      const chosen = filters.asQuery();
      const answer = await request("/api/runs", {
        query: { ...chosen, state: chosen.state ?? endedStates.join(","), limit: PAGE, before: query().get("before") },
        signal: AbortSignal.any([signal, loading.signal]),
      });
      fill(problem);
      nextBefore = answer.next_before;
      if (answer.runs.length) table.update(answer.runs, { hold: quiet && table.isHeld() });
      else table.showMessage(filters.active() ? "No run passes the filters." : "No run has ended yet.");
      newest.disabled = !query().has("before");
      older.disabled = nextBefore === null;
      pager.toggleAttribute("data-single", newest.disabled && older.disabled);
      setText(text, answer.runs.length > 1 && !(newest.disabled && older.disabled) ? `#${answer.runs[0].number} to #${answer.runs.at(-1).number}` : "");
      table.table.removeAttribute("aria-busy");
      return answer.total;
    } catch (error) {
      if (!isAbort(error)) {
        fill(problem, problemLine(error, () => refresh()));
        table.table.removeAttribute("aria-busy");
      }
      return null;
    }
  }

  return { node: element("div", {}, problem, table.node, pager), refresh, older: () => nextBefore && goTo(nextBefore), newest: () => query().has("before") && goTo(null) };
}

/** Cells of runs change seldom: they are built anew when they do. */
function once(render) {
  return (cell, run) => {
    const made = JSON.stringify(run);
    if (cell.madeOf === made) return;
    cell.madeOf = made;
    fill(cell, render(run));
  };
}

function columns(selection, filters) {
  return [
    { key: "select", title: element("span", { class: "off-screen" }, "Select"), width: "2.4rem", class: "tight", render: once((run) => selection.box(run)) },
    { key: "number", title: "#", width: "3.4rem", class: "num muted lesser", text: (run) => String(run.number) },
    { key: "name", title: "Run", class: "text", width: "auto", header: true, render: once((run) => [
      element("div", { class: "run-cell" }, element("a", { class: "run-link", href: runHref(run.run_id) }, element("bdi", {}, runTitle(run))), runMarks(run)),
      element("div", { class: "run-under" }, element("span", { class: "muted on-phone" }, `#${run.number}`), placeLinks(run), tagList(run.tags, filters.addTag))]) },
    { key: "state", title: element("span", {}, "State"), width: "12.6rem", class: "text state-column", render: once((run) => stateBadge(run.state, run.result)) },
    { key: "started", title: "Started", width: "7.8rem", class: "text least", render: once((run) => timeElement(run.started)) },
    { key: "duration", title: "Duration", width: "5.4rem", class: "num lesser", text: (run) => clock(run.elapsed_s) },
    { key: "hits", title: "Hits", width: "6.8rem", class: "num lesser", text: (run) => count(run.hits.count) },
    { key: "rate", title: "Hits/s", width: "5rem", class: "num least", text: (run) => rate(run.hits.per_s) },
    { key: "p95", title: "p95 ms", width: "5.2rem", class: "num", text: (run) => durationCell(run.response_ms.p95) },
    { key: "failed", title: "Failed", width: "5.4rem", class: "num", render: (cell, run) => {
      setText(cell, share(failedShare(run.hits)));
      cell.toggleAttribute("data-bad", (failedShare(run.hits) ?? 0) >= BAD_SHARE);
    } },
  ];
}
