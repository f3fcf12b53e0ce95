// What one sees is in the address: a reload, or a colleague, sees the same.
import assert from "node:assert/strict";
import { after, before } from "node:test";

import { Broker } from "./broker.mjs";
import { shopLoad } from "./shop_load.mjs";
import { figure, seeAll, visit } from "./visit.mjs";

const broker = new Broker();

before(async () => {
  await broker.start();
  for (const [at, run] of ["one", "two", "three"].entries()) {
    const load = shopLoad({ seed: at + 1, users: 30, seconds: 20 });
    const began = Date.now() - 20_000;
    const past = Array.from({ length: 20 }, (_one, second) => load.step(second).map((message) => ({ ...message, time: new Date(began + second * 1000).toISOString() })));
    await broker.send([...load.start({ name: run, project: at === 2 ? "" : "shop", scenario: at === 2 ? "" : "checkout", tags: { half: String(at % 2) } }), ...past.flat()], run);
    await broker.run(run);
    await broker.api(`/api/runs/${run}/stop`, { method: "POST" });
  }
});
after(() => broker.end());

/** What `read` says must be the same after a reload. */
async function sameAfterReload(page, read) {
  const before = await read();
  const address = page.url();
  await page.reload();
  await page.locator("h1").first().waitFor({ state: "attached" });
  await page.waitForLoadState("networkidle");
  assert.deepEqual(await read(), before);
  assert.equal(page.url(), address);
  return before;
}

visit("a run: label, search, order, percentiles, axis, range, errors", { broker: () => broker }, async ({ page, open }) => {
  await open("/runs/one");
  const labels = page.locator("#labels");
  await labels.locator(".label-button", { hasText: "/api/basket" }).first().click();
  await labels.getByRole("searchbox").fill("api");
  await page.waitForURL(/labels\.q=api/);
  await labels.locator('th[data-key="p95"] .sorter').click();
  await page.getByRole("button", { name: "Elapsed" }).click();
  const ranks = page.getByLabel(/^Percentiles to draw/);
  await ranks.fill("50, 99.9");
  await ranks.press("Enter");
  await page.getByRole("group", { name: /^Chart: Rate/ }).focus();
  await page.keyboard.press("+");
  await page.locator("#errors").getByLabel("Kind of error").selectOption("hit");
  const chips = page.locator(".jump .chip bdi");
  const read = async () => {
    await labels.locator(".label-button").first().waitFor();
    await page.waitForFunction(() => document.querySelector(".live-figure .value").textContent !== "–");
    return {
      chips: await chips.allTextContents(), rows: await labels.locator(".label-button").allTextContents(), sort: await labels.locator("th[aria-sort]").getAttribute("data-key"),
      ranks: await ranks.inputValue(), axis: await page.getByRole("button", { name: "Elapsed" }).getAttribute("aria-pressed"), kind: await page.locator("#errors select").inputValue(),
      hits: await figure(page, "Hits").locator(".value").textContent(), legend: await page.locator("#charts .chart").nth(1).locator(".legend-item").allTextContents(),
    };
  };
  await seeAll(page);
  const seen = await sameAfterReload(page, read);
  assert.equal(seen.chips.length, 2);
  assert.equal(seen.sort, "p95");
  assert.equal(seen.kind, "hit");
});

visit("the list: search, scenario, state", { broker: () => broker }, async ({ page, open }) => {
  await open("/");
  await page.getByLabel("Project and scenario").selectOption({ label: "checkout (2)" });
  await page.locator(".runs-table .run-link").nth(1).waitFor();
  await page.getByRole("searchbox", { name: "Search runs" }).fill("two");
  await page.waitForURL(/q=two/);
  await page.getByLabel("State").selectOption("aborted_by_user");
  const names = page.locator(".runs-table .run-link");
  await page.waitForFunction(() => document.querySelectorAll(".runs-table .run-link").length === 1);
  assert.deepEqual(await sameAfterReload(page, async () => {
    await names.first().waitFor();
    return names.allTextContents();
  }), ["two"]);
  await page.getByRole("button", { name: "Clear filters" }).click();
  await names.nth(2).waitFor();
  await open("/?project=&scenario=");
  await names.first().waitFor();
  assert.deepEqual(await names.allTextContents(), ["three"]);
});

visit("a comparison: figure, order, search", { broker: () => broker }, async ({ page, open }) => {
  await open("/compare?base=one&run=two&run=three");
  await page.locator(".compare-table .change").first().waitFor();
  await page.getByLabel("Figure to compare").selectOption("p50");
  await page.locator('.compare-table th[data-key="run1"] .sorter').click();
  await page.getByRole("searchbox", { name: "Search labels" }).fill("basket");
  await page.waitForURL(/q=basket/);
  await page.waitForFunction(() => document.querySelectorAll(".compare-table tbody tr").length === 2);
  const rows = await sameAfterReload(page, async () => {
    await page.locator(".compare-table .change").first().waitFor();
    return page.locator(".compare-table tbody tr").allTextContents();
  });
  assert.equal(rows.length, 2);
  await page.getByRole("button", { name: "Make it the base" }).first().click();
  await page.waitForURL("**/compare?base=two&run=one&run=three");
});

visit("a trend: tag, percentiles; a click opens the run", { broker: () => broker }, async ({ page, open }) => {
  await open("/trend?project=shop&scenario=checkout");
  await page.getByLabel("Only runs with this tag").fill("half:1");
  await page.waitForURL(/tag=half/);
  await page.waitForFunction(() => document.querySelectorAll(".trend-table .run-link").length === 1);
  assert.deepEqual(await sameAfterReload(page, async () => {
    await page.locator(".trend-table .run-link").first().waitFor();
    return page.locator(".trend-table .run-link").allTextContents();
  }), ["two"]);
  await page.locator(".trend-table .run-link").click();
  await page.waitForURL("**/runs/two");
  await page.goBack();
  await page.waitForURL(/\/trend\?.*tag=half/);
});
