// Reports a load test to a weir broker and has each message acknowledged (weir-ack/1).
//
//   const client = new AckedClient(undefined, "nightly-7");
//   client.start_test_run("nightly");
//   client.add_hit("http://host/", "GET", 200, Date.now(), 0.012);
//   client.stop_test_run();
//   const report = await client.close();
//
// The methods of Client. Messages go in batches, which are kept until the broker has them on disk:
// one that dies and comes back costs nothing, and counts each message once. Methods return at once;
// a message that finds max_unacked_bytes held is counted as not sent.
import { Dealer } from "zeromq";

import { Calls, encode, now_us, read_keys } from "./weir_client.mjs";

const MAX_ANSWER_BYTES = 1 << 20;
const HELLO_MS = 1000; // without an answer: a new connection
const PROGRESS_MS = 2000; // without an acknowledgement: the same
const PAUSE_MS = 100; // before the broker is asked again to take what it refused; doubles
const MAX_PAUSE_MS = 1000;

// What to do next, from what the broker said; no socket, and the time is a parameter. Every
// recovery is the same: hello, then again from the broker's next_seq.
export class Window {
  batches = []; // { payload, messages, why } that are unacknowledged; why: it was refused
  base = 1; // the seq of the first of them
  to_send = 1; // the seq that is sent next
  beyond_sent = 1; // above every seq that was ever sent
  state = "opened";
  until = 0; // when next() has to be asked again
  pauses = 0; // since the last progress
  credit = 0;
  max_batch_bytes = 16 << 20;
  held_bytes = 0;
  acknowledged = 0; // messages; refused too
  refused = 0;
  failure = null; // why it is over
  refusal = null; // why the last batch was refused
  finishing = false;
  end_sent = false;

  get end() { return this.base + this.batches.length; }

  add(payload, messages) {
    if (this.batches.length === 0 && this.state === "open") this.until = 0; // progress from now on
    this.batches.push({ payload, messages, why: null });
    this.held_bytes += payload.length;
  }

  // open, hello, batch, end: do it and ask again. null: wait, at most until this.until.
  next(now) {
    if (this.failure) return null;
    if (this.state === "greeting" && now >= this.until) return this.#go("opened", "open");
    if (this.state === "opened" || (this.state === "paused" && now >= this.until)) {
      this.until = now + HELLO_MS;
      return this.#go("greeting", "hello");
    }
    if (this.state !== "open") return null;
    if (this.until === 0) this.until = now + PROGRESS_MS;
    if (this.to_send < this.end && this.to_send - this.base < this.credit) {
      this.to_send += 1;
      this.beyond_sent = Math.max(this.beyond_sent, this.to_send);
      return "batch";
    }
    if (this.finishing && !this.end_sent && this.to_send === this.end) {
      this.end_sent = true;
      return "end";
    }
    if (this.batches.length > 0 && now >= this.until) return this.#go("opened", "open");
    return null;
  }

  on_welcome({ next_seq, credit, max_batch_bytes }, now) {
    if (this.state !== "greeting" || ![next_seq, credit, max_batch_bytes].every(Number.isInteger))
      return;
    if (next_seq < this.base) {
      this.failure = `the broker has lost batches ${next_seq} to ${this.base - 1}`;
    } else if (next_seq > this.beyond_sent) {
      this.failure = "the broker has batches of this worker that it did not send";
    } else {
      this.on_ack(next_seq, credit, now);
      this.state = "open";
      this.until = now + PROGRESS_MS;
      this.to_send = this.base;
      this.max_batch_bytes = max_batch_bytes;
      this.end_sent = false;
    }
  }

  on_ack(next_seq, credit, now) {
    if (next_seq > this.beyond_sent) return;
    if (next_seq > this.base) {
      for (const { payload, messages, why } of this.batches.splice(0, next_seq - this.base)) {
        this.held_bytes -= payload.length;
        if (why) this.refused += messages;
        else this.acknowledged += messages;
        this.refusal = why ?? this.refusal;
      }
      this.base = next_seq;
      this.pauses = 0;
      if (this.state === "open") this.until = now + PROGRESS_MS;
    }
    this.to_send = Math.max(this.to_send, this.base);
    this.credit = credit;
  }

  on_refusal({ seq, code, message }, now) {
    const why = message ? `${code}: ${message}` : code;
    if (code === "denied") {
      this.failure = why;
    } else if (code === "malformed" || code === "too_large") {
      if (seq >= this.base && seq < this.to_send) this.batches[seq - this.base].why = why;
    } else if (this.state === "open" ||
               (this.state === "greeting" && !seq && code !== "out_of_order")) {
      const first = code === "out_of_order" && this.pauses === 0; // may just need the hello
      this.until = now + (first ? 0 : Math.min(PAUSE_MS * 2 ** this.pauses, MAX_PAUSE_MS));
      this.state = "paused";
      this.pauses = Math.min(this.pauses + 1, 10);
    }
  }

  #go(state, step) {
    this.state = state;
    return step;
  }
}

export class AckedClient extends Calls {
  #window = new Window();
  #hello;
  #socket = null;
  #pumping = null;
  #timer = null;
  #lines = []; // the batch that is being filled
  #lines_bytes = 0;
  #due = 0; // when it has to go; 0: there is none
  #sent = 0;
  #not_sent = 0;
  #closed = null;
  #settle = null;
  #keys;

  // Throws if an id, endpoint, limit or key is no good.
  constructor(to, run_id, worker_id, options = {}) {
    super(run_id, worker_id, options.loads_status);
    this.to = to || process.env.WEIR_ACKED || "tcp://127.0.0.1:7072";
    const limits = { linger_ms: 10_000, batch_messages: 100, batch_bytes: 64 << 10, batch_ms: 100,
      max_unacked_bytes: 64 << 20 };
    for (const name of Object.keys(limits)) {
      this[name] = options[name] ?? limits[name];
      if (!(this[name] > 0)) throw new RangeError(`${name} must be positive`);
    }
    this.#hello = { proto: "weir-ack/1", worker_id: this.worker_id, epoch: now_us(),
      run_id: this.run_id, token: options.token || process.env.WEIR_TOKEN || undefined };
    this.#keys = read_keys(options);
    this.#connect();
    this.#kick();
  }

  // Sends an object as it is, with what every message carries.
  send(message) {
    let line;
    try {
      line = encode(this.complete(message));
    } catch {
      line = undefined; // not JSON, such as an array in itself
    }
    const size = line === undefined ? Infinity : Buffer.byteLength(line) + 1;
    const held = this.#window.held_bytes + this.#lines_bytes;
    if (this.#closed || this.#window.failure || size > this.#window.max_batch_bytes ||
        held + size > this.max_unacked_bytes) {
      this.#not_sent += 1;
      return;
    }
    this.#sent += 1;
    this.#append(line, size);
  }

  // Waits at most linger_ms until all is acknowledged; says on stderr what was not. Until it is
  // called the process does not end. Resolves to {sent, acknowledged, not_sent, refused,
  // unacknowledged}: refused were in batches that the broker could not read; of the unacknowledged
  // it is not known whether they count.
  close() {
    this.#closed ??= this.#finish();
    return this.#closed.then(() => this.#report());
  }

  async #finish() {
    this.#seal();
    this.#window.finishing = true;
    this.#kick();
    const settled = new Promise((resolve) => { this.#settle = resolve; });
    const given_up = setTimeout(this.#settle, this.linger_ms);
    await this.#pumping; // it says E, if there is a broker
    this.#check_settled();
    await settled;
    clearTimeout(given_up);
    clearTimeout(this.#timer);
    this.#window.failure ??= "closed"; // nothing more is sent
    this.#socket.linger = this.#window.batches.length > 0 ? 0 : 100; // for E to leave
    this.#socket.close();
    const report = this.#report();
    const { failure, refusal } = this.#window;
    const why = failure === "closed" ? refusal : failure;
    if (why || report.not_sent > 0 || report.unacknowledged > 0) {
      console.error(`weir_acked_client: not all was acknowledged by ${this.to}:`, report, why ?? "");
    }
  }

  #report() {
    const { acknowledged, refused } = this.#window;
    return { sent: this.#sent, acknowledged, not_sent: this.#not_sent, refused,
      unacknowledged: this.#sent - acknowledged - refused };
  }

  #append(line, size) {
    const most = Math.min(this.batch_bytes, this.#window.max_batch_bytes);
    if (this.#lines.length > 0 && this.#lines_bytes + size > most) this.#seal();
    if (this.#lines.length === 0) this.#due = performance.now() + this.batch_ms;
    this.#lines_bytes += size;
    if (this.#lines.push(line) >= this.batch_messages || this.#lines_bytes >= most) this.#seal();
    else if (this.#lines.length === 1) this.#kick();
  }

  #seal() {
    if (this.#lines.length === 0) return;
    this.#window.add(Buffer.from(this.#lines.join("\n")), this.#lines.length);
    this.#lines = [];
    this.#lines_bytes = this.#due = 0;
    this.#kick();
  }

  #kick() {
    this.#pumping ??= this.#pump();
  }

  // Carries out what there is to do; the socket takes one send at a time.
  async #pump() {
    await null; // so that a burst of messages is one
    for (let now = performance.now(); ; now = performance.now()) {
      if (this.#due > 0 && now >= this.#due) this.#seal();
      const step = this.#window.next(now);
      if (step === null) break;
      try {
        if (step === "open") this.#connect();
        else await this.#socket.send(this.#frames(step));
      } catch {
        // No room, or no descriptor: as if it was lost on its way, it is tried again in time.
      }
    }
    this.#pumping = null;
    this.#set_timer();
    this.#check_settled();
  }

  #frames(step) {
    if (step === "hello")
      return ["H", JSON.stringify({ ...this.#hello, next_seq: this.#window.base })];
    const seq = step === "end" ? this.#window.end - 1 : this.#window.to_send - 1;
    const header = Buffer.alloc(step === "end" ? 8 : 9); // a batch has codec 0 behind its seq
    header.writeBigUInt64BE(BigInt(seq));
    if (step === "end") return ["E", header];
    return ["B", Buffer.concat([header, this.#window.batches[seq - this.#window.base].payload])];
  }

  #set_timer() {
    clearTimeout(this.#timer);
    const now = performance.now();
    const until = [this.#due, this.#window.until].filter((moment) => moment > 0 && moment > now);
    if (until.length > 0 && !this.#window.failure)
      this.#timer = setTimeout(() => this.#kick(), Math.ceil(Math.min(...until) - now));
  }

  #check_settled() {
    if (this.#window.failure || this.#window.batches.length === 0) this.#settle?.();
  }

  #connect() {
    const fresh = new Dealer({ linger: 0, sendTimeout: 0, maxMessageSize: MAX_ANSWER_BYTES,
      ...this.#keys });
    fresh.connect(this.to);
    this.#socket?.close();
    this.#socket = fresh;
    this.#listen(fresh);
  }

  async #listen(socket) {
    try {
      for await (const [kind, fields] of socket) {
        this.#take_answer(`${kind}`, fields);
        this.#kick();
      }
    } catch {
      // It was closed.
    }
  }

  #take_answer(kind, fields) {
    const now = performance.now();
    if (kind === "A" && fields?.length === 12) {
      this.#window.on_ack(Number(fields.readBigUInt64BE(0)), fields.readUInt32BE(8), now);
    } else if (kind === "W" || kind === "N") {
      let said = null;
      try {
        said = JSON.parse(`${fields}`);
      } catch {
        // No answer of weir-ack/1: as if it had not come.
      }
      if (typeof said !== "object" || said === null) return;
      if (kind === "W") this.#window.on_welcome(said, now);
      else if (typeof said.code === "string") this.#window.on_refusal(said, now);
    }
  }
}
