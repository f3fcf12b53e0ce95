// Run in this folder: npm ci --ignore-scripts && node --test
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { FakeAckedBroker } from "./fake_acked_broker.mjs";
import { AckedClient, Window } from "./weir_acked_client.mjs";

const PATIENCE_MS = 20_000;

async function eventually(look) {
  for (const end = Date.now() + PATIENCE_MS; !look(); await sleep(5))
    assert.ok(Date.now() < end, `did not come to pass: ${look}`);
}

// A broker, a client of it, and the lines the client writes to stderr, for one test.
async function pair(t, options = {}, { dead = false } = {}) {
  const stderr = [];
  t.mock.method(console, "error", (...words) => stderr.push(words));
  const broker = await new FakeAckedBroker().start();
  if (dead) await broker.die();
  Object.assign(broker, options.broker);
  const client = new AckedClient(broker.endpoint, "run", "worker",
    { linger_ms: PATIENCE_MS, ...options });
  t.after(async () => {
    await client.close();
    await broker.die();
  });
  return { broker, client, stderr };
}

function count(client, first, last) {
  for (let number = first; number < last; ++number) client.count(`n${number}`, "t");
}

// Ends the client; the broker has each of the counters once, in order.
async function check_all_once({ broker, client, stderr }, sent) {
  assert.deepEqual(await client.close(),
    { sent, acknowledged: sent, not_sent: 0, refused: 0, unacknowledged: 0 });
  assert.deepEqual(broker.messages().map((message) => message.data_type),
    Array.from({ length: sent }, (_, number) => `n${number}`));
  assert.deepEqual(stderr, []);
}

test("messages arrive once, in order, without seq and epoch", async (t) => {
  const its = await pair(t);
  count(its.client, 0, 950);
  await check_all_once(its, 950);
  const [hello] = its.broker.hellos;
  assert.deepEqual([hello.proto, hello.worker_id, hello.run_id, hello.next_seq],
    ["weir-ack/1", "worker", "run", 1]);
  assert.ok(Math.abs(hello.epoch / 1000 - Date.now()) < 60_000);
  for (const message of its.broker.messages()) {
    assert.deepEqual([message.worker_id, message.run_id], ["worker", "run"]);
    assert.match(message.time, /^\d{4}-.*Z$/);
    assert.ok(!("seq" in message) && !("epoch" in message));
  }
  assert.deepEqual(its.broker.seqs, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  await eventually(() => its.broker.ends.join() === "10");
});

test("a batch leaves after its time though nothing else is said", async (t) => {
  const { broker, client } = await pair(t, { batch_ms: 50 });
  client.start_test("a");
  await eventually(() => broker.seqs.length === 1);
  client.stop_test("a");
  await eventually(() => broker.messages().length === 2);
});

test("a broker that comes later gets everything", async (t) => {
  const its = await pair(t, {}, { dead: true });
  count(its.client, 0, 500);
  await its.broker.start();
  await check_all_once(its, 500);
});

test("a broker that dies and comes back counts each message once", async (t) => {
  const its = await pair(t, { batch_messages: 10, broker: { credit: 3 } });
  count(its.client, 0, 300);
  await eventually(() => its.broker.lines().length >= 100);
  await its.broker.die();
  count(its.client, 300, 600);
  await its.broker.start();
  await check_all_once(its, 600);
  assert.ok(its.broker.hellos.length > 1);
});

test("lost acknowledgements and batches are made good", async (t) => {
  const its = await pair(t, { batch_messages: 1, broker: { lose_acks: 3, lose_batches: 3 } });
  count(its.client, 0, 20);
  await check_all_once(its, 20);
});

test("a batch that is to come later is sent again, and later ones wait", async (t) => {
  let refusals = 3;
  const refuse = (seq) => (seq === 3 && refusals-- > 0 ? "retry_later" : null);
  const its = await pair(t, { batch_messages: 1, broker: { refuse } });
  const started = performance.now();
  count(its.client, 0, 10);
  await check_all_once(its, 10);
  assert.ok(performance.now() - started > 650); // 100 + 200 + 400, timers may be early
});

test("a batch that cannot be read is counted and not sent again", async (t) => {
  const refuse = (seq) => (seq === 2 ? "malformed" : null);
  const { broker, client, stderr } = await pair(t, { batch_messages: 10, broker: { refuse } });
  count(client, 0, 50);
  assert.deepEqual(await client.close(),
    { sent: 50, acknowledged: 40, not_sent: 0, refused: 10, unacknowledged: 0 });
  assert.equal(broker.seqs.filter((seq) => seq === 2).length, 1);
  assert.equal(stderr.length, 1);
  assert.match(stderr[0].join(" "), /malformed by the test/);
});

test("with a credit of one, batches go one by one", async (t) => {
  const its = await pair(t, { batch_messages: 1, broker: { credit: 1 } });
  count(its.client, 0, 20);
  await check_all_once(its, 20);
  assert.deepEqual(its.broker.seqs, Array.from({ length: 20 }, (_, index) => index + 1));
});

test("a broker that denies ends it and says why", async (t) => {
  const { broker, client, stderr } = await pair(t, { broker: { denied: true } });
  client.start_test("a");
  const started = performance.now();
  const report = await client.close();
  assert.ok(performance.now() - started < PATIENCE_MS / 2);
  assert.deepEqual([report.acknowledged, report.unacknowledged], [0, 1]);
  assert.match(stderr[0].join(" "), /denied by the test/);
  assert.equal(broker.hellos.length, 1);
});

test("a broker that says nothing is left for a new connection", async (t) => {
  const its = await pair(t, { broker: { silent: true } });
  count(its.client, 0, 5);
  await eventually(() => its.broker.kinds.join().startsWith("H,H"));
  its.broker.silent = false;
  await check_all_once(its, 5);
});

test("what a full buffer has no room for is counted", async (t) => {
  const { client, stderr } =
    await pair(t, { max_unacked_bytes: 10_000, linger_ms: 200 }, { dead: true });
  for (let i = 0; i < 100; ++i) client.count("n", "x".repeat(1000));
  const report = await client.close();
  assert.ok(report.sent >= 5 && report.sent <= 10);
  assert.deepEqual(report, { sent: report.sent, acknowledged: 0, not_sent: 100 - report.sent,
    refused: 0, unacknowledged: report.sent });
  assert.equal(stderr.length, 1);
});

test("a broker that forgot what it acknowledged is told of", async (t) => {
  const { broker, client, stderr } = await pair(t, { batch_messages: 1, broker: { credit: 1 } });
  count(client, 0, 3);
  await eventually(() => broker.lines().length === 3); // so the first two were acknowledged
  await broker.die();
  broker.next_seq = 1;
  await broker.start();
  client.count("n", "t");
  await client.close();
  assert.match(stderr[0].join(" "), /the broker has lost batches 1 to [23]/);
});

test("what is no message is not sent, and so is what comes after close", async (t) => {
  const { client } = await pair(t);
  const circle = [];
  circle.push(circle);
  client.send({ data_type: "x", test: circle });
  client.count("n", "x".repeat(17 << 20));
  assert.equal((await client.close()).not_sent, 2);
  client.start_test("a");
  assert.equal((await client.close()).not_sent, 3);
});

test("what cannot work throws in the constructor", () => {
  for (const options of [{ batch_ms: 0 }, { max_unacked_bytes: -1 }, { linger_ms: NaN }])
    assert.throws(() => new AckedClient("tcp://127.0.0.1:1", "r", "w", options), RangeError);
  assert.throws(() => new AckedClient("7072"));
});

test("the endpoint may come from the environment", async (t) => {
  const broker = await new FakeAckedBroker().start();
  t.after(() => broker.die());
  Object.assign(process.env, { WEIR_ACKED: broker.endpoint, WEIR_TOKEN: "secret" });
  const client = new AckedClient();
  delete process.env.WEIR_ACKED;
  delete process.env.WEIR_TOKEN;
  client.start_test("a");
  assert.equal((await client.close()).acknowledged, 1);
  assert.equal(broker.hellos[0].token, "secret");
});

test("the clock for progress runs only while something is waited for", () => {
  const window = new Window();
  const steps = (now) => {
    const done = [];
    for (let step = window.next(now); step !== null; step = window.next(now)) done.push(step);
    return done.join();
  };
  window.add(Buffer.from("x"), 1);
  assert.equal(steps(1), "hello");
  window.on_welcome({ next_seq: 1, credit: 10, max_batch_bytes: 1000 }, 1);
  assert.equal(steps(1), "batch");
  window.on_ack(99, 10, 1); // was never sent
  assert.equal(window.acknowledged, 0);
  window.on_ack(2, 10, 1000);
  assert.equal(steps(100_000), "");
  window.add(Buffer.from("x"), 1);
  assert.equal(steps(200_000), "batch");
  assert.equal(steps(201_900), "");
  assert.equal(steps(202_100), "open,hello");
});
