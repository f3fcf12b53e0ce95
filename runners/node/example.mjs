#!/usr/bin/env node
// A small load test of a shop: each user browses, opens an item, logs in and checks out, again and
// again, over a kept connection, and every step is reported to a weir broker.
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { Client } from "./weir_client.mjs";

const HELP = `A small load test of a shop, reported to a weir broker.

  weir serve &                  # the broker
  runners/python/target.py &    # something to load, on http://127.0.0.1:8080
  node example.mjs --users 5 --duration 10

  --target URL   http://127.0.0.1:8080
  --users N      at a time (5)
  --duration S   seconds (10)
  --hits N       stop after as many, not by time
  --pause S      seconds between two rounds of a user (0.02)
  --to ENDPOINT  the broker (LOADS_ZMQ_RECEIVER, tcp://127.0.0.1:7071)
  --run-id ID    the run (LOADS_RUN_ID, else the broker names it)
  --name NAME    the run's name (shop)
`;

class AssertionError extends Error {
  name = "AssertionError";
}

// What the users share: the clock, the numbers for the progress line, and the client.
class LoadTest {
  begun = 0;
  done = 0;
  failed = 0;
  unanswered = 0;

  constructor(client, options) {
    Object.assign(this, options, { client, target: options.target.replace(/\/+$/, "") });
    this.agent = new Agent({ keepAlive: true, maxSockets: options.users });
    this.ends = performance.now() + options.duration * 1000;
  }

  may_go_on() {
    return this.hits > 0 ? ++this.begun <= this.hits : performance.now() < this.ends;
  }

  // One request, reported whatever becomes of it. Resolves to its status.
  async request(method, path, body) {
    const payload = body === undefined ? "" : JSON.stringify(body);
    const hit = {};
    const started = Date.now();
    const clock = performance.now();
    const seconds = () => (performance.now() - clock) / 1000;
    let status = 0;
    try {
      status = await this.#exchange(method, path, payload, hit, seconds);
    } catch (error) {
      hit.error = `${error.code ?? error.name}: ${error.message}`;
      throw error;
    } finally {
      this.client.add_hit(this.target + path, method, status, started, seconds(), hit);
      this.done += 1;
      this.failed += status < 200 || status >= 400;
      this.unanswered += status === 0;
    }
    return status;
  }

  #exchange(method, path, payload, hit, seconds) {
    return new Promise((resolve, reject) => {
      const headers = payload && { "Content-Length": Buffer.byteLength(payload) };
      const exchange = request(this.target + path, { method, headers, agent: this.agent });
      exchange.setTimeout(10_000, () => exchange.destroy(new Error("no answer within 10 s")));
      let sending = 0;
      exchange.once("socket", (socket) => {
        const before = [socket.bytesWritten ?? 0, socket.bytesRead];
        time_connection(socket, hit, seconds, () => { sending = seconds(); });
        exchange.once("close", () => {
          hit.bytes_sent = socket.bytesWritten - before[0];
          hit.bytes_received = socket.bytesRead - before[1];
        });
      });
      exchange.once("response", (response) => {
        hit.first_byte = seconds() - sending;
        response.once("error", reject);
        response.resume();
        exchange.once("close", () => resolve(response.statusCode));
      });
      exchange.once("error", reject);
      exchange.end(payload);
    });
  }
}

// Only a new connection has dns and connect. Calls ready when there is one to send on.
function time_connection(socket, hit, seconds, ready) {
  if (!socket.connecting) return ready();
  socket.once("lookup", () => { hit.dns = seconds(); });
  socket.once("connect", () => {
    hit.connect = seconds() - (hit.dns ?? 0);
    ready();
  });
}

class User {
  constructor(test, number) {
    Object.assign(this, { test, number });
  }

  async run() {
    const steps = [this.browse, this.item, this.login, this.checkout];
    for (let round = 0; ; ++round) {
      for (const step of steps) {
        if (!this.test.may_go_on()) return;
        await this.carry_out(step, round);
      }
      await sleep(this.test.pause * 1000);
    }
  }

  async carry_out(step, round) {
    const { client } = this.test;
    client.start_test(step.name);
    try {
      await step.call(this, round);
      client.add_success(step.name);
    } catch (error) {
      if (error instanceof AssertionError) client.add_failure(step.name, error);
      else client.add_error(step.name, error); // no answer
    }
    client.stop_test(step.name);
  }

  async browse() {
    await this.expect(200, "GET", "/");
  }

  async item(round) {
    await this.expect(200, "GET", `/api/items/${this.number * 100 + (round % 100)}`);
  }

  async login() {
    await this.expect(200, "POST", "/login", { user: `user-${this.number}` });
  }

  async checkout(round) {
    await this.expect(200, "POST", "/checkout", { item: round });
    this.test.client.count("orders", "checkout");
  }

  async expect(wanted, method, path, body) {
    const status = await this.test.request(method, path, body);
    if (status !== wanted) throw new AssertionError(`${method} ${path}: ${status}, not ${wanted}`);
  }
}

function parse() {
  const text = (otherwise) => ({ type: "string", default: otherwise });
  const { values } = parseArgs({ options: {
    target: text("http://127.0.0.1:8080"), users: text("5"), duration: text("10"), hits: text("0"),
    pause: text("0.02"), to: text(""), "run-id": text(""), name: text("shop"),
    help: { type: "boolean" },
  } });
  for (const name of ["users", "duration", "hits", "pause"]) {
    values[name] = Number(values[name]);
    if (!(values[name] >= 0)) throw new Error(`--${name} is not a number`);
  }
  if (!(values.users >= 1) || !values.target.startsWith("http://"))
    throw new Error("give at least one user and an http:// target");
  return values;
}

async function main(options) {
  const client = new Client(options.to, options["run-id"], undefined,
    { loads_status: [options.hits, options.users, 0, 0] });
  client.start_test_run(options.name, "weir examples", "shop",
    { runner: "node", target: options.target });
  const test = new LoadTest(client, options);
  process.once("SIGINT", () => { test.hits = 0; test.ends = 0; });
  const progress = setInterval(() => {
    process.stderr.write(`\r${test.done} hits, ${test.failed} failed `);
  }, 200);
  const users = Array.from({ length: options.users }, (_, i) => new User(test, i).run());
  // One by one: Promise.all would write its index into each traceback and so split equal errors.
  for (const user of users) await user;
  clearInterval(progress);
  test.agent.destroy();
  client.stop_test_run();
  process.stderr.write("\n");
  const { sent, not_sent, flushed, disconnects } = await client.close();
  console.log(`${test.done} hits, ${test.failed} failed; ${sent} messages sent to ${client.to}, ` +
    `${not_sent} not sent`);
  return not_sent || disconnects || !flushed || test.unanswered ? 1 : 0;
}

try {
  const options = parse();
  if (options.help) console.log(HELP);
  else process.exitCode = await main(options);
} catch (error) {
  console.error(`example.mjs: ${error.message}; see --help`);
  process.exitCode = 2;
}
