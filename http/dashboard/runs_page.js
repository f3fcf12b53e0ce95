import { request } from "./api.js";
import { element, fill, setText } from "./element.js";
import { plural } from "./format.js";
import { connectLive } from "./live.js";
import { navigate, query } from "./router.js";
import { createEmptyRuns } from "./runs_empty.js";
import { createFilters } from "./runs_filters.js";
import { createLiveRuns } from "./runs_live.js";
import { createSelection } from "./runs_selection.js";
import { createRunsTable } from "./runs_table.js";
import { setPageShortcuts } from "./shortcuts.js";

const PROJECTS_EVERY_MS = 60_000;

/** @param {import("./main.js").PageContext} page */
export function runsPage(page) {
  const { main, signal } = page;
  page.setTitle("Runs");
  const filters = createFilters(() => reload());
  const selection = createSelection();
  const live = createLiveRuns({ selection, filters, signal, onEnded: () => reload({ quiet: true }) });
  const table = createRunsTable({ selection, filters, signal });
  const empty = createEmptyRuns(page);
  const total = element("span", { class: "muted" });
  const content = element("div", { class: "runs" },
    live.node,
    element("section", { "aria-labelledby": "ended-title" },
      element("div", { class: "section-head" }, element("h2", { id: "ended-title" }, "Ended runs"), total),
      filters.node, table.node));
  fill(main, element("h1", { class: "off-screen", tabindex: "-1" }, "Runs"), content, empty.node, selection.node);

  async function reload({ quiet = false } = {}) {
    live.showFiltered();
    const count = await table.refresh({ quiet });
    if (count === null) return;
    setText(total, plural(count, "run"));
    const none = count === 0 && live.count() === 0 && !filters.active() && !query().has("before");
    empty.node.hidden = !none;
    content.hidden = none;
  }

  async function loadProjects() {
    const answer = await request("/api/projects", { signal }).catch(() => null);
    if (answer) filters.setProjects(answer.projects);
  }

  const link = connectLive(["runs/"], {
    signal,
    onState: page.onLiveState,
    onUnauthorized: page.signIn,
    onSnapshot(snapshot, again) {
      live.takeSnapshot(snapshot);
      if (again) reload({ quiet: true });
    },
    async onMessage(message) {
      if (message.type !== "runs") return;
      await live.take(message);
      page.setTitle(live.count() ? `${plural(live.count(), "live run")}` : "Runs");
      if (live.count() && content.hidden) reload({ quiet: true });
    },
  });
  page.setRetry(link.retry);
  setPageShortcuts([
    ["c", "Compare the selected runs", () => selection.href() && navigate(selection.href())],
    ["]", "Older runs", () => table.older()],
    ["[", "Newest runs", () => table.newest()],
  ], signal);
  const timer = setInterval(loadProjects, PROJECTS_EVERY_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
  loadProjects();
  reload();
}
