// Before the first run; and what a first look costs.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe } from "node:test";
import { promisify } from "node:util";

import { Broker } from "./broker.mjs";
import { picture, seeAll, visit } from "./visit.mjs";

const MOST_BYTES = 150_000;
const run = promisify(execFile);

describe("nothing was sent yet", () => {
  const broker = new Broker();
  before(() => broker.start());
  after(() => broker.end());

  for (const scheme of ["light", "dark"]) {
    visit(`the page says how to begin, ${scheme}`, { broker: () => broker, scheme }, async ({ page, open }) => {
      await open("/");
      await page.getByRole("heading", { name: "No runs yet" }).waitFor();
      for (const width of [1440, 360]) {
        await page.setViewportSize({ width, height: 900 });
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), true);
        await picture(page, `empty-${width}-${scheme}`, { fullPage: true });
      }
    });
  }

  visit("the lines work as they are, and the page notices", { broker: () => broker }, async ({ page, open }) => {
    await open("/");
    await page.getByRole("heading", { name: "No runs yet" }).waitFor();
    const { ingest } = await broker.api("/api/endpoints");
    const lines = await page.locator(".sample code").allTextContents();
    assert.equal(lines.length, 3);
    for (const line of lines.slice(1)) assert.ok(line.includes(ingest[0]), `${line} does not name ${ingest[0]}`);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copy the curl example" }).click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), lines[0]);
    await run("bash", ["-c", lines[0]]);
    await page.locator(".live-card .run-link", { hasText: "hello" }).waitFor();
    assert.ok(await page.getByRole("heading", { name: "No runs yet" }).isHidden());
  });

  visit("a first look costs little, and asks this broker only", { broker: () => broker }, async ({ page, open, requests, t }) => {
    await broker.send([{ data_type: "add_hit", label: "home", success: true, elapsed: 0.01 }], "r1");
    await broker.run("r1");
    const client = await page.context().newCDPSession(page);
    await client.send("Network.enable");
    let transferred = 0;
    client.on("Network.loadingFinished", ({ encodedDataLength }) => { transferred += encodedDataLength; });
    await open("/runs/r1");
    await seeAll(page);
    t.diagnostic(`${transferred} bytes in ${requests.length} requests`);
    assert.ok(transferred > 10_000 && transferred < MOST_BYTES, `${transferred} bytes`);
    assert.deepEqual([...new Set(requests.map((url) => new URL(url).origin))], [broker.url]);
  });
});
