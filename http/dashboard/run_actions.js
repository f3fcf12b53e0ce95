import { announce } from "./announce.js";
import { request, runPath } from "./api.js";
import { copyButton } from "./copy_button.js";
import { ask } from "./dialog.js";
import { element, fill } from "./element.js";
import { icon } from "./icons.js";
import { compareHref, navigate } from "./router.js";
import { editNameAndNote, editTags } from "./run_edit.js";
import { trendLink } from "./run_marks.js";
import { runTitle } from "./run_state.js";

const CANDIDATES = 12;

/** @param {import("./run_page.js").View} view */
export function createRunActions(view) {
  const node = element("div", { class: "actions" });
  let drawn = "";

  const patch = async (body, said) => {
    view.setRun(await request(runPath(view.id), { method: "PATCH", body }));
    announce(said);
  };

  async function toggleBaseline() {
    const baseline = !view.run.baseline;
    try {
      await patch({ baseline }, baseline ? "It is a baseline now" : "It is no baseline any more");
    } catch (error) {
      announce(error.message, "bad");
    }
  }

  function onRun(run) {
    const key = JSON.stringify([view.live, run.baseline, run.project, run.scenario]);
    if (key === drawn) return;
    drawn = key;
    const link = copyButton(() => location.href, "the link to this view", { word: "Link", glyph: "link" });
    const rest = menu(menuItems(view, { patch, toggleBaseline }));
    fill(node, view.canChange && view.live && element("button", { type: "button", class: "button small", "data-tone": "bad", onClick: () => stop(view) }, icon("stop"), "Stop"),
      element("button", { type: "button", class: "button small", onClick: () => chooseOther(view) }, icon("compare"), "Compare"),
      trendLink(run), link, rest);
  }
  return { node, onRun };
}

function menuItems(view, { patch, toggleBaseline }) {
  const item = (glyph, text, action, tone) => element("button", { type: "button", onClick: action, "data-tone": tone }, icon(glyph), text);
  const report = (format, text) => element("a", { href: `${runPath(view.id, "report")}?format=${format}`, download: `weir-${view.run.number}.${format === "json" ? "json" : "txt"}` }, icon("download"), text);
  return [
    view.canChange && [
      item("edit", "Name and note…", () => editNameAndNote(view, patch)),
      item("tag", "Tags…", () => editTags(view, patch)),
      item("baseline", view.run.baseline ? "No longer a baseline" : "Make it a baseline", toggleBaseline)],
    report("text", "Report as text"), report("json", "Report as JSON"),
    view.canChange && !view.live && item("trash", "Delete…", () => remove(view), "bad"),
  ];
}

function menu(items) {
  const details = element("details", { class: "menu" }, element("summary", { class: "button small", "aria-label": "More actions", title: "More actions" }, icon("more")),
    element("div", { class: "menu-list" }, items));
  const close = () => { details.open = false; };
  details.addEventListener("click", (event) => event.target.closest(".menu-list > *") && close());
  details.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && !details.contains(relatedTarget) && close());
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    event.preventDefault();
    event.stopPropagation();
    close();
    details.querySelector("summary").focus();
  });
  details.addEventListener("toggle", () => {
    if (!details.open) return;
    document.addEventListener("pointerdown", function outside({ target }) {
      if (details.contains(target)) return;
      close();
      document.removeEventListener("pointerdown", outside);
    });
  });
  return details;
}

function stop(view) {
  return ask({
    title: `Stop ${runTitle(view.run)}?`, confirm: "Stop the run", tone: "bad", signal: view.signal,
    body: [element("p", {}, "It ends now, as stopped by user. The runners are not told: what they still send counts as late.")],
    act: async () => {
      view.setRun(await request(runPath(view.id, "stop"), { method: "POST" }));
      announce("The run was stopped");
    },
  });
}

function remove(view) {
  const { run } = view;
  const input = element("input", { class: "input", id: "delete-id", autocomplete: "off", spellcheck: "false" });
  return ask({
    title: `Delete ${runTitle(run)}?`, confirm: "Delete the run", tone: "bad", signal: view.signal,
    allowed: () => [String(run.number), run.run_id].includes(input.value.trim()),
    body: [
      element("p", {}, "All its figures go, for good."),
      run.baseline && element("p", { class: "problem" }, "It is a baseline: others are compared with it."),
      element("label", { for: "delete-id" }, `To confirm, type ${run.number} or the run id`),
      input],
    act: async () => {
      await request(runPath(run.run_id), { method: "DELETE", query: { force: run.baseline ? "true" : null } });
      announce(`Run ${run.number} was deleted`);
      navigate("/", { replace: true });
    },
  });
}

/** Which run to compare with: baselines of the same scenario first, then its latest runs. */
async function chooseOther(view) {
  const { run } = view;
  const list = element("div", { class: "candidates" }, element("p", { class: "muted" }, "Loading…"));
  const field = element("input", { class: "input", id: "other-run", autocomplete: "off", spellcheck: "false", placeholder: "run id, number, or last" });
  const chosen = () => list.querySelector("input:checked")?.value || field.value.trim();
  const asked = ask({
    title: "Compare with", confirm: "Compare", tone: "primary", signal: view.signal, allowed: () => Boolean(chosen()),
    body: [list, element("label", { for: "other-run" }, "Another run"), field],
    act: async () => {
      const other = chosen();
      await request(runPath(other), { signal: view.signal });
      navigate(compareHref(other, [run.run_id]));
    },
  });
  field.addEventListener("input", () => list.querySelectorAll("input").forEach((box) => { box.checked = false; }));
  const candidates = await candidatesFor(run, view.signal);
  fill(list, candidates.length === 0 ? element("p", { class: "muted" }, "There is no other run of this scenario.") : candidates.map((one) => element("label", { class: "candidate" },
    element("input", { type: "radio", name: "other", value: one.run_id, onChange: () => { field.value = ""; } }),
    element("span", {}, `#${one.number} `, element("bdi", {}, runTitle(one))), one.baseline && element("span", { class: "mark-badge" }, icon("baseline"), " baseline"))));
  return asked;
}

async function candidatesFor(run, signal) {
  const place = { project: run.project, scenario: run.scenario };
  const lists = await Promise.all([{ ...place, baseline: "true", limit: 3 }, { ...place, limit: CANDIDATES }].map((query) => request("/api/runs", { query, signal }).catch(() => ({ runs: [] }))));
  const found = new Map(lists.flatMap((answer) => answer.runs).map((one) => [one.run_id, one]));
  found.delete(run.run_id);
  return [...found.values()].slice(0, CANDIDATES);
}
