// A run that ends while one looks, and a broker that goes away.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";

import { Broker } from "./broker.mjs";
import { shopLoad } from "./shop_load.mjs";
import { figure, numberIn, visit } from "./visit.mjs";

const lost = /WebSocket|ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|503/;

const shown = async (page) => Object.fromEntries(await Promise.all(["Hits", "Rate", "Failed", "p50", "p95", "p99", "Max"]
  .map(async (name) => [name, await figure(page, name).locator(".value").textContent()])));

// As the page rounds: three digits after all those before the point.
const rounded = (value) => Number(Math.abs(value) >= 99.95 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 9.995 ? 1 : 2));

describe("a run that ends while it is watched", () => {
  const broker = new Broker("--set", "run.end_grace_s=1");
  before(() => broker.start());
  after(() => broker.end());

  visit("becomes final without a reload, with the figures of the API", { broker: () => broker }, async ({ page, open }) => {
    const load = shopLoad({ users: 30, seconds: 10 });
    await broker.send([...load.start({ name: "Short" }), ...load.step(0), ...load.step(5)], "short");
    await broker.run("short");
    await open("/runs/short");
    await page.locator(".run-state", { hasText: "running" }).waitFor();
    await page.evaluate(() => { globalThis.sameDocument = true; });
    await broker.send([...load.step(6), ...load.stop()], "short");
    await page.locator(".notice", { hasText: "The run has ended: finished" }).waitFor();
    await page.locator(".run-state", { hasText: "finished" }).waitFor();
    await page.waitForFunction(() => /^finished · Short/.test(document.title));
    const run = await broker.api("/api/runs/short");
    await page.waitForFunction((count) => document.querySelector(".live-figure .value").textContent.replaceAll(",", "") === String(count), run.hits.count);
    const figures = await shown(page);
    assert.equal(numberIn(figures.Rate), rounded(run.hits.per_s));
    assert.equal(numberIn(figures.Failed), rounded(100 * run.hits.failed / run.hits.count));
    for (const [name, key] of [["p50", "p50"], ["p95", "p95"], ["p99", "p99"], ["Max", "max"]]) assert.equal(numberIn(figures[name]), rounded(run.response_ms[key]), name);
    assert.equal(await page.getByRole("button", { name: "Stop" }).count(), 0);
    assert.ok(await page.evaluate(() => globalThis.sameDocument));
  });
});

for (const signal of ["SIGTERM", "SIGKILL"]) {
  describe(`a broker that is away after ${signal}`, () => {
    const broker = new Broker();
    let stopSending = async () => {};
    before(async () => {
      await broker.start();
      const load = shopLoad({ users: 20, seconds: 30, scale: 0.25 });
      await broker.send(load.start({ name: "Long" }), "long");
      stopSending = broker.keepSending(load.step, { runId: "long" });
      await broker.run("long", (run) => run.hits.count > 0);
    });
    after(async () => {
      await stopSending();
      await broker.end();
    });

    visit("is said to be lost, and the page goes on by itself", { broker: () => broker, mayFail: lost }, async ({ page, open }) => {
      await open("/runs/long");
      await figure(page, "Hits").locator(".value", { hasText: /\d/ }).waitFor();
      await page.evaluate(() => { globalThis.sameDocument = true; });
      await broker.stop(signal);
      const banner = page.getByRole("alert").filter({ hasText: "Connection to the broker lost" });
      await banner.waitFor();
      await page.locator(".countdown", { hasText: /Reconnecting in \d+ s|Reconnecting…/ }).waitFor();
      assert.ok(await page.evaluate(() => document.documentElement.hasAttribute("data-lost")));
      const before = numberIn(await figure(page, "Hits").locator(".value").textContent());
      await banner.getByRole("button", { name: "Retry now" }).click();
      assert.ok(await banner.isVisible());
      await broker.start();
      await banner.waitFor({ state: "detached" });
      await page.waitForFunction((old) => Number(document.querySelector(".live-figure .value").textContent.replaceAll(",", "")) > old, before);
      await page.locator(".run-state", { hasText: "running" }).waitFor();
      assert.equal(await page.evaluate(() => document.documentElement.hasAttribute("data-lost")), false);
      assert.ok(await page.evaluate(() => globalThis.sameDocument));
    });
  });
}
