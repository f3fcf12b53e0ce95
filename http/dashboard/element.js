// Builds DOM nodes. Text only ever becomes a text node or an attribute: labels, URLs and ids are
// hostile, so nothing here or elsewhere parses markup.

/** @typedef {Node | string | number | null | undefined | false | "" | any[]} Child arrays are laid flat */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag
 * @param {Record<string, unknown>} [props] `onX` listens, `class`, `dataset`, else an attribute or, for
 *   booleans and `value`, a property; null and undefined are left out
 * @param {...Child} children
 * @returns {any} the element; `any`, because callers know which kind it is
 */
export function element(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) setProp(node, name, value);
  node.append(...present(children));
  return node;
}

/** @returns {any} */
export function svgElement(tag, props = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(props)) {
    if (value !== null && value !== undefined) node.setAttribute(name, String(value));
  }
  node.append(...present(children));
  return node;
}

/** Replaces what is in `node`. */
export function fill(node, ...children) {
  node.replaceChildren(...present(children));
  return node;
}

/** Replaces what is in `node` if that changes anything; what has the focus and stays keeps it. @param {Element} node @param {Element[]} next */
export function replaceKeepingFocus(node, next) {
  if (next.length === node.children.length && next.every((one, at) => node.children[at] === one)) return;
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  const inside = focused && node.contains(focused);
  node.replaceChildren(...next);
  if (inside && focused.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
}

/** Sets the text of a node, and leaves the DOM alone when it is the same. */
export function setText(node, text) {
  const next = text === null || text === undefined ? "" : String(text);
  if (node.textContent !== next) node.textContent = next;
}

/** Sets an attribute, or takes it away for null. */
export function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, String(value));
}

function present(children) {
  return children.flat(3).filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : String(child)));
}

function setProp(node, name, value) {
  if (value === null || value === undefined) return;
  if (name.startsWith("on") && typeof value === "function") {
    node.addEventListener(name.slice(2).toLowerCase(), value);
  } else if (name === "dataset") {
    Object.assign(node.dataset, value);
  } else if (typeof value === "boolean" && !name.startsWith("aria-")) {
    node[name] = value;
  } else if (name === "value") {
    node.value = value;
  } else {
    node.setAttribute(name, String(value));
  }
}
