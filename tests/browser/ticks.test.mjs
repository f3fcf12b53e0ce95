// However long a tick is: figures go on, and nothing on the page moves because of them.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";

import { Broker } from "./broker.mjs";
import { shopLoad } from "./shop_load.mjs";
import { figure, seeAll, visit } from "./visit.mjs";

const WATCH_MS = 10_000;
const MOST_SHIFT = 0.02;

/** How far things moved while one looked, and what they were. */
const shiftsWithin = (ms) => new Promise((resolve) => {
  const shifts = [];
  const observer = new PerformanceObserver((list) => shifts.push(...list.getEntries()));
  observer.observe({ type: "layout-shift" });
  setTimeout(() => {
    shifts.push(...observer.takeRecords());
    observer.disconnect();
    resolve({
      sum: shifts.reduce((sum, { value }) => sum + value, 0),
      moved: shifts.flatMap(({ value, sources }) => sources.map(({ node }) => `${value.toFixed(4)} ${node?.className || node?.nodeName}`)),
    });
  }, ms);
});

for (const [tickMs, words] of [[200, "last 0.2 s"], [1000, "last second"], [5000, "last 5 s"]]) {
  describe(`a tick of ${tickMs} ms`, () => {
    const broker = new Broker("--tick-ms", String(tickMs));
    let stopSending = async () => {};
    before(async () => {
      await broker.start();
      const load = shopLoad({ users: 25, seconds: 40, scale: 0.2 });
      await broker.send(load.start({ name: "Steady" }), "steady");
      stopSending = broker.keepSending(load.step, { runId: "steady", everyMs: 200 });
      await broker.run("steady", (run) => run.hits.count > 0);
    });
    after(async () => {
      await stopSending();
      await broker.end();
    });

    visit("figures follow", { broker: () => broker }, async ({ page, open }) => {
      await open("/runs/steady");
      const hits = figure(page, "Hits").locator(".value");
      await hits.filter({ hasText: /\d/ }).waitFor();
      const before = await hits.textContent();
      await page.waitForFunction((old) => document.querySelector(".live-figure .value").textContent !== old, before);
      await page.waitForFunction((text) => [...document.querySelectorAll(".live-figure .basis")].some((node) => node.textContent === text), words);
    });

    if (tickMs === 5000) return;
    for (const [path, where, part] of [["/runs/steady", "a run", "h1"], ["/runs/steady", "a run, further down", "#errors"], ["/", "the list", "h1"]]) {
      if (tickMs === 1000 && part !== "h1") continue;
      visit(`nothing moves on the page of ${where}`, { broker: () => broker }, async ({ page, open, t }) => {
        await open(path);
        await seeAll(page);
        await page.waitForFunction(() => [...document.querySelectorAll(".live-figure .value, .card-figure .value")].some((node) => /\d/.test(node.textContent)));
        await page.locator(part).scrollIntoViewIfNeeded();
        const { sum, moved } = await page.evaluate(shiftsWithin, tickMs === 200 ? WATCH_MS / 2 : WATCH_MS);
        t.diagnostic(`layout shift ${sum.toFixed(4)} ${moved.slice(0, 8).join(", ")}`);
        assert.ok(sum < MOST_SHIFT, `layout shift ${sum}: ${moved.join(", ")}`);
      });
    }
  });
}
