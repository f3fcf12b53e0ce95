// Plays a broker's acked endpoint (weir-ack/1) in tests, with the faults a client must survive.
// What is acknowledged is in `batches`, which outlives die().
import { setTimeout as sleep } from "node:timers/promises";
import { Router } from "zeromq";

export class FakeAckedBroker {
  batches = new Map(); // worker_id/epoch: payloads, in order; null for one that was refused
  credit = 8;
  denied = false;
  silent = false; // reads, says nothing
  refuse = () => null; // (seq, payload): a code to refuse the batch with
  lose_batches = 0; // how many of the next
  lose_acks = 0;
  next_seq = null; // what to say in W in place of the truth
  kinds = [];
  hellos = [];
  seqs = [];
  ends = [];
  endpoint = "tcp://127.0.0.1:*";

  async start() {
    this.socket = new Router({ linger: 0 });
    for (let tries = 0; ; ++tries) {
      try {
        await this.socket.bind(this.endpoint);
        break;
      } catch (error) {
        if (tries > 1000) throw error;
        await sleep(10); // the port of the one before is still closing
      }
    }
    this.endpoint = this.socket.lastEndpoint;
    this.sessions = new Map();
    this.running = this.#run(this.socket);
    return this;
  }

  // As if killed: what it has not acknowledged is gone, and so are its connections.
  async die() {
    this.socket.close();
    await this.running;
  }

  lines() {
    return [...this.batches.values()].flat().filter((payload) => payload !== null)
      .flatMap((payload) => payload.split("\n"));
  }

  messages() {
    return this.lines().map((line) => JSON.parse(line));
  }

  async #run(socket) {
    try {
      for await (const [peer, kind, fields] of socket) {
        this.kinds.push(`${kind}`);
        if (this.silent) continue;
        const name = peer.toString("hex");
        for (const answer of this.#answers(name, `${kind}`, fields)) {
          await socket.send([peer, ...answer]);
        }
      }
    } catch {
      // It was closed.
    }
  }

  * #answers(name, kind, fields) {
    if (kind === "H") {
      const hello = JSON.parse(`${fields}`);
      this.hellos.push(hello);
      if (this.denied) return yield no(0, "denied");
      const worker = `${hello.worker_id}/${hello.epoch}`;
      if (!this.batches.has(worker)) this.batches.set(worker, []);
      const accepted = this.batches.get(worker);
      this.sessions.set(name, accepted);
      return yield ["W", JSON.stringify({ next_seq: this.next_seq ?? accepted.length + 1,
        credit: this.credit, max_batch_bytes: 16 << 20, durability: "disk" })];
    }
    const seq = Number(fields.readBigUInt64BE(0));
    const accepted = this.sessions.get(name);
    if (kind === "E") {
      this.ends.push(seq);
      if (accepted) yield this.#ack(accepted);
      return;
    }
    this.seqs.push(seq);
    if (this.lose_batches > 0) return this.lose_batches--;
    if (!accepted || seq > accepted.length + 1) return yield no(seq, "out_of_order");
    const payload = `${fields.subarray(9)}`;
    const code = this.refuse(seq, payload);
    if (code) yield no(seq, code);
    if (code === "retry_later") return;
    if (seq === accepted.length + 1) accepted.push(code ? null : payload);
    if (this.lose_acks > 0) return this.lose_acks--;
    yield this.#ack(accepted);
  }

  #ack(accepted) {
    const fields = Buffer.alloc(12);
    fields.writeBigUInt64BE(BigInt(accepted.length + 1));
    fields.writeUInt32BE(this.credit, 8);
    return ["A", fields];
  }
}

function no(seq, code) {
  return ["N", JSON.stringify({ seq, code, message: `${code} by the test` })];
}
