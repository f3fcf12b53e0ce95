// A table whose rows are sorted, searched and paged by the server; its state is in the query string.
import { isAbort } from "./api.js";
import { createDataTable } from "./data_table.js";
import { element, fill, setAttribute, setText } from "./element.js";
import { count } from "./format.js";
import { icon } from "./icons.js";
import { problemLine } from "./problem.js";
import { query, setQuery } from "./router.js";

const DEBOUNCE_MS = 150;

/**
 * @param {{name: string, caption: string, columns: import("./data_table.js").Column[], rowKey: (row: any) => string,
 *   load: (ask: {q: string, sort: string, order: string, limit: number, offset: number, signal: AbortSignal}) => Promise<{rows: any[], total: number}>,
 *   sort: string, order: string, pageSize?: number, search?: string, empty: string, signal: AbortSignal,
 *   decorate?: (tr: HTMLElement, row: any) => void, class?: string}} options
 *   `name` begins the keys in the query string: labels.q, labels.sort, labels.page
 */
export function createPagedTable(options) {
  const { name, pageSize = 25, signal } = options;
  const params = query();
  const state = {
    q: params.get(`${name}.q`) ?? "",
    sort: params.get(`${name}.sort`) ?? options.sort,
    order: params.get(`${name}.order`) ?? options.order,
    page: Math.max(1, Number.parseInt(params.get(`${name}.page`) ?? "1", 10) || 1),
  };
  let loading = null;
  let debounce = 0;
  const table = createDataTable({ ...options, onSort: (key, order) => change({ sort: key, order, page: 1 }) });
  const search = !options.search ? null : searchField(options.search, state.q, (text) => {
    clearTimeout(debounce);
    debounce = setTimeout(() => change({ q: text, page: 1 }), DEBOUNCE_MS);
  });
  const pager = createPager((page) => change({ page }));
  const problem = element("div", {});
  const node = element("div", { class: "paged-table" }, problem, table.node, pager.node);

  function change(changes) {
    Object.assign(state, changes);
    setQuery({
      [`${name}.q`]: state.q, [`${name}.sort`]: state.sort === options.sort ? null : state.sort,
      [`${name}.order`]: state.sort === options.sort && state.order === options.order ? null : state.order,
      [`${name}.page`]: state.page === 1 ? null : state.page,
    });
    return refresh();
  }

  /** @param {{quiet?: boolean}} [how] quiet: by itself, so rows under the pointer keep their place */
  async function refresh({ quiet = false } = {}) {
    if (quiet && loading) return;
    loading?.abort();
    const mine = new AbortController();
    loading = mine;
    const { q, sort, order, page } = state;
    table.setSort(sort, order);
    setAttribute(table.table, "aria-busy", quiet ? null : "true");
    try {
      const { rows, total } = await options.load({ q, sort, order, limit: pageSize, offset: (page - 1) * pageSize, signal: AbortSignal.any([signal, mine.signal]) });
      if (rows.length === 0 && total > 0 && page > 1) return change({ page: Math.ceil(total / pageSize) });
      fill(problem);
      if (rows.length === 0) table.showMessage(q ? `Nothing contains “${q}”.` : options.empty);
      else table.update(rows, { hold: quiet && table.isHeld() });
      pager.update(page, pageSize, total, rows.length);
    } catch (error) {
      if (!isAbort(error)) fill(problem, problemLine(error, () => refresh()));
    } finally {
      if (loading === mine) {
        loading = null;
        setAttribute(table.table, "aria-busy", null);
      }
    }
    return undefined;
  }

  return { node, tools: search?.node, refresh, table };
}

export function searchField(label, value, onInput) {
  const input = element("input", { type: "search", class: "input", placeholder: label, "aria-label": label, value, autocomplete: "off", spellcheck: "false", onInput: () => onInput(input.value.trim()) });
  return { node: element("span", { class: "search" }, icon("search"), input), input };
}

export function createPager(onPage) {
  const text = element("span", { class: "pager-text" });
  let page = 1;
  const step = (by, name, glyph) => element("button", { type: "button", class: "button small", "aria-label": name, onClick: () => onPage(page + by) }, icon(glyph));
  const previous = step(-1, "Previous page", "left");
  const next = step(1, "Next page", "right");
  const node = element("div", { class: "pager" }, text, previous, next);
  return {
    node,
    update(at, size, total, shown) {
      page = at;
      setText(text, total === 0 ? "" : `${count((at - 1) * size + 1)}–${count((at - 1) * size + shown)} of ${count(total)}`);
      previous.disabled = at <= 1;
      next.disabled = at * size >= total;
      setAttribute(node, "data-single", total <= size ? "" : null);
    },
  };
}
