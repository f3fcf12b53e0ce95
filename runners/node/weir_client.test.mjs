// Run in this folder: npm ci --ignore-scripts && node --test
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { hostname } from "node:os";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Pull } from "zeromq";

import { Client } from "./weir_client.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const EXAMPLES = new URL("../../schema/examples/valid/", import.meta.url);
const CARRIED = ["worker_id", "run_id", "seq", "epoch", "time"];
const REQUIRED = ["url", "method", "status", "started", "elapsed"];
const OPTIONAL = ["label", "success", "error", "bytes_sent", "bytes_received", "dns", "connect",
  "tls", "first_byte"];
const CALLS = {
  startTestRun: ["start_test_run", ["name", "project", "scenario", "tags"]],
  stopTestRun: ["stop_test_run", []],
  startTest: ["start_test", ["test"]],
  stopTest: ["stop_test", ["test"]],
  addSuccess: ["add_success", ["test"]],
  addFailure: ["add_failure", ["test", "exc_info"]],
  addError: ["add_error", ["test", "exc_info"]],
  add_hit: ["add_hit", [...REQUIRED, ...OPTIONAL]],
  socket_open: ["socket_open", []],
  socket_close: ["socket_close", []],
  socket_message: ["socket_message", ["size"]],
};

const undos = new WeakMap();

// Runs when the test ends, the latest first.
function undo_later(t, undo) {
  if (!undos.has(t)) {
    undos.set(t, []);
    t.after(async () => { for (const step of undos.get(t).reverse()) await step(); });
  }
  undos.get(t).push(undo);
}

// A socket that was closed gives up its port a moment later.
async function bind(socket, endpoint, ends = Date.now() + 10_000) {
  try {
    await socket.bind(endpoint);
  } catch (error) {
    if (error.code !== "EADDRINUSE" || Date.now() > ends) throw error;
    await sleep(10);
    await bind(socket, endpoint, ends);
  }
}

// A PULL socket, as the broker's ingest is one; closed when the test ends.
async function broker(t, endpoint = "tcp://127.0.0.1:*", options = {}) {
  const socket = new Pull({ receiveTimeout: 5000, linger: 0, ...options });
  await bind(socket, endpoint);
  undo_later(t, () => socket.close());
  const take = async () => JSON.parse((await socket.receive()).toString());
  return { endpoint: socket.lastEndpoint, take, close: () => socket.close() };
}

async function absent_endpoint() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return `tcp://127.0.0.1:${port}`;
}

function client_for(t, to, { run_id, worker_id, ...options } = {}) {
  const client = new Client(to, run_id, worker_id, options);
  undo_later(t, () => client.close());
  return client;
}

// The lines that close() writes, instead of writing them.
function stderr_lines(t) {
  const lines = [];
  t.mock.method(console, "error", (...words) => lines.push(words));
  return lines;
}

function without_carried(message) {
  const entries = Object.entries(message).filter(([key, value]) =>
    !CARRIED.includes(key) && value !== null);
  return Object.fromEntries(entries);
}

// The call that should send the example; undefined if the client has no words for it.
function call_for(example) {
  const { data_type } = example;
  const rest = without_carried(example);
  delete rest.data_type;
  delete rest.loads_status;
  const keys = Object.keys(rest);
  if (!(data_type in CALLS))
    return keys.join() === "test" ? (client) => client.count(data_type, rest.test) : undefined;
  const [name, parameters] = CALLS[data_type];
  if (!keys.every((key) => parameters.includes(key))) return undefined;
  if (name !== "add_hit")
    return (client) => client[name](...parameters.map((key) => rest[key]));
  if (!REQUIRED.every((key) => key in rest)) return undefined;
  const optional = Object.fromEntries(OPTIONAL.map((key) => [key, rest[key]]));
  return (client) => client.add_hit(...REQUIRED.map((key) => rest[key]), optional);
}

function plain_object(file) {
  try {
    const value = JSON.parse(readFileSync(new URL(file, EXAMPLES), "utf8"));
    return Array.isArray(value) ? undefined : value;
  } catch {
    return undefined; // NaN, several lines, and so on
  }
}

test("says what the schema examples say", async (t) => {
  const { endpoint, take } = await broker(t);
  const client = client_for(t, endpoint);
  const compared = new Set();
  for (const file of readdirSync(EXAMPLES).filter((name) => name.endsWith(".json"))) {
    const example = plain_object(file);
    const call = example && call_for(example);
    // The client mends half of a surrogate pair, which the example has on purpose.
    if (!call || file.includes("surrogate")) continue;
    client.loads_status = example.loads_status ?? undefined;
    call(client);
    assert.deepEqual(without_carried(await take()), without_carried(example), file);
    compared.add(example.data_type);
  }
  assert.deepEqual([...compared].sort(), [...Object.keys(CALLS), "widgets-bought"].sort());
});

test("every message carries worker, run, seq, epoch and time", async (t) => {
  const { endpoint, take } = await broker(t);
  const client = client_for(t, endpoint, { run_id: "run", worker_id: "worker" });
  client.start_test("a");
  client.count("things", "a");
  client.send({ data_type: "startTestRun", thresholds: { "hits.p95": ["value<500"] } });
  const messages = [await take(), await take(), await take()];
  assert.deepEqual(messages.map(({ seq }) => seq), [1, 2, 3]);
  for (const { run_id, worker_id, epoch, time } of messages) {
    assert.deepEqual([run_id, worker_id, epoch], ["run", "worker", messages[0].epoch]);
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    assert.ok(Math.abs(Date.parse(time) - epoch / 1000) < 60_000);
  }
  assert.deepEqual(messages[2].thresholds, { "hits.p95": ["value<500"] });
});

test("a hit has started in place of time", async (t) => {
  const { endpoint, take } = await broker(t);
  const client = client_for(t, endpoint);
  const starts = [1795291212250.125, new Date(1795291212250), "2026-11-21T20:00:12"];
  for (const started of starts) client.add_hit("http://h/", "GET", 200, started, 0.012);
  const expected = ["2026-11-21T20:00:12.250125Z", "2026-11-21T20:00:12.250000Z",
    "2026-11-21T20:00:12"];
  for (const started of expected) {
    const message = await take();
    assert.equal(message.started, started);
    assert.ok(!("time" in message) && !("run_id" in message));
  }
});

test("an Error is its name, message and stack", async (t) => {
  const { endpoint, take } = await broker(t);
  client_for(t, endpoint).add_error("checkout", new TypeError("no\nbasket"));
  const [name, message, stack] = (await take()).exc_info;
  assert.deepEqual([name, message], ["TypeError", "no\nbasket"]);
  assert.match(stack, /^ {4}at .*weir_client\.test\.mjs/);
});

test("the environment of loads gives the defaults", async (t) => {
  const { endpoint, take } = await broker(t);
  const variables = { LOADS_ZMQ_RECEIVER: endpoint, LOADS_RUN_ID: "r7", LOADS_WORKER_ID: "old",
    LOADS_AGENT_ID: "w7" };
  const before = { ...process.env };
  undo_later(t, () => { process.env = before; });
  Object.assign(process.env, variables);
  client_for(t).stop_test_run();
  const { run_id, worker_id } = await take();
  assert.deepEqual([run_id, worker_id], ["r7", "w7"]);
});

test("the default worker is host and pid", async (t) => {
  const client = client_for(t, await absent_endpoint());
  assert.equal(client.worker_id, `${hostname().slice(0, 100)}-${process.pid}`);
});

test("what cannot work throws in the constructor", () => {
  for (const [to, run_id, worker_id, options] of [
    [undefined, "a/b"], [undefined, "", "é".repeat(65)], [undefined, "a\u0085"],
    [undefined, "", "", { linger_ms: -1 }], [undefined, "", "", { max_queued: 0 }],
    [undefined, "", "", { send_timeout_ms: NaN }], ["7071"],
  ]) assert.throws(() => new Client(to, run_id, worker_id, options));
});

test("what is not JSON becomes null or is counted as not sent", async (t) => {
  stderr_lines(t);
  const { endpoint, take } = await broker(t);
  const client = client_for(t, endpoint);
  client.add_hit("http://h/\ud800\\ud800", "GET", 200, NaN, Infinity, { dns: NaN });
  client.send({ data_type: "x", test: 1n });
  client.stop_test_run();
  const hit = await take();
  assert.deepEqual([hit.url, hit.started, hit.elapsed, hit.dns],
    ["http://h/\ufffd\\ud800", null, null, null]);
  assert.equal((await take()).seq, 3);
  assert.equal((await client.close()).not_sent, 1);
});

test("without a broker nothing waits but close, and that not for long", async (t) => {
  const lines = stderr_lines(t);
  const client = client_for(t, await absent_endpoint(), { send_timeout_ms: 300, max_queued: 50 });
  const started = performance.now();
  for (let i = 0; i < 200; ++i) client.start_test("a");
  assert.ok(performance.now() - started < 200);
  const { sent, not_sent } = await client.close();
  assert.deepEqual([sent, not_sent], [0, 200]);
  assert.ok(performance.now() - started < 5000);
  assert.equal(lines.length, 1);
  assert.ok(lines[0][0].includes(client.to));
});

test("what was not sent is a gap in seq when the broker is back", async (t) => {
  stderr_lines(t);
  const endpoint = await absent_endpoint();
  const client = client_for(t, endpoint, { send_timeout_ms: 20_000, max_queued: 1 });
  client.start_test("a");
  client.start_test("b"); // no room
  const { take } = await broker(t, endpoint);
  assert.equal((await take()).seq, 1);
  client.start_test("c");
  assert.equal((await take()).seq, 3);
  assert.equal((await client.close()).not_sent, 1);
});

test("a broker that reads gets everything in order", async (t) => {
  const { endpoint, take } = await broker(t);
  const client = client_for(t, endpoint);
  for (let i = 0; i < 5000; ++i) client.add_success("a");
  for (let seq = 1; seq <= 5000; ++seq) assert.equal((await take()).seq, seq);
  assert.deepEqual(await client.close(), { sent: 5000, not_sent: 0, flushed: true, disconnects: 0 });
});

test("a broker that does not read costs messages and a bounded time", async (t) => {
  stderr_lines(t);
  const { endpoint } = await broker(t, undefined,
    { receiveHighWaterMark: 1, receiveBufferSize: 4096 });
  const client = client_for(t, endpoint,
    { send_timeout_ms: 300, linger_ms: 400, high_water_mark: 10 });
  const started = performance.now();
  for (let i = 0; i < 500; ++i) client.count("things", "x".repeat(100_000));
  const { sent, not_sent, flushed } = await client.close();
  assert.ok(performance.now() - started < 10_000);
  assert.ok(not_sent > 0);
  assert.equal(sent + not_sent, 500);
  assert.equal(flushed, false);
});

test("close tells of a broker that went away", async (t) => {
  stderr_lines(t);
  const first = await broker(t);
  const client = client_for(t, first.endpoint);
  client.start_test("a");
  await first.take();
  first.close();
  const second = await broker(t, first.endpoint);
  for (let seen = 1; seen === 1;) { // what is sent before the loss is noticed is lost with it
    client.start_test("b");
    seen = await second.take().then(({ seq }) => seq, () => 1);
  }
  assert.equal((await client.close()).disconnects, 1);
});

test("close tells of a broker that goes away while it waits", async (t) => {
  const lines = stderr_lines(t);
  const stuck = await broker(t, undefined, { receiveHighWaterMark: 1, receiveBufferSize: 4096 });
  const client = client_for(t, stuck.endpoint, { linger_ms: 30_000 });
  for (let i = 0; i < 100; ++i) client.count("things", "x".repeat(1_000_000));
  const started = performance.now();
  const closing = client.close();
  assert.equal(await Promise.race([closing, sleep(1000, "waits")]), "waits");
  stuck.close();
  assert.deepEqual(await closing, { sent: 100, not_sent: 0, flushed: false, disconnects: 1 });
  assert.ok(performance.now() - started < 30_000);
  assert.equal(lines.length, 1);
});

test("after close messages count as not sent", async (t) => {
  const { endpoint } = await broker(t);
  const client = client_for(t, endpoint);
  client.start_test("a");
  assert.equal((await client.close()).not_sent, 0);
  client.stop_test("a");
  assert.deepEqual(await client.close(), { sent: 1, not_sent: 1, flushed: true, disconnects: 0 });
});

function start(t, command, ...words) {
  const child = spawn(command, words, { cwd: HERE });
  undo_later(t, () => child.kill("SIGKILL"));
  return child;
}

test("the example reports every request that it made", async (t) => {
  const { endpoint, take } = await broker(t, undefined, { receiveTimeout: 30_000 });
  const python = process.env.PYTHON ?? "/usr/bin/python3";
  const target = start(t, python, "../python/target.py", "--port", "0");
  const [line] = await once(createInterface(target.stdout), "line");
  const url = line.replace("listening ", "");
  const example = start(t, process.execPath, "example.mjs", "--target", url, "--to", endpoint,
    "--users", "4", "--hits", "400", "--pause", "0", "--run-id", "r1");
  const exit = once(example, "exit");

  const of = {};
  let message;
  for (let seq = 1; message?.data_type !== "stopTestRun"; ++seq) {
    message = await take();
    assert.deepEqual([message.seq, message.run_id], [seq, "r1"]);
    assert.deepEqual(message.loads_status, [400, 4, 0, 0]);
    (of[message.data_type] ??= []).push(message);
  }
  assert.deepEqual(await exit, [0, null]);
  const hits = of.add_hit;
  assert.equal(hits.length, 400);
  const checkouts = hits.filter((hit) => hit.url === `${url}/checkout`);
  const failed = checkouts.filter((hit) => hit.status === 503);
  assert.equal(failed.length, Math.floor(checkouts.length / 20));
  assert.equal((of.addFailure ?? []).length, failed.length);
  assert.equal(of.orders.length, checkouts.length - failed.length);
  assert.equal(of.startTest.length, of.stopTest.length);
  assert.equal(of.addSuccess.length + failed.length, 400);
  for (const hit of hits.filter(({ url }) => url.includes("/api/items/"))) {
    assert.ok(hit.first_byte > 0.001 && hit.first_byte <= hit.elapsed);
    assert.ok(hit.bytes_received > 1000 && hit.bytes_sent > 50);
  }
  assert.equal(hits.filter((hit) => hit.connect !== undefined).length, 4);
});
