// Reports a load test to a weir broker: the loads protocol over one ZeroMQ PUSH socket.
//
//   const client = new Client(undefined, "nightly-7");
//   client.start_test_run("nightly");
//   client.add_hit("http://host/", "GET", 200, Date.now(), 0.012);
//   client.stop_test_run();
//   const report = await client.close();
//
// Methods return at once: messages queue here and one loop sends them. A message that has waited
// send_timeout_ms while the broker took none, or finds max_queued waiting, is counted as not sent.
// After the constructor nothing throws. Use one client a process; a second one needs its own
// worker_id. Names are snake_case in every language, so that one page documents them all.
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { Push } from "zeromq";

const NOT_IN_IDS = /[\u0000-\u001f\u007f-\u009f/]/g;

// What a load test says, a method for each message; the class below sends it. loads_status is
// [hits, users, current_hit, current_user]: set it at any time to have it sent along; the users
// that a run shows come from it.
export class Calls {
  constructor(run_id, worker_id, loads_status) {
    const env = process.env;
    this.loads_status = loads_status;
    this.run_id = run_id || env.LOADS_RUN_ID || undefined;
    this.worker_id = worker_id || env.LOADS_AGENT_ID || env.LOADS_WORKER_ID ||
      `${hostname().slice(0, 100)}-${process.pid}`.replace(NOT_IN_IDS, "-");
    for (const id of [this.run_id ?? "-", this.worker_id]) {
      if (id.search(NOT_IN_IDS) >= 0 || Buffer.byteLength(id) > 128)
        throw new RangeError(`not an id (at most 128 bytes, no '/', no control): ${id}`);
    }
  }

  start_test_run(name, project, scenario, tags) {
    this.#send("startTestRun", { name, project, scenario, tags });
  }
  stop_test_run() { this.#send("stopTestRun"); }
  start_test(test) { this.#send("startTest", { test }); }
  stop_test(test) { this.#send("stopTest", { test }); }
  add_success(test) { this.#send("addSuccess", { test }); }
  // What the test asserts does not hold. exc: an Error, or [class, message, traceback].
  add_failure(test, exc) { this.#send("addFailure", { test, exc_info: exc_info(exc) }); }
  // The test could not be carried out.
  add_error(test, exc) { this.#send("addError", { test, exc_info: exc_info(exc) }); }
  // One request. status: 0 without a response. started: Date.now(), a Date, or ISO 8601 text;
  // elapsed: seconds. Optional: label, success, error, bytes_sent, bytes_received, and in seconds
  // dns, connect, tls, first_byte.
  add_hit(url, method, status, started, elapsed, optional) {
    this.#send("add_hit", { url, method, status, started: iso(started), elapsed, ...optional });
  }
  socket_open() { this.#send("socket_open"); }
  socket_close() { this.#send("socket_close"); }
  socket_message(size) { this.#send("socket_message", { size }); }
  // Adds 1 to a counter of your own.
  count(name, test) { this.#send(name, { test }); }

  // The message with what every message carries.
  complete(message) {
    const { run_id, worker_id } = this;
    const timed = message.data_type === "add_hit" && message.started != null;
    const time = message.time ?? (timed ? undefined : iso(now()));
    return { ...message, time, worker_id, run_id };
  }

  #send(data_type, fields) {
    this.send({ data_type, ...fields, loads_status: this.loads_status });
  }
}

export class Client extends Calls {
  #socket;
  #queue = []; // [bytes, when it was queued], the oldest first
  #sending = null;
  #closed = null;
  #epoch = now_us();
  #counts = { seq: 0, sent: 0, disconnects: 0 };

  // options.key_file (or WEIR_CLIENT_KEY) is for brokers that ask for keys, server_key
  // (WEIR_SERVER_KEY) if that file does not have the broker's. Throws if an id, endpoint, limit or
  // key is no good.
  constructor(to, run_id, worker_id, options = {}) {
    super(run_id, worker_id, options.loads_status);
    const { send_timeout_ms = 1000, linger_ms = 2000, high_water_mark = 1000 } = options;
    this.max_queued = options.max_queued ?? 10_000;
    this.to = to || process.env.LOADS_ZMQ_RECEIVER || "tcp://127.0.0.1:7071";
    if (!(Math.min(send_timeout_ms, linger_ms, high_water_mark, this.max_queued) > 0))
      throw new RangeError("timeouts and limits must be positive");
    Object.assign(this, { send_timeout_ms, linger_ms });
    this.#socket = new Push({ immediate: true, sendTimeout: send_timeout_ms,
      linger: linger_ms + 10, // else its end, up to 1 ms early, would look in time
      sendHighWaterMark: high_water_mark, ...read_keys(options) });
    const { events } = this.#socket; // before connect, so that none is missed
    this.#socket.connect(this.to);
    this.#count_disconnects(events);
  }

  // Sends an object as it is, with what every message carries.
  send(message) {
    const seq = ++this.#counts.seq;
    const full = { ...this.complete(message), seq, epoch: this.#epoch };
    if (this.#closed || this.#queue.length >= this.max_queued) return;
    try {
      this.#queue.push([encode(full), performance.now()]);
    } catch {
      return; // not JSON, such as an array in itself: not sent, and counted like the others
    }
    this.#sending ??= this.#send_queued();
  }

  // Waits until all is sent or given up, then at most linger_ms for what ZeroMQ still holds; says on
  // stderr what was lost. Until it is called the process does not end. Resolves to {sent, not_sent,
  // flushed, disconnects}: sent were handed to ZeroMQ, which is no proof of arrival; with flushed
  // false the last of them did not leave, in time or before the connection broke; each of the
  // disconnects may have cost those that were on their way.
  close() {
    this.#closed ??= this.#close_socket();
    return this.#closed.then((end) => this.#report(end));
  }

  async #close_socket() {
    await this.#sending;
    const ended = new Promise((resolve) => this.#socket.events.on("end", resolve));
    const before = this.#counts.disconnects;
    const closing = performance.now();
    this.#socket.close();
    await ended; // all has left, linger_ms is over, or the connection broke: the queue goes with it
    const in_time = performance.now() - closing < this.linger_ms;
    const end = { flushed: in_time && this.#counts.disconnects === before };
    const report = this.#report(end);
    if (report.not_sent || report.disconnects || !report.flushed)
      console.error(`weir_client: messages to ${this.to} were lost or may be:`, report);
    return end;
  }

  #report({ flushed }) {
    const { seq, sent, disconnects } = this.#counts;
    return { sent, not_sent: seq - sent, flushed, disconnects };
  }

  // The socket takes one send at a time. A send that fails has waited send_timeout_ms.
  async #send_queued() {
    while (this.#queue.length > 0) {
      try {
        await this.#socket.send(this.#queue[0][0]);
        this.#queue.shift();
        this.#counts.sent += 1;
      } catch {
        const too_old = performance.now() - 0.9 * this.send_timeout_ms; // timers may be early
        do this.#queue.shift(); while (this.#queue.length > 0 && this.#queue[0][1] <= too_old);
      }
    }
    this.#sending = null;
  }

  #count_disconnects(events) {
    let connected = false;
    events.on("handshake", () => { connected = true; });
    events.on("disconnect", () => {
      this.#counts.disconnects += connected;
      connected = false;
    });
  }
}

// The keys that the options or the environment name, as options of a socket; {} if they name none.
export function read_keys(options) {
  const key_file = options.key_file || process.env.WEIR_CLIENT_KEY;
  const server_key = options.server_key || process.env.WEIR_SERVER_KEY;
  if (!key_file && !server_key) return {};
  const keys = key_file ? parse_key_file(key_file) : {};
  if (server_key)
    keys.server = server_key.length === 40 ? server_key : parse_key_file(server_key).public;
  if (!keys.public || !keys.secret || !keys.server)
    throw new RangeError("a client's public and secret key and the broker's public key are needed");
  return { curvePublicKey: keys.public, curveSecretKey: keys.secret, curveServerKey: keys.server };
}

function parse_key_file(path) {
  const lines = readFileSync(path, "utf8").matchAll(/^(public|secret|server) *= *"(\S{40})" *$/gm);
  return Object.fromEntries([...lines].map(([, name, key]) => [name, key]));
}

function now() {
  return performance.timeOrigin + performance.now();
}

export function now_us() {
  return Math.round(now() * 1000);
}

// Of milliseconds or a Date, to the microsecond. Text stays; anything else the broker rejects.
function iso(moment) {
  const us = Math.round((moment instanceof Date ? moment.getTime() : moment) * 1000);
  if (typeof moment === "string" || !(us > 0 && us < 8.64e18)) return moment;
  return new Date(Math.floor(us / 1000)).toISOString().replace("Z", `${us + 1e6}`.slice(-3) + "Z");
}

function exc_info(exc) {
  if (!(exc instanceof Error)) return exc;
  const stack = String(exc.stack);
  return [exc.name, exc.message, stack.slice(stack.indexOf("\n    at ") + 1)];
}

// Half a surrogate pair is no UTF-8, and JSON.stringify would let it through as an escape.
export function encode(message) {
  const text = JSON.stringify(message);
  return text.includes("\\ud") ? JSON.stringify(message, (_, value) =>
    typeof value === "string" ? value.replace(/\p{Surrogate}/gu, "\ufffd") : value) : text;
}
