// From the list of runs to a label and back without a mouse.
import assert from "node:assert/strict";
import { after, before } from "node:test";

import { Broker } from "./broker.mjs";
import { visit } from "./visit.mjs";

const broker = new Broker();

before(async () => {
  await broker.start();
  const hits = ["home", "basket", "checkout"].flatMap((label, at) => Array.from({ length: 30 - at }, () => ({ data_type: "add_hit", label, success: true, elapsed: 0.01 * (at + 1) })));
  await broker.send([{ data_type: "startTestRun", name: "First" }, ...hits], "first");
  await broker.send([{ data_type: "startTestRun", name: "Second" }, ...hits], "second");
  for (const run of ["first", "second"]) {
    await broker.run(run);
    await broker.api(`/api/runs/${run}/stop`, { method: "POST" });
  }
});
after(() => broker.end());

/** Presses Tab until what has the focus is called so; fails when it has gone all the way round. */
async function tabTo(page, name) {
  for (let presses = 0; presses < 120; presses += 1) {
    await page.keyboard.press("Tab");
    const { text, seen } = await page.evaluate(() => {
      const node = document.activeElement;
      const { width, height } = node.getBoundingClientRect();
      const style = getComputedStyle(node);
      return { text: (node.getAttribute("aria-label") ?? node.textContent).trim(), seen: width > 0 && height > 0 && style.outlineStyle !== "none" };
    });
    assert.ok(seen, `the focus on “${text}” cannot be seen`);
    if (text === name) return;
  }
  throw new Error(`Tab does not lead to “${name}”`);
}

visit("keys lead to a label and back", { broker: () => broker }, async ({ page, open }) => {
  await open("/");
  await page.locator(".runs-table .run-link").first().waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");

  await page.keyboard.press("/");
  await page.keyboard.type("first");
  await page.waitForURL(/\?q=first/);
  await page.locator(".runs-table .run-link").nth(1).waitFor({ state: "detached" });
  await page.keyboard.press("Escape");
  await tabTo(page, "First");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/runs/first");
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1");

  await page.locator("#labels .label-button").first().waitFor();
  await page.keyboard.press("l");
  await page.keyboard.type("basket");
  await page.waitForFunction(() => document.querySelectorAll("#labels tbody tr").length === 1);
  await tabTo(page, "basket");
  await page.keyboard.press("Enter");
  await page.locator(".jump .chip bdi", { hasText: "basket" }).waitFor();
  assert.match(page.url(), /label=basket/);
  await page.waitForFunction(() => document.querySelector(".live-figure .value").textContent === "29");

  await page.keyboard.press("Escape");
  await page.locator(".jump .chip bdi", { hasText: "basket" }).waitFor({ state: "hidden" });
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await page.waitForURL(`${broker.url}/`);
});

visit("keys choose two runs and compare them", { broker: () => broker }, async ({ page, open }) => {
  await open("/");
  await page.locator(".runs-table .run-link").first().waitFor();
  for (const name of ["Select Second to compare", "Select First to compare"]) {
    await tabTo(page, name);
    await page.keyboard.press("Space");
  }
  await page.keyboard.press("c");
  await page.waitForURL("**/compare?base=first&run=second");
  await page.locator(".compare-table .change").first().waitFor();
});

visit("keys move and zoom a chart", { broker: () => broker }, async ({ page, open }) => {
  await open("/runs/first");
  const chart = page.getByRole("group", { name: /^Chart: Rate/ });
  await chart.locator("canvas").waitFor();
  await chart.focus();
  await page.keyboard.press("Home");
  await page.locator(".chart", { has: chart }).locator(".legend-time", { hasText: /\d/ }).waitFor();
  await page.keyboard.press("+");
  await page.waitForURL("**/runs/first?from=*");
  await page.keyboard.press("Escape");
  await page.waitForURL("**/runs/first");
});
