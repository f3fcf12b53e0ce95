import { announcementRegion } from "./announce.js";
import { request, whenUnauthorized } from "./api.js";
import { comparePage } from "./compare_page.js";
import { element, fill } from "./element.js";
import { problemPanel } from "./problem.js";
import { navigate, routeOf, startRouter } from "./router.js";
import { runPage } from "./run_page.js";
import { runsPage } from "./runs_page.js";
import { createShell } from "./shell.js";
import { startShortcuts } from "./shortcuts.js";
import { signInForm } from "./sign_in.js";
import { nextTheme, startTheme } from "./theme.js";
import { trendPage } from "./trend_page.js";

const pages = { runs: runsPage, run: runPage, compare: comparePage, trend: trendPage };
const shell = createShell({ signOut });
let session = { role: null, name: "", token_required: true };
let leave = new AbortController();

/**
 * What a page gets.
 * @typedef {{main: HTMLElement, signal: AbortSignal, canChange: boolean,
 *   tokenRequired: boolean, route: {page: string, run?: string},
 *   setTitle: (title: string) => void, onLiveState: (state: any) => void, setRetry: (retry: () => void) => void,
 *   signIn: () => void}} PageContext
 */

function open({ focus = true } = {}) {
  leave.abort();
  leave = new AbortController();
  const route = routeOf();
  shell.showPage(route?.page, session);
  const main = fill(shell.main);
  scrollTo(0, 0);
  if (!route) {
    fill(main, notFound());
  } else {
    pages[route.page]({
      main, route, signal: leave.signal,
      canChange: session.role !== null && session.role !== "viewer", tokenRequired: session.token_required,
      setTitle: shell.setTitle, onLiveState: shell.onLiveState, setRetry: shell.setRetry, signIn: askForToken,
    });
  }
  if (focus) main.querySelector("h1")?.focus({ preventScroll: true });
}

function askForToken() {
  if (shell.main.querySelector(".sign-in")) return;
  leave.abort();
  shell.showPage(null, { role: null });
  shell.setTitle("Sign in");
  fill(shell.main, signInForm((next) => {
    session = next;
    open();
  }));
  shell.main.querySelector("input").focus();
}

async function signOut() {
  await request("/api/session", { method: "DELETE" }).catch(() => null);
  askForToken();
}

function notFound() {
  shell.setTitle("Not found");
  return element("section", { class: "panel empty" }, element("h1", { tabindex: "-1" }, "There is no such page"),
    element("p", {}, element("a", { href: "/" }, "All runs")));
}

async function start() {
  try {
    session = await request("/api/session");
  } catch (error) {
    fill(shell.main, problemPanel("The broker cannot be reached", error, start));
    return;
  }
  if (session.role === null) askForToken();
  else open({ focus: false });
}

startTheme();
whenUnauthorized(askForToken);
document.body.append(...shell.nodes, announcementRegion);
startRouter(() => (session.role === null ? askForToken() : open()));
startShortcuts({ runs: () => navigate("/"), theme: () => shell.setTheme(nextTheme()) });
start();
