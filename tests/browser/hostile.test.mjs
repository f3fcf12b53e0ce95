// Labels, errors, ids and names are what anybody sent. None of it may become markup or script.
import assert from "node:assert/strict";
import { after, before } from "node:test";

import { Broker } from "./broker.mjs";
import { seeAll, visit } from "./visit.mjs";

const MANY = 200;
const broker = new Broker();
const attacks = [
  "<img src=x onerror=alert(1)>", "<script>alert(2)</script>", "\"><svg onload=alert(3)>", "javascript:alert(4)", "'-alert(5)-'", "{{constructor.constructor('alert(6)')()}}",
  "<iframe srcdoc='<script>parent.alert(7)</script>'>", "\u202Egpj.exe\u202C", "a\u200Bb\u200Dc\uFEFF", "</title></style></textarea><img src=//example.org/x>",
  "<a href=javascript:alert(8)>x</a>", "<base href=//example.org/>", "<style>*{display:none}</style>", "אבג דהו שלום", "💥".repeat(40), "x".repeat(700), "%3Cscript%3E", "<link rel=stylesheet href=//example.org/x.css>",
  "__proto__", "constructor",
];
const attack = (at) => (at < attacks.length ? attacks[at] : `${attacks[at % attacks.length]} #${at}`);
const runId = "<b onclick=alert(9)>run<&\"'";

before(async () => {
  await broker.start();
  await broker.send(Array.from({ length: MANY }, (_one, at) => {
    const text = attack(at);
    const worker_id = text.replaceAll("/", "|").slice(0, 30);
    return [
      { data_type: "add_hit", worker_id, label: text, success: at % 3 > 0, error: text, elapsed: 0.01, method: text, url: text },
      { data_type: "addError", worker_id, test: text, exc_info: [text, text, text] },
      { data_type: text, worker_id, test: text }, { data_type: "startTest", worker_id, test: text }, { data_type: "add_hit", worker_id, label: text, elapsed: text },
    ];
  }).flat(), runId);
  await broker.send([{ data_type: "startTestRun", name: attacks[0], project: attacks[1], scenario: attacks[2], tags: Object.fromEntries(attacks.slice(0, 15).map((text) => [text, text])) }], runId);
  await broker.send([{ data_type: "add_hit", label: attacks[0], success: true, elapsed: 0.02 }], "other");
  const { number } = await broker.run(runId, (run) => run.labels_total >= MANY && run.project === attacks[1]);
  await broker.api(`/api/runs/${number}`, { method: "PATCH", body: JSON.stringify({ note: attacks[0], baseline: true }), headers: { "Content-Type": "application/json" } });
  await broker.run("other");
});
after(() => broker.end());

const path = `/runs/${encodeURIComponent(runId)}`;

visit("200 hostile texts are shown as texts", { broker: () => broker }, async ({ page, open }) => {
  await open(path);
  await page.locator("#labels .section-head", { hasText: /\d labels/ }).waitFor();
  await seeAll(page);
  assert.equal(await page.locator("h1").textContent(), attacks[0]);
  const search = page.locator("#labels").getByRole("searchbox");
  for (const text of attacks.slice(0, 5)) {
    await search.fill(text);
    await page.waitForFunction((wanted) => [...document.querySelectorAll("#labels .label-button")].some((button) => button.textContent === wanted), text);
  }
  await search.fill(attacks[0]);
  const button = page.locator("#labels .label-button").filter({ hasText: /^<img src=x onerror=alert\(1\)>$/ });
  await button.click();
  await page.locator(".jump .chip bdi", { hasText: attacks[0] }).waitFor();
  await page.locator("#errors .error-head").first().click();
  await page.locator("#errors .error-body").first().waitFor();
  await page.keyboard.press("Escape");
  for (const head of await page.locator("#errors .error-head").all()) await head.click();
  await page.locator("#health summary").click().catch(() => {});
  await page.getByLabel("More actions").click();
  await page.getByRole("button", { name: "Tags…" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  assert.equal(await page.locator("main :is(img, script, iframe, style, base, link, object, embed)").count(), 0);
});

visit("so are those of the other pages", { broker: () => broker }, async ({ page, open }) => {
  for (const where of ["/", `/?${new URLSearchParams({ q: attacks[0], project: attacks[1], scenario: attacks[2], tag: attacks[3] })}`,
    `/compare?${new URLSearchParams([["base", runId], ["run", "other"]])}`, `/trend?${new URLSearchParams({ project: attacks[1], scenario: attacks[2] })}`,
    `${path}?${new URLSearchParams({ label: attacks[0], "labels.q": attacks[1], "errors.q": attacks[2], p: attacks[3], from: attacks[4] })}`]) {
    await open(where);
    await seeAll(page);
    assert.equal(await page.locator("main :is(img, script, iframe, style, base, link, object, embed)").count(), 0, where);
  }
});
