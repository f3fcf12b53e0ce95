import { isAbort, request, runPath } from "./api.js";
import { createBlock } from "./block.js";
import { element, fill, svgElement } from "./element.js";
import { count, duration, share, shortDuration } from "./format.js";
import { keepFresh } from "./keep_fresh.js";

const BUCKETS = 60;
const REFRESH_S = 10;
const HEIGHT = 210;
const TOP = 30;
const BOTTOM = 24;
const LABEL_PX = 88;
const ranks = ["p50", "p95", "p99"];

/** How response times are distributed, on a logarithmic axis. @param {import("./run_page.js").View} view */
export function createHistogram(view) {
  let shown = null;
  let latest = null;
  const picture = element("div", { class: "histogram-body" });
  const block = createBlock({ id: "distribution", title: "Response time distribution", body: [picture] });

  async function load() {
    latest?.abort();
    const mine = latest = new AbortController();
    const signal = AbortSignal.any([view.signal, mine.signal]);
    try {
      shown = await request(runPath(view.id, "histogram"), { query: { label: view.label, buckets: BUCKETS }, signal });
      block.setProblem(null);
      block.setAside(shown.count ? `${count(shown.count)} hits` : "");
      draw();
    } catch (error) {
      if (!isAbort(error)) block.setProblem(error, load);
    }
  }

  function draw() {
    if (!shown || !picture.clientWidth) return;
    fill(picture, shown.count ? histogram(shown, picture.clientWidth) : element("p", { class: "muted" }, "No hits yet."));
  }

  const sizes = new ResizeObserver(draw);
  sizes.observe(picture);
  view.signal.addEventListener("abort", () => sizes.disconnect());
  const fresh = keepFresh(block.node, { seconds: REFRESH_S, isLive: () => view.live, load, signal: view.signal });
  return { node: block.node, onLabel: () => fresh.stale(), onEnd: () => fresh.stale(), onReconnect: () => fresh.stale() };
}

function histogram({ buckets, count: total }, width) {
  const from = Math.log(Math.max(1e-3, buckets[0].from_ms));
  const to = Math.max(from + 0.1, Math.log(buckets.at(-1).to_ms));
  const x = (ms) => 4 + ((Math.log(Math.max(1e-3, ms)) - from) / (to - from)) * (width - 8);
  const most = Math.max(...buckets.map((bucket) => bucket.count));
  const y = (many) => HEIGHT - BOTTOM - (many / most) * (HEIGHT - BOTTOM - TOP);
  const marks = ranks.map((rank) => ({ rank, ms: atRank(buckets, Number(rank.slice(1)) / 100) }));
  const text = `Distribution of ${count(total)} response times from ${duration(buckets[0].from_ms)} to ${duration(buckets.at(-1).to_ms)}: ${marks.map(({ rank, ms }) => `${rank} about ${duration(ms)}`).join(", ")}`;
  return svgElement("svg", { class: "histogram", width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": text },
    logTicks(Math.exp(from), Math.exp(to), width).map((ms) => [
      svgElement("line", { class: "grid", x1: x(ms), x2: x(ms), y1: TOP, y2: HEIGHT - BOTTOM + 4 }),
      svgElement("text", { x: Math.min(width - 22, Math.max(14, x(ms))), y: HEIGHT - 6, "text-anchor": "middle" }, shortDuration(ms))]),
    buckets.map((bucket) => bar(bucket, x, y, total)), rankMarks(marks, x, width));
}

function bar(bucket, x, y, total) {
  const left = x(bucket.from_ms);
  const width = Math.max(1, x(bucket.to_ms) - left - 1);
  const title = () => svgElement("title", {}, `${duration(bucket.from_ms)} to ${duration(bucket.to_ms)}: ${count(bucket.count)} hits, ${share(bucket.count / total)}`);
  // What is there must be seen, however little.
  const top = bucket.count ? Math.min(y(bucket.count), HEIGHT - BOTTOM - 1) : y(0);
  return [
    svgElement("rect", { class: "bar", x: left, y: top, width, height: HEIGHT - BOTTOM - top }),
    svgElement("rect", { class: "bar-hit", x: left, y: TOP, width: width + 1, height: HEIGHT - BOTTOM - TOP }, title()),
  ];
}

function rankMarks(marks, x, width) {
  // Beside each other: pushed to the right by the one before, then back from the edge.
  const lefts = marks.map(({ ms }) => x(ms) - LABEL_PX / 2);
  lefts.forEach((left, at) => { lefts[at] = Math.max(left, at ? lefts[at - 1] + LABEL_PX : 0); });
  for (let at = marks.length - 1, edge = width; at >= 0; edge = lefts[at], at -= 1) lefts[at] = Math.min(lefts[at], edge - LABEL_PX);
  return marks.map(({ rank, ms }, index) => {
    const at = x(ms);
    const left = lefts[index];
    return [
      svgElement("line", { class: `mark ${rank}`, x1: at, x2: at, y1: TOP - 8, y2: HEIGHT - BOTTOM }),
      svgElement("text", { class: `mark-label ${rank}`, x: left, y: TOP - 14 }, `${rank} ${duration(ms)}`),
    ];
  });
}

// Of the buckets, so that the mark stands where the bars say; the figures above are the exact ones.
function atRank(buckets, part) {
  let before = 0;
  const wanted = part * buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  for (const { from_ms: from, to_ms: to, count: many } of buckets) {
    if (many && before + many >= wanted) return from * (to / from) ** ((wanted - before) / many);
    before += many;
  }
  return buckets.at(-1).to_ms;
}

function logTicks(from, to, width) {
  const room = width / 64;
  const ticksOf = (steps) => {
    const ticks = [];
    for (let power = Math.floor(Math.log10(from)); power <= Math.ceil(Math.log10(to)); power += 1) {
      for (const step of steps) ticks.push(step * 10 ** power);
    }
    return ticks.filter((tick) => tick >= from && tick <= to);
  };
  return [[1, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]].map(ticksOf).find((ticks) => ticks.length <= room) ?? [];
}
