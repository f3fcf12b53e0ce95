"""Plays a broker's acked endpoint (weir-ack/1) in tests: a ROUTER socket in a thread, with every
fault a client must survive. What is acknowledged is in `batches`, which outlives die()."""
import json
import threading
import time

import zmq


class FakeAckedBroker:
    """The attributes may be set at any time. refuse(seq, payload): a code to refuse a batch with, or
    None. lose_batches, lose_acks: how many of the next to lose. silent: reads, says nothing."""

    def __init__(self, endpoint="tcp://127.0.0.1:*", batches=None):
        self.batches = {} if batches is None else batches  # (worker_id, epoch): payloads, in order
        self.endpoint, self.credit, self.max_batch_bytes = endpoint, 8, 16 << 20
        self.denied, self.refuse, self.silent = None, lambda seq, payload: None, False
        self.lose_batches = self.lose_acks = 0
        self.ack_delay_s = 0.0
        self.next_seq = None  # what to say in W in place of the truth
        self.kinds, self.hellos, self.seqs, self.ends = [], [], [], []
        self.start()

    def start(self):
        self._context, self._stop = zmq.Context(), threading.Event()
        self._socket = self._context.socket(zmq.ROUTER)
        end = time.monotonic() + 10
        while True:
            try:
                self._socket.bind(self.endpoint)
                break
            except zmq.ZMQError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.01)  # the port of the one before is still closing
        self.endpoint = self._socket.last_endpoint.decode()
        self._sessions = {}
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def die(self):
        """As if killed: what it has not acknowledged is gone, and so are its connections."""
        self._stop.set()
        self._thread.join()
        self._context.destroy(linger=0)

    close = die

    def messages(self):
        """Every message that counts, decoded."""
        return [json.loads(line) for payloads in list(self.batches.values())
                for payload in list(payloads) if payload is not None
                for line in payload.split(b"\n")]

    def lines(self):
        return [line for payloads in self.batches.values() for payload in payloads
                if payload is not None for line in payload.split(b"\n")]

    def _run(self):
        while not self._stop.is_set():
            if not self._socket.poll(10):
                continue
            identity, kind, *fields = self._socket.recv_multipart()
            self.kinds.append(kind)
            if self.silent or len(fields) != 1:
                continue
            {b"H": self._hello, b"B": self._batch, b"E": self._end,
             b"P": self._ping}[kind](identity, fields[0])

    def _say(self, identity, kind, fields):
        fields = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
        self._socket.send_multipart([identity, kind, fields])

    def _no(self, identity, code, seq=0):
        self._say(identity, b"N", {"seq": seq, "code": code, "message": f"{code} by the test"})

    def _hello(self, identity, fields):
        hello = json.loads(fields)
        assert hello["proto"] == "weir-ack/1"
        self.hellos.append(hello)
        if self.denied:
            self._no(identity, "denied")
            return
        key = hello["worker_id"], hello["epoch"]
        self._sessions[identity] = key
        accepted = self.batches.setdefault(key, [])
        self._say(identity, b"W", {
            "next_seq": self.next_seq or len(accepted) + 1, "credit": self.credit,
            "max_batch_bytes": self.max_batch_bytes, "durability": "disk"})

    def _batch(self, identity, fields):
        seq, codec, payload = int.from_bytes(fields[:8], "big"), fields[8], fields[9:]
        assert codec == 0
        self.seqs.append(seq)
        if self.lose_batches > 0:
            self.lose_batches -= 1
            return
        accepted = self.batches.get(self._sessions.get(identity))
        if accepted is None or seq > len(accepted) + 1:
            self._no(identity, "out_of_order", seq)
            return
        code = self.refuse(seq, payload)
        if code in ("retry_later", "denied"):
            self._no(identity, code, seq)
            return
        if self._stop.wait(self.ack_delay_s):
            return
        if seq == len(accepted) + 1:
            if code:
                self._no(identity, code, seq)
            accepted.append(None if code else payload)
        self._ack(identity, accepted)

    def _ack(self, identity, accepted):
        if self.lose_acks > 0:
            self.lose_acks -= 1
            return
        next_seq = len(accepted) + 1
        self._say(identity, b"A", next_seq.to_bytes(8, "big") + self.credit.to_bytes(4, "big"))

    def _end(self, identity, fields):
        self.ends.append(int.from_bytes(fields, "big"))
        accepted = self.batches.get(self._sessions.get(identity))
        if accepted is None:
            self._no(identity, "out_of_order")
        elif len(accepted) >= self.ends[-1]:
            self._ack(identity, accepted)

    def _ping(self, identity, fields):
        self._say(identity, b"p", fields + (time.time_ns() // 1000).to_bytes(8, "big"))
