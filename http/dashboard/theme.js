// auto, light or dark; the charts are told, because a canvas does not follow CSS by itself.

const KEY = "weir-theme";
const NEXT = { auto: "light", light: "dark", dark: "auto" };
const listeners = new Set();
const systemDark = matchMedia("(prefers-color-scheme: dark)");

export function theme() {
  try {
    const kept = localStorage.getItem(KEY);
    return kept && kept in NEXT ? kept : "auto";
  } catch {
    return "auto";
  }
}

export function startTheme() {
  apply(theme());
  systemDark.addEventListener("change", tellAll);
}

export function nextTheme() {
  const next = NEXT[theme()];
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  apply(next);
  return next;
}

export function onThemeChange(action, signal) {
  listeners.add(action);
  signal.addEventListener("abort", () => listeners.delete(action));
}

function apply(name) {
  if (name === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  tellAll();
}

function tellAll() {
  for (const listener of listeners) listener();
}
