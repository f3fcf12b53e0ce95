// What one can do to a run by clicking, looked up in the API.
import assert from "node:assert/strict";
import { after, before } from "node:test";

import { Broker } from "./broker.mjs";
import { eventually } from "./eventually.mjs";
import { visit } from "./visit.mjs";

const broker = new Broker();

before(async () => {
  await broker.start();
  for (const run of ["changed", "kept"]) {
    await broker.send([{ data_type: "startTestRun", name: run, project: "shop", scenario: "checkout" }, { data_type: "add_hit", label: "home", success: true, elapsed: 0.01 }], run);
    await broker.run(run);
  }
});
after(() => broker.end());

visit("name, note, tags, baseline, stop, delete", { broker: () => broker, mayFail: /404/ }, async ({ page, open }) => {
  const said = (text) => page.getByRole("status").filter({ hasText: text }).first().waitFor();
  const choose = async (name) => {
    await page.getByLabel("More actions").click();
    await page.getByRole("button", { name }).click();
  };
  const dialog = page.getByRole("dialog");
  await open("/runs/changed");

  await choose("Name and note…");
  await dialog.getByLabel("Name").fill("Renamed");
  await dialog.getByLabel("Note").fill("Second try,\nwith a colder cache");
  await dialog.getByRole("button", { name: "Save" }).click();
  await said("Name and note were saved");
  await page.getByRole("heading", { level: 1, name: "Renamed" }).waitFor();
  let run = await broker.api("/api/runs/changed");
  assert.deepEqual([run.name, run.note], ["Renamed", "Second try,\nwith a colder cache"]);

  await choose("Tags…");
  await dialog.getByLabel("Tag", { exact: true }).fill("branch");
  await dialog.getByLabel("Value").fill("cache");
  await dialog.getByRole("button", { name: "Add a tag" }).click();
  await dialog.getByLabel("Tag", { exact: true }).nth(1).fill("build");
  await dialog.getByLabel("Value").nth(1).fill("7");
  await dialog.getByRole("button", { name: "Save" }).click();
  await said("Tags were saved");
  assert.deepEqual((await broker.api("/api/runs/changed")).tags, { branch: "cache", build: "7" });

  await choose("Make it a baseline");
  await said("It is a baseline now");
  assert.equal((await broker.api("/api/runs/changed")).baseline, true);
  await page.locator(".run-tags", { hasText: "Baseline" }).waitFor();

  await page.getByRole("button", { name: "Stop" }).click();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  assert.equal((await broker.api("/api/runs/changed")).state, "running");
  await page.getByRole("button", { name: "Stop" }).click();
  await dialog.getByRole("button", { name: "Stop the run" }).click();
  await page.locator(".run-state", { hasText: "stopped by user" }).waitFor();
  run = await broker.api("/api/runs/changed");
  assert.equal(run.state, "aborted_by_user");

  await choose("Delete…");
  const confirm = dialog.getByRole("button", { name: "Delete the run" });
  assert.ok(await confirm.isDisabled());
  await dialog.getByRole("textbox").fill("kept");
  assert.ok(await confirm.isDisabled());
  await dialog.getByRole("textbox").fill(String(run.number));
  await confirm.click();
  await page.waitForURL(`${broker.url}/`);
  await said(`Run ${run.number} was deleted`);
  await eventually(() => broker.api("/api/runs/changed").catch(({ status }) => status === 404), "the run is gone");
  assert.equal((await broker.api("/api/runs/kept")).name, "kept");
});

visit("what was not saved is said where it was asked", { broker: () => broker, mayFail: /503/ }, async ({ page, open }) => {
  await open("/runs/kept");
  await page.route("**/api/runs/kept", (route) => (route.request().method() === "PATCH"
    ? route.fulfill({ status: 503, contentType: "application/json", body: JSON.stringify({ error: { code: "database", message: "The results file cannot be written.", field: null } }) })
    : route.continue()));
  await page.getByLabel("More actions").click();
  await page.getByRole("button", { name: "Name and note…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Note").fill("not kept");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByRole("alert").filter({ hasText: "The results file cannot be written." }).waitFor();
  assert.equal(await dialog.getByLabel("Note").inputValue(), "not kept");
});
