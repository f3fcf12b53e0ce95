// A table whose rows keep their nodes while figures change, so that focus, selection and scroll stay.
import { element, fill, replaceKeepingFocus, setAttribute, setText } from "./element.js";
import { icon } from "./icons.js";

/**
 * @typedef {{key: string, title: any, hint?: string, width?: string, class?: string, sort?: "asc" | "desc",
 *   text?: (row: any) => string, render?: (cell: HTMLElement, row: any) => void, header?: boolean}} Column
 *   `sort` is the order of the first click; `render` fills a cell, again and again
 * @param {{caption: string, columns: Column[], rowKey: (row: any) => string, onSort?: (key: string, order: string) => void,
 *   decorate?: (tr: HTMLElement, row: any) => void, class?: string}} options
 */
export function createDataTable({ caption, columns, rowKey, onSort, decorate, class: className = "" }) {
  let sorted = { key: "", order: "" };
  const heads = columns.map((column) => headCell(column));
  const body = element("tbody", {});
  const cols = columns.map((column) => {
    const col = element("col", { class: column.class });
    if (column.width) col.style.width = column.width;
    return col;
  });
  const table = element("table", { class: `data ${className}` }, element("caption", { class: "off-screen" }, caption),
    element("colgroup", {}, cols), element("thead", {}, element("tr", {}, heads)), body);
  const scroller = element("div", { class: "table-scroll", role: "region", "aria-label": `${caption}, table`, tabindex: "0" }, table);
  /** @type {Map<string, {tr: HTMLElement, cells: HTMLElement[]}>} */
  let known = new Map();

  function headCell(column) {
    const props = { scope: "col", class: column.class, title: column.hint };
    if (!column.sort || !onSort) return element("th", props, column.title);
    return element("th", { ...props, "data-key": column.key }, element("button", {
      type: "button", class: "sorter",
      onClick: () => onSort(column.key, sorted.key === column.key ? (sorted.order === "asc" ? "desc" : "asc") : column.sort),
    }, element("span", {}, column.title), icon("up")));
  }

  function setSort(key, order) {
    sorted = { key, order };
    columns.forEach((column, at) => setAttribute(heads[at], "aria-sort", column.key === key && column.sort ? `${order}ending` : null));
  }

  function rowNode(row, key) {
    let entry = known.get(key);
    if (!entry) {
      const cells = columns.map((column) => element(column.header ? "th" : "td", { class: column.class, scope: column.header ? "row" : undefined }));
      entry = { tr: element("tr", {}, cells), cells };
    }
    columns.forEach((column, at) => (column.render ? column.render(entry.cells[at], row) : setText(entry.cells[at], column.text?.(row))));
    decorate?.(entry.tr, row);
    return entry;
  }

  /** @param {any[]} rows @param {{hold?: boolean}} [options] hold: rows that are there stay where they are */
  function update(rows, { hold = false } = {}) {
    const next = new Map(rows.map((row) => [rowKey(row), row]));
    const keys = hold ? heldOrder([...known.keys()], [...next.keys()]) : [...next.keys()];
    const entries = new Map(keys.map((key) => [key, rowNode(next.get(key), key)]));
    known = entries;
    replaceKeepingFocus(body, [...entries.values()].map(({ tr }) => tr));
  }

  return {
    node: scroller, table, update, setSort,
    isHeld: () => body.matches(":hover") || body.contains(document.activeElement),
    showMessage: (content) => {
      known = new Map();
      fill(body, element("tr", { class: "message" }, element("td", { colspan: columns.length }, content)));
    },
  };
}

// Rows under the pointer must not move away from it: what stays keeps its place, what is new fills gaps.
function heldOrder(before, after) {
  const wanted = new Set(after);
  const had = new Set(before);
  const fresh = after.filter((key) => !had.has(key));
  const order = before.map((key) => (wanted.has(key) ? key : fresh.shift())).filter((key) => key !== undefined);
  return [...order, ...fresh];
}
