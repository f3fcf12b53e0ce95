import { ask } from "./dialog.js";
import { element } from "./element.js";
import { icon } from "./icons.js";

export function editNameAndNote(view, patch) {
  const { run } = view;
  const name = element("input", { class: "input", id: "edit-name", value: run.name, maxlength: 1024 });
  const note = element("textarea", { class: "input", id: "edit-note", value: run.note, maxlength: 16_384 });
  return ask({
    title: "Name and note", confirm: "Save", tone: "primary", signal: view.signal,
    body: [element("label", { for: "edit-name" }, "Name"), name, element("label", { for: "edit-note" }, "Note"), note],
    act: () => patch({ name: name.value, note: note.value }, "Name and note were saved"),
  });
}

export function editTags(view, patch) {
  const rows = element("div", { class: "tag-rows" });
  const add = (key = "", value = "") => {
    const row = element("div", { class: "tag-row" },
      element("input", { class: "input", "aria-label": "Tag", placeholder: "tag", value: key }),
      element("input", { class: "input", "aria-label": "Value", placeholder: "value", value }),
      element("button", { type: "button", class: "button quiet", "aria-label": "Remove this tag", onClick: () => {
        const next = row.nextElementSibling ?? row.previousElementSibling;
        row.remove();
        (next?.querySelector("input") ?? more).focus();
      } }, icon("close")));
    rows.append(row);
    return row;
  };
  const more = element("button", { type: "button", class: "button small", onClick: () => add().querySelector("input").focus() }, "Add a tag");
  for (const [key, value] of Object.entries(view.run.tags)) add(key, value);
  if (rows.childElementCount === 0) add();
  const read = () => Object.fromEntries([...rows.children].map((row) => [...row.querySelectorAll("input")].map((input) => input.value.trim())).filter(([key]) => key));
  return ask({
    title: "Tags", confirm: "Save", tone: "primary", signal: view.signal, body: [rows, element("p", {}, more)],
    act: () => patch({ tags: read() }, "Tags were saved"),
  });
}
