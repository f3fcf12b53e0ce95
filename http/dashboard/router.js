// Real paths; what is worth sharing is in the query string.

/** @typedef {{pattern: RegExp, page: string}} Route */

const routes = [
  { pattern: /^\/$/, page: "runs" },
  { pattern: /^\/runs\/([^/]+)$/, page: "run" },
  { pattern: /^\/compare$/, page: "compare" },
  { pattern: /^\/trend$/, page: "trend" },
];

let onChange = () => {};

export function startRouter(action) {
  onChange = action;
  addEventListener("popstate", () => onChange());
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!(link instanceof HTMLAnchorElement)) return;
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.target || link.hasAttribute("download") || link.origin !== location.origin || !routeOf(link.pathname)) return;
    if (link.hash && link.pathname === location.pathname) return;
    event.preventDefault();
    navigate(link.pathname + link.search);
  });
}

/** @returns {{page: string, run?: string} | null} */
export function routeOf(path = location.pathname) {
  for (const { pattern, page } of routes) {
    const match = pattern.exec(path);
    if (match) return { page, run: match[1] === undefined ? undefined : decode(match[1]) };
  }
  return null;
}

export function navigate(path, { replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", path);
  onChange();
}

export const query = () => new URLSearchParams(location.search);

/**
 * Changes the query string; the page stays as it is.
 * @param {Record<string, string | number | null | undefined | string[]>} changes null and "" take a key away
 */
export function setQuery(changes, { push = false } = {}) {
  const params = query();
  for (const [name, value] of Object.entries(changes)) {
    params.delete(name);
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && one !== "") params.append(name, String(one));
    }
  }
  const text = params.toString();
  const next = location.pathname + (text ? `?${text}` : "") + location.hash;
  if (next !== location.pathname + location.search + location.hash) history[push ? "pushState" : "replaceState"](null, "", next);
}

export const runHref = (run) => `/runs/${encodeURIComponent(run)}`;

export function trendHref(project, scenario) {
  return `/trend?${new URLSearchParams({ project, scenario })}`;
}

export function compareHref(base, runs) {
  return `/compare?${new URLSearchParams([["base", base], ...runs.map((run) => ["run", run])])}`;
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
