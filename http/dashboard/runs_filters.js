import { element, fill, setText } from "./element.js";
import { icon } from "./icons.js";
import { searchField } from "./paged_table.js";
import { query, setQuery, trendHref } from "./router.js";
import { endedStates, stateOf } from "./run_state.js";

const DEBOUNCE_MS = 200;
const keys = ["q", "state", "project", "scenario", "tag", "baseline"];

/** @param {() => void} onChange */
export function createFilters(onChange) {
  let projects = [];
  let debounce = 0;
  const value = (key) => query().get(key) ?? "";
  const search = searchField("Search runs", value("q"), (text) => {
    clearTimeout(debounce);
    debounce = setTimeout(() => change({ q: text }), DEBOUNCE_MS);
  });
  const state = select("State", stateOptions, (one) => change({ state: one }));
  const place = select("Project and scenario", [["", "All projects"]], (one) => {
    const [project, scenario] = one ? JSON.parse(one) : [null, null];
    change({ project, scenario });
  });
  const tag = element("input", { class: "input tag-input", placeholder: "tag or tag:value", "aria-label": "Tag, as key or key:value", value: value("tag"), autocomplete: "off", spellcheck: "false", onInput: () => {
    clearTimeout(debounce);
    debounce = setTimeout(() => change({ tag: tag.value.trim() }), DEBOUNCE_MS);
  } });
  const baseline = element("input", { type: "checkbox", class: "check", checked: value("baseline") === "true", onChange: () => change({ baseline: baseline.checked ? "true" : null }) });
  const clear = element("button", { type: "button", class: "button quiet", onClick: clearAll }, icon("close"), "Clear filters");
  const trend = element("a", { class: "button" }, icon("trend"), element("span", {}, "Trend"));
  const node = element("div", { class: "filters", role: "search" }, search.node, state, place, tag,
    element("label", { class: "check-label" }, baseline, "Baselines"), clear, trend);

  function change(changes) {
    setQuery({ ...changes, before: null });
    draw();
    onChange();
  }

  function clearAll() {
    search.input.value = tag.value = "";
    baseline.checked = false;
    change(Object.fromEntries(keys.map((key) => [key, null])));
    search.input.focus();
  }

  function draw() {
    state.value = value("state");
    fill(place, placeOptions(projects));
    place.value = chosenPlace();
    clear.hidden = !active();
    drawTrend(trend, query());
  }

  const active = () => keys.some((key) => query().has(key));
  draw();

  return {
    node, active,
    setProjects(next) {
      projects = next;
      draw();
    },
    addTag(text) {
      tag.value = text;
      change({ tag: text });
    },
    asQuery: () => Object.fromEntries(keys.filter((key) => query().has(key)).map((key) => [key, value(key)])),
  };
}

const stateOptions = [["", "Any state"], ...endedStates.map((one) => [one, stateOf(one).word])];

function drawTrend(link, params) {
  const [project, scenario] = ["project", "scenario"].map((key) => params.get(key));
  const known = project !== null && scenario !== null;
  link.href = known ? trendHref(project, scenario) : "/trend";
  setText(link.lastChild, known ? `Trend of ${scenario || project || "runs without a project"}` : "Trend");
}

const chosenPlace = () => (query().has("project") ? JSON.stringify([query().get("project"), query().get("scenario")]) : "");

function placeOptions(projects) {
  const byProject = Map.groupBy(projects, ({ project }) => project);
  return [element("option", { value: "" }, "All projects"), ...[...byProject].map(([project, rows]) => element("optgroup", { label: project || "without a project" },
    rows.length > 1 && element("option", { value: JSON.stringify([project, null]) }, `${project || "without a project"}, all scenarios`),
    rows.map(({ scenario, runs }) => element("option", { value: JSON.stringify([project, scenario]) }, `${scenario || "no scenario"} (${runs})`))))];
}

function select(name, options, onChange) {
  const node = element("select", { class: "input", "aria-label": name, onChange: () => onChange(node.value) },
    options.map(([value, text]) => element("option", { value }, text)));
  return node;
}

/** Whether a live run passes the filters as the API would apply them. */
export function passes(run, filters) {
  const has = (text) => text.toLowerCase().includes(filters.q.toLowerCase());
  if (filters.state) return false;
  if (filters.baseline && !run.baseline) return false;
  if (filters.project !== undefined && run.project !== filters.project) return false;
  if (filters.scenario !== undefined && run.scenario !== filters.scenario) return false;
  const tags = Object.entries(run.tags);
  if (filters.tag && !tags.some(([key, value]) => key === filters.tag || `${key}:${value}` === filters.tag)) return false;
  return !filters.q || [run.run_id, run.name, run.project, run.scenario, run.note, ...tags.flat()].some(has);
}
