// Loads a section when it comes into view, and again every few seconds while it is seen and the run
// goes on. What nobody looks at asks for nothing.

/**
 * @param {Element} node
 * @param {{seconds: number | (() => number), isLive: () => boolean, load: (how: {quiet: boolean}) => unknown, signal: AbortSignal}} options
 */
export function keepFresh(node, { seconds, isLive, load, signal }) {
  let seen = false;
  let stale = true;
  let loadedAt = 0;
  const everyMs = () => (typeof seconds === "function" ? seconds() : seconds) * 1000;

  function run(quiet) {
    stale = false;
    loadedAt = performance.now();
    load({ quiet });
  }

  const observer = new IntersectionObserver(([entry]) => {
    seen = entry.isIntersecting;
    if (seen && stale) run(false);
  }, { rootMargin: "400px" });
  observer.observe(node);
  const timer = setInterval(() => {
    if (seen && isLive() && !document.hidden && performance.now() - loadedAt >= everyMs() - 50) run(true);
  }, 500);
  signal.addEventListener("abort", () => {
    observer.disconnect();
    clearInterval(timer);
  });
  return {
    /** What is shown no longer holds: now if it is seen, else once it is. */
    stale({ quiet = false } = {}) {
      stale = true;
      if (seen) run(quiet);
    },
  };
}
