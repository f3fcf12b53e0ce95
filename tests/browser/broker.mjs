// A real `weir serve` for a test: free ports, a fresh folder, gone at the end.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

import { eventually } from "./eventually.mjs";

const weir = process.env.WEIR ?? "weir";
const run = promisify(execFile);
const brokers = new Set();
process.on("exit", () => brokers.forEach((broker) => broker.process?.kill("SIGKILL")));

export class Broker {
  url = "";
  process = null;

  /** @param {string[]} args more options of `weir serve` */
  constructor(...args) {
    this.args = args;
  }

  async start() {
    this.folder ??= await mkdtemp(join(tmpdir(), "weir-browser-"));
    const http = this.url ? new URL(this.url).host : "127.0.0.1:0";
    const anywhere = ["--ingest", "--acked", "--feed"].flatMap((flag) => [flag, "tcp://127.0.0.1:*"]);
    this.process = spawn(weir, ["serve", "--db", join(this.folder, "weir.db"), "--http", http, ...anywhere, ...this.args],
      { stdio: ["ignore", "pipe", "pipe"] });
    brokers.add(this);
    this.log = "";
    this.process.stderr.on("data", (text) => { this.log = (this.log + text).slice(-20_000); });
    this.ended = new Promise((resolve) => this.process.once("close", resolve));
    this.url = await this.#listening();
    await eventually(() => fetch(`${this.url}/readyz`).then(({ ok }) => ok), "the broker is ready");
    return this;
  }

  async #listening() {
    for await (const line of createInterface({ input: this.process.stdout })) {
      const found = /^listening http (\S+)/.exec(line);
      if (!found) continue;
      this.process.stdout.resume();
      return found[1];
    }
    throw new Error(`weir serve did not start: ${this.log}`);
  }

  async stop(signal = "SIGTERM") {
    this.process?.kill(signal);
    await this.ended;
    this.process = null;
  }

  async end() {
    await this.stop("SIGKILL");
    brokers.delete(this);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** @param {object[]} messages those without a run_id are of `runId` */
  async send(messages, runId = "r1") {
    for (let at = 0; at < messages.length; at += 2000) {
      const lines = messages.slice(at, at + 2000).map((one) => JSON.stringify(one)).join("\n");
      await this.api(`/api/messages?run_id=${encodeURIComponent(runId)}&worker_id=w1`, {
        method: "POST", body: lines, headers: { "Content-Type": "application/x-ndjson" },
      });
    }
  }

  /** Sends what `messagesOf` gives for 0, 1, 2, … every `everyMs` until the answer is called. */
  keepSending(messagesOf, { runId = "r1", everyMs = 250 } = {}) {
    let step = 0;
    let last = Promise.resolve();
    const timer = setInterval(() => {
      // What a broker that is away does not get is no mistake of the test.
      last = last.then(() => this.send(messagesOf(step++), runId)).catch(() => {});
    }, everyMs);
    return async () => {
      clearInterval(timer);
      await last;
    };
  }

  /** The answer of the API as JSON; anything but a success throws. */
  async api(path, options = {}) {
    const headers = { ...options.headers, ...(this.token && { "X-Weir-Token": this.token }) };
    const answer = await fetch(this.url + path, { ...options, headers });
    const text = await answer.text();
    if (!answer.ok) throw Object.assign(new Error(`${answer.status} ${path}: ${text}`), { status: answer.status });
    return text ? JSON.parse(text) : null;
  }

  /** Waits until a run is in the results file, and as `accept` wants it. */
  run(runId = "r1", accept = (_run) => true) {
    return eventually(async () => {
      const found = await this.api(`/api/runs/${encodeURIComponent(runId)}`).catch(() => null);
      return found && accept(found) ? found : null;
    }, `run ${runId} as wanted`);
  }

  /** `weir token …` in this broker's folder; what it prints. */
  async tokens(...args) {
    const { stdout } = await run(weir, ["token", args[0], "--data", join(this.folder, "weir-data"), ...args.slice(1)]);
    return stdout.trim();
  }
}
