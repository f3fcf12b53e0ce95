import { createConnectionBanner } from "./connection_banner.js";
import { element, fill, setAttribute, setText, svgElement } from "./element.js";
import { icon } from "./icons.js";
import { showShortcuts } from "./shortcuts.js";
import { nextTheme, theme } from "./theme.js";

const nav = [["runs", "/", "Runs"], ["trend", "/trend", "Trend"], ["compare", "/compare", "Compare"]];
const themeWords = { auto: "as the system", light: "light", dark: "dark" };

/** What stays when pages change: header, banner, main, footer. */
export function createShell({ signOut }) {
  let retry = () => {};
  const banner = createConnectionBanner(() => retry());
  const links = nav.map(([page, href, text]) => element("a", { href, "data-page": page }, text));
  const liveWord = element("span", { class: "live-word" });
  const live = element("span", { class: "live-state", hidden: true }, element("span", { class: "live-dot" }), liveWord);
  const themeButton = element("button", { type: "button", class: "button quiet", onClick: () => setTheme(nextTheme()) });
  const user = element("span", { class: "user" });
  const main = element("main", { id: "main", tabindex: "-1" });

  function setTheme(name) {
    fill(themeButton, icon(name));
    const text = `Colours: ${themeWords[name]}`;
    setAttribute(themeButton, "aria-label", text);
    setAttribute(themeButton, "title", `${text} (t)`);
  }
  setTheme(theme());

  const header = element("header", { class: "top" },
    element("a", { class: "brand", href: "/", "aria-label": "weir, all runs" }, mark(), element("span", {}, "weir")),
    element("nav", { "aria-label": "Pages" }, links), live,
    element("div", { class: "top-right" }, user, themeButton,
      element("button", { type: "button", class: "button quiet", "aria-label": "Keyboard shortcuts", title: "Keyboard shortcuts (?)", onClick: showShortcuts }, icon("keyboard"))));
  const footer = element("footer", { class: "bottom" },
    element("span", { class: "for-keys" }, element("kbd", {}, "?"), " keyboard  ", element("kbd", {}, "/"), " search"),
    element("span", {}, element("a", { href: "/openapi.json" }, "API"), " · ", element("a", { href: "/metrics" }, "metrics")));

  return {
    main, setTheme,
    nodes: [element("a", { class: "skip", href: "#main" }, "Skip to the content"), header, banner.node, main, footer],
    setTitle: (title) => { document.title = title ? `${title} · weir` : "weir"; },
    setRetry: (action) => { retry = action; },
    showPage(page, session) {
      for (const link of links) setAttribute(link, "aria-current", link.dataset.page === page ? "page" : null);
      banner.update({ connected: true, retryAt: null });
      live.hidden = true;
      fill(user, session.role && session.token_required && [
        element("span", { class: "user-name", title: `Signed in as ${session.name || session.role} (${session.role})` }, session.name || session.role),
        element("button", { type: "button", class: "button quiet", onClick: signOut }, "Sign out")]);
    },
    onLiveState(state) {
      banner.update(state);
      live.hidden = false;
      setAttribute(live, "data-connected", String(state.connected));
      setText(liveWord, state.connected ? "live" : "offline");
    },
  };
}

function mark() {
  return svgElement("svg", { viewBox: "0 0 32 32", class: "mark", "aria-hidden": "true" },
    svgElement("rect", { width: 32, height: 32, rx: 7 }),
    svgElement("path", { class: "mark-wall", d: "M5 10h9v9c0 3 2 5 5 5h8" }),
    svgElement("path", { class: "mark-water", d: "M19 10h8M21 16.5h6" }));
}
