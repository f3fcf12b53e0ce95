import { element } from "./element.js";

const withOrigin = /^([A-Z]+ )?([a-z][a-z+.-]*:\/\/[^/]+)(\/.*)$/s;

/** A label, in which the origin, mostly the same for all, is quiet. It stays the whole text. @param {string} label */
export function labelText(label) {
  const [, method, origin, path] = withOrigin.exec(label) ?? [];
  if (!path) return [label || "(empty label)"];
  return [method && element("span", { class: "method" }, method), element("span", { class: "origin" }, origin), path];
}
