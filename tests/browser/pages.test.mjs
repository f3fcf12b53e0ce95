// Every page with a live run: accessible in both schemes, no wider than a phone.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before } from "node:test";

import { Broker } from "./broker.mjs";
import { shopLoad } from "./shop_load.mjs";
import { figure, numberIn, picture, seeAll, visit } from "./visit.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const widths = [1440, 360];
const about = { name: "Nightly checkout", project: "shop", scenario: "checkout", tags: { branch: "main", build: "118" } };
const broker = new Broker();
let stopSending = async () => {};

before(async () => {
  await broker.start();
  await Promise.all([1, 2, 3].map(async (seed) => {
    const load = shopLoad({ seed, seconds: 30, slower: 1 + seed / 12, users: 12 });
    const began = Date.now() - 30_000;
    // Hits may tell when they happened: so a run of half a minute is there at once.
    const past = Array.from({ length: 30 }, (_one, second) => load.step(second).map((message) => ({ ...message, time: new Date(began + second * 1000 + 500).toISOString() })));
    await broker.send([...load.start(about), ...past.flat(), ...load.stop()], `nightly-${seed}`);
    await broker.run(`nightly-${seed}`);
    await broker.api(`/api/runs/nightly-${seed}/stop`, { method: "POST" });
  }));
  await broker.api("/api/runs/nightly-1", { method: "PATCH", body: JSON.stringify({ baseline: true, note: "Before the new cache." }), headers: { "Content-Type": "application/json" } });
  const load = shopLoad({ seconds: 60, users: 20, scale: 0.5 });
  await broker.send(load.start({ ...about, name: "Nightly checkout, live" }), "live");
  stopSending = broker.keepSending(load.step, { runId: "live", everyMs: 500 });
  await broker.run("live", (run) => run.hits.count > 0);
});
after(async () => {
  await stopSending();
  await broker.end();
});

const pages = {
  runs: { path: "/", ready: (page) => page.locator(".live-card .value", { hasText: /\d/ }).first().waitFor() },
  run: { path: "/runs/live", ready: async (page) => {
    await figure(page, "Hits").locator(".value", { hasText: /\d/ }).waitFor();
    await page.locator("#labels tbody .label-button").first().waitFor();
  } },
  ended: { path: "/runs/nightly-1", ready: (page) => page.locator("#labels tbody .label-button").first().waitFor() },
  label: { path: "/runs/nightly-1?label=POST%20https%3A%2F%2Fshop.example%2Fapi%2Fcheckout", ready: (page) => page.locator(".chip:visible").first().waitFor() },
  compare: { path: "/compare?base=nightly-1&run=nightly-2&run=live", ready: (page) => page.locator(".compare-table .change").first().waitFor() },
  trend: { path: "/trend?project=shop&scenario=checkout", ready: (page) => page.locator(".trend-table .run-link").first().waitFor() },
  "choose-compare": { path: "/compare", ready: (page) => page.locator("#base").waitFor() },
  "choose-trend": { path: "/trend", ready: (page) => page.locator("select").waitFor() },
  missing: { path: "/runs/no-such-run", ready: (page) => page.locator("main [role=alert]").waitFor(), mayFail: /404/ },
};

async function axeFindings(page) {
  // Through the debugger, which the CSP does not bind.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations.flatMap(({ id, impact, nodes }) => nodes.map((node) => `${impact} ${id}: ${node.target} ${node.any[0]?.message ?? node.all[0]?.message ?? ""}`));
}

for (const scheme of ["light", "dark"]) {
  for (const [name, { path, ready, mayFail }] of Object.entries(pages)) {
    visit(`${name} page, ${scheme}`, { broker: () => broker, scheme, mayFail }, async ({ page, open }) => {
      await open(path);
      await ready(page);
      for (const width of widths) {
        await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
        await seeAll(page);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(wide <= 0, `${name} at ${width} px is ${wide} px too wide`);
        await picture(page, `${name}-${width}-${scheme}`, { fullPage: true });
        await picture(page, `${name}-${width}-${scheme}-top`);
      }
      await page.setViewportSize({ width: 1440, height: 900 });
      assert.deepEqual(await axeFindings(page), []);
      const dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).every((part) => Number(part) < 80));
      assert.equal(dark, scheme === "dark");
    });
  }
}

visit("the colours follow the button, and stay after a reload", { broker: () => broker, scheme: "light" }, async ({ page, open }) => {
  await open("/");
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  const button = page.getByRole("button", { name: /^Colours/ });
  await button.click();
  assert.equal(await background(), light);
  await button.click();
  const dark = await background();
  assert.notEqual(dark, light);
  await page.reload();
  assert.equal(await background(), dark);
  await button.click();
  assert.equal(await background(), light);
});

visit("a live run says what happens now", { broker: () => broker }, async ({ page, open }) => {
  await open("/");
  const card = page.locator(".live-card");
  const before = numberIn(await card.locator(".hits .value").textContent()) || 0;
  await page.waitForFunction((old) => Number(document.querySelector(".live-card .hits .value").textContent.replaceAll(",", "")) > old, before);
  await card.getByRole("link", { name: "Nightly checkout, live" }).click();
  await page.waitForURL("**/runs/live");
  await page.waitForFunction(() => /\/s · running · Nightly checkout, live/.test(document.title));
  // A tick may come early or late.
  assert.match(await figure(page, "Rate").locator(".basis").textContent(), /^last (second|[\d.]+ s)$/);
  await page.getByRole("button", { name: "Whole run" }).click();
  assert.equal(await figure(page, "Rate").locator(".basis").textContent(), "whole run");
  const { response_ms: ms } = (await broker.api("/api/runs/live/summary"));
  const p95 = numberIn(await figure(page, "p95").locator(".value").textContent());
  assert.ok(Math.abs(p95 - ms.p95) < ms.p95 / 2, `${p95} is not about ${ms.p95}`);
});
