// A real browser looking at the dashboard; what goes wrong in the page fails the test.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import test, { after } from "node:test";

import { chromium } from "playwright-core";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const PATIENCE_MS = 15_000;
let browser = null;

async function theBrowser() {
  browser ??= await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  return browser;
}
after(async () => browser?.close());

/**
 * A test with a page. Dialogs, script errors, violations of the CSP and requests to other origins fail it.
 * @param {string} name
 * @param {{broker: () => import("./broker.mjs").Broker, width?: number, height?: number, scheme?: "light" | "dark",
 *   mayFail?: RegExp}} options `mayFail`: errors in the console that belong to the test
 * @param {(visit: {page: import("playwright-core").Page, open: (path: string) => Promise<void>, requests: string[],
 *   t: import("node:test").TestContext}) => Promise<void>} body
 */
export function visit(name, options, body) {
  test(name, async (t) => {
    const { broker, width = 1440, height = 900, scheme = "light", mayFail = /^$/ } = options;
    const context = await (await theBrowser()).newContext({ viewport: { width, height }, colorScheme: scheme });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    const requests = [];
    const trouble = await collectTrouble(page, { origin: broker().url, requests, mayFail });
    const open = async (path) => {
      await page.goto(broker().url + path);
      await page.locator("h1").first().waitFor({ state: "attached" });
    };
    try {
      await body({ page, open, requests, t });
    } finally {
      await context.close();
    }
    assert.deepEqual(trouble, []);
  });
}

async function collectTrouble(page, { origin, requests, mayFail }) {
  const trouble = [];
  const add = (kind, text) => { if (!mayFail.test(text)) trouble.push(`${kind}: ${text}`); };
  await page.exposeFunction("reportViolation", (text) => add("CSP", text));
  await page.addInitScript(() => addEventListener("securitypolicyviolation", (event) => {
    globalThis.reportViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
  }));
  page.on("dialog", (dialog) => {
    add("dialog", dialog.message());
    dialog.dismiss();
  });
  page.on("pageerror", (error) => add("script", error.stack ?? String(error)));
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) add("console", `${message.text()} ${message.location().url}`); });
  page.on("request", (request) => {
    requests.push(request.url());
    if (new URL(request.url()).origin !== origin) add("request to another origin", request.url());
  });
  return trouble;
}

/** Writes a picture of the page where WEIR_SCREENSHOTS says. */
export async function picture(page, name, options = {}) {
  const folder = process.env.WEIR_SCREENSHOTS;
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), ...options });
}

/** Brings every part of the page into view once, because parts load when they are seen. */
export async function seeAll(page) {
  await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight / 2) {
      scrollTo({ top: y, behavior: "instant" });
      await frame();
      await frame();
    }
    scrollTo({ top: 0, behavior: "instant" });
  });
  await page.waitForLoadState("networkidle");
}

/** The number in a text such as "12,345 /s". */
export const numberIn = (text) => Number(/-?[\d,]*\.?\d+/.exec(text ?? "")?.[0].replaceAll(",", ""));

/** The big figure of that caption on the page of a run. */
export const figure = (page, caption) => page.locator(".live-figure").filter({ has: page.locator("dt", { hasText: new RegExp(`^${caption}$`) }) });
