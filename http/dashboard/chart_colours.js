// Colours of the style sheet for a canvas, which does not understand custom properties.
import { element } from "./element.js";

const known = new Map();
const probe = element("span", { hidden: true });

/** @param {string} name of a custom property: --rate @returns {string} */
export function colour(name) {
  if (!known.has(name)) {
    if (!probe.isConnected) document.body.append(probe);
    probe.style.color = `var(${name})`;
    known.set(name, getComputedStyle(probe).color);
  }
  return known.get(name);
}

/** After a change of the colour scheme. */
export function forgetColours() {
  known.clear();
}
