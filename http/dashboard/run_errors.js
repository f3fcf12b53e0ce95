import { isAbort, request, runPath } from "./api.js";
import { createBlock } from "./block.js";
import { element, fill, replaceKeepingFocus, setAttribute, setText } from "./element.js";
import { count, plural } from "./format.js";
import { keepFresh } from "./keep_fresh.js";
import { createPager, searchField } from "./paged_table.js";
import { query, setQuery } from "./router.js";
import { setTime, timeElement } from "./time_element.js";

const PAGE = 20;
const REFRESH_S = 4;
const DEBOUNCE_MS = 150;
const kinds = { failure: "failed test", error: "broken test", hit: "failed hit" };

/** What went wrong, the most frequent first; a click shows the traceback. @param {import("./run_page.js").View} view */
export function createErrors(view) {
  const params = query();
  const state = { q: params.get("errors.q") ?? "", kind: params.get("errors.kind") ?? "", page: Number(params.get("errors.page") ?? 1) || 1 };
  /** @type {Map<string, ReturnType<typeof createRow>>} */
  let rows = new Map();
  let latest = null;
  let debounce = 0;
  const list = element("div", { class: "error-list" });
  const pager = createPager((page) => change({ page }));
  const search = searchField("Search errors", state.q, (q) => {
    clearTimeout(debounce);
    debounce = setTimeout(() => change({ q, page: 1 }), DEBOUNCE_MS);
  });
  const kind = element("select", { class: "input", "aria-label": "Kind of error", onChange: () => change({ kind: kind.value, page: 1 }) },
    [["", "All kinds"], ...Object.entries(kinds)].map(([value, text]) => element("option", { value }, text)));
  kind.value = state.kind;
  const block = createBlock({ id: "errors", title: "Errors", tools: [search.node, kind], body: [list, pager.node] });

  function change(changes) {
    Object.assign(state, changes);
    setQuery({ "errors.q": state.q, "errors.kind": state.kind, "errors.page": state.page === 1 ? null : state.page });
    load();
  }

  async function load() {
    latest?.abort();
    const mine = latest = new AbortController();
    try {
      const { errors, total } = await request(runPath(view.id, "errors"), {
        query: { q: state.q, kind: state.kind, label: view.label, limit: PAGE, offset: (state.page - 1) * PAGE }, signal: AbortSignal.any([view.signal, mine.signal]),
      });
      block.setProblem(null);
      block.setAside(total ? plural(total, "different error") : "");
      draw(errors);
      pager.update(state.page, PAGE, total, errors.length);
      if (errors.length === 0) {
        const why = state.q || state.kind ? "No error passes the search." : view.label !== null ? "No errors of this label." : "No errors.";
        fill(list, element("p", { class: "muted empty-line" }, why));
      }
    } catch (error) {
      if (!isAbort(error)) block.setProblem(error, load);
    }
  }

  function draw(errors) {
    const next = new Map();
    for (const error of errors) {
      const key = JSON.stringify([error.kind, error.class, error.message, error.traceback]);
      const row = rows.get(key) ?? createRow(error);
      row.update(error);
      next.set(key, row);
    }
    rows = next;
    replaceKeepingFocus(list, [...rows.values()].map((row) => row.node));
  }

  const fresh = keepFresh(block.node, { seconds: REFRESH_S, isLive: () => view.live, load, signal: view.signal });
  return { node: block.node, onLabel: () => { state.page = 1; fresh.stale(); }, onEnd: () => fresh.stale(), onReconnect: () => fresh.stale() };
}

function createRow(error) {
  const many = element("span", { class: "error-count" });
  const last = timeElement(error.last, { seconds: true });
  const body = element("div", { class: "error-body", hidden: true });
  const head = element("button", { type: "button", class: "error-head", "aria-expanded": "false", onClick: toggle }, many,
    element("span", { class: "error-message" }, error.class && [element("bdi", { class: "error-class" }, error.class), " "], element("bdi", {}, error.message || "(no message)")),
    element("span", { class: "error-meta" }, kinds[error.kind] ?? error.kind, " · last ", last));

  function toggle() {
    body.hidden = !body.hidden;
    setAttribute(head, "aria-expanded", String(!body.hidden));
  }

  fill(body, element("p", {}, element("bdi", { class: "error-class" }, error.class), " ", element("bdi", {}, error.message)),
    element("p", { class: "muted" }, "First ", timeElement(error.first, { seconds: true }),
      error.test && [" · test ", element("bdi", {}, error.test)], error.label !== null && [" · label ", element("bdi", {}, error.label)]),
    error.traceback ? element("pre", { tabindex: "0", "aria-label": "Traceback" }, error.traceback) : element("p", { class: "muted" }, "No traceback was sent."));
  return {
    node: element("div", { class: "error-row" }, head, body),
    update(next) {
      setText(many, count(next.count));
      setTime(last, next.last, { seconds: true });
    },
  };
}
