import { element, fill, setText } from "./element.js";
import { icon } from "./icons.js";

// A blink of the network, or a broker that restarts at once, is not worth a banner.
const PATIENCE_MS = 700;

/** @param {() => void} retry */
export function createConnectionBanner(retry) {
  const text = element("span", {});
  const countdown = element("span", { "aria-hidden": "true", class: "countdown" });
  const alert = element("div", { role: "alert", class: "banner-slot" });
  const banner = element("div", { class: "banner", "data-tone": "bad" }, icon("warning"), text, countdown,
    element("button", { type: "button", class: "button small", onClick: () => retry() }, "Retry now"));
  let retryAt = null;
  let countTimer = 0;
  let patience = 0;

  function count() {
    const seconds = retryAt === null ? 0 : Math.max(0, Math.ceil((retryAt - Date.now()) / 1000));
    setText(countdown, retryAt === null ? "Reconnecting…" : `Reconnecting in ${seconds} s`);
  }

  /** @param {import("./live.js").LiveState} state */
  function update(state) {
    retryAt = state.retryAt;
    if (state.connected) {
      clearTimeout(patience);
      clearInterval(countTimer);
      patience = countTimer = 0;
      document.documentElement.removeAttribute("data-lost");
      fill(alert);
      return;
    }
    patience ||= setTimeout(() => {
      setText(text, "Connection to the broker lost. The figures stand still.");
      document.documentElement.setAttribute("data-lost", "");
      fill(alert, banner);
      countTimer = setInterval(count, 250);
      count();
    }, PATIENCE_MS);
    if (countTimer) count();
  }

  return { node: alert, update };
}
