import { announce } from "./announce.js";
import { element, fill } from "./element.js";
import { icon } from "./icons.js";

const DONE_MS = 1500;

/**
 * @param {() => string} text
 * @param {string} name what is copied, for the button's name
 * @param {{word?: string, glyph?: import("./icons.js").IconName}} [face]
 */
export function copyButton(text, name, { word = "Copy", glyph = "copy" } = {}) {
  const face = element("span", { class: "button-face" }, icon(glyph), word && element("span", {}, word));
  const button = element("button", { type: "button", class: "button small copy", "aria-label": word ? `${word} ${name}`.trim() : `Copy ${name}`, onClick: copy }, face);

  async function copy() {
    const copied = await write(text());
    announce(copied ? `Copied ${name}` : "The browser did not allow copying", copied ? "good" : "bad");
    if (!copied) return;
    fill(face, icon("finished"), word && element("span", {}, word));
    setTimeout(() => fill(face, icon(glyph), word && element("span", {}, word)), DONE_MS);
  }
  return button;
}

async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return writeBySelection(text);
  }
}

// Without https the clipboard API is missing anywhere but on localhost.
function writeBySelection(text) {
  const area = element("textarea", { class: "off-screen", value: text });
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}
