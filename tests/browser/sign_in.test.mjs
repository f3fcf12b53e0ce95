// With tokens: who may look, who may change, and what becomes of a token that is revoked.
import assert from "node:assert/strict";
import { after, before } from "node:test";

import { Broker } from "./broker.mjs";
import { visit } from "./visit.mjs";

const broker = new Broker();
const tokens = {};
// A wrong token and a lost session are answered so.
const refused = /401|WebSocket/;

before(async () => {
  await broker.start();
  await broker.stop();
  for (const role of ["viewer", "admin"]) tokens[role] = await broker.tokens("add", `the-${role}`, "--role", role);
  tokens.leaver = await broker.tokens("add", "the-leaver", "--role", "viewer");
  broker.token = tokens.admin;
  await broker.start();
  await broker.send([{ data_type: "add_hit", label: "home", success: true, elapsed: 0.01 }], "r1");
  await broker.run("r1");
});
after(() => broker.end());

async function signIn(page, token) {
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
}

visit("a wrong token is refused, a viewer's opens what was asked for", { broker: () => broker, mayFail: refused }, async ({ page, open }) => {
  await open("/runs/r1?figures=whole");
  await signIn(page, "weir_nonsense");
  await page.locator(".sign-in .problem", { hasText: /\w/ }).waitFor();
  await signIn(page, tokens.viewer);
  await page.locator(".run-state", { hasText: "running" }).waitFor();
  assert.match(page.url(), /\/runs\/r1\?figures=whole$/);
  assert.equal(await page.getByRole("button", { name: "Stop" }).count(), 0);
  await page.getByLabel("More actions").click();
  assert.deepEqual(await page.locator(".menu-list > *").allTextContents(), ["Report as text", "Report as JSON"]);
  await page.locator(".user-name", { hasText: "the-viewer" }).waitFor();
  const cookies = await page.context().cookies();
  assert.ok(cookies.length > 0 && cookies.every(({ httpOnly, sameSite }) => httpOnly && sameSite === "Strict"));
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in to weir" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Sign in to weir" }).waitFor();
});

visit("an admin may change", { broker: () => broker, mayFail: refused }, async ({ page, open }) => {
  await open("/runs/r1");
  await signIn(page, tokens.admin);
  await page.getByRole("button", { name: "Stop" }).waitFor();
  await page.getByLabel("More actions").click();
  await page.getByRole("button", { name: "Name and note…" }).waitFor();
});

visit("a revoked token leads back to the form, and a sound one back to the page", { broker: () => broker, mayFail: refused }, async ({ page, open }) => {
  await open("/runs/r1");
  await signIn(page, tokens.leaver);
  await page.locator(".run-state", { hasText: "running" }).waitFor();
  await broker.tokens("revoke", "the-leaver");
  await page.getByRole("heading", { name: "Sign in to weir" }).waitFor();
  assert.equal(await page.locator(".run-state").count(), 0);
  await signIn(page, tokens.viewer);
  await page.locator(".run-state", { hasText: "running" }).waitFor();
});
