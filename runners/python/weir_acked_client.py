"""Reports a load test to a weir broker and has each message acknowledged (weir-ack/1).

    with AckedClient(run_id="nightly-7") as client:
        client.start_test_run(name="nightly")
        client.add_hit("http://host/", "GET", 200, started=time.time(), elapsed=0.012)
        client.stop_test_run()

The methods of Client. Messages go in batches, which are kept until the broker has them on disk: one
that dies and comes back costs nothing, and counts each message once. A thread of the client's own
sends, so that this goes on while the load test thinks. A method waits only when max_unacked_bytes
are held, at most send_timeout_ms and once an outage; then its message is not sent.
"""
import atexit
import collections
import json
import os
import sys
import threading
import time

import zmq

from weir_client import Calls, encode, read_keys, secure

MAX_ANSWER_BYTES = 1 << 20
HELLO_S, PROGRESS_S = 1.0, 2.0  # without an answer, or an acknowledgement: a new connection
PAUSE_S, MAX_PAUSE_S = 0.1, 1.0  # before the broker is asked again to take what it refused


class Window:
    """What to do next, from what the broker said; no socket, and the time is a parameter. Every
    recovery is the same: hello, then again from the broker's next_seq."""

    def __init__(self):
        self.batches = collections.deque()  # [payload, messages, why refused], unacknowledged
        self.base = self.to_send = self.beyond_sent = 1  # seqs: first of batches, next, never sent
        self.state, self.until, self.pauses = "opened", 0.0, 0
        self.credit, self.max_batch_bytes, self.held_bytes = 0, 16 << 20, 0
        self.acknowledged = self.refused = 0  # messages
        self.failure = self.refusal = None  # why it is over; why the last batch was refused
        self.finishing = self.end_sent = False

    def end(self):
        return self.base + len(self.batches)

    def add(self, payload, messages):
        if not self.batches and self.state == "open":
            self.until = 0.0  # the wait for progress begins now
        self.batches.append([payload, messages, None])
        self.held_bytes += len(payload)

    def next(self, now):
        """open, hello, batch, end: do it and ask again. None: wait, at most until self.until."""
        if self.failure:
            return None
        if self.state == "greeting" and now >= self.until:
            return self._go("opened", "open")
        if self.state == "opened" or self.state == "paused" and now >= self.until:
            self.until = now + HELLO_S
            return self._go("greeting", "hello")
        if self.state != "open":
            return None
        if not self.until:
            self.until = now + PROGRESS_S
        if self.to_send < self.end() and self.to_send - self.base < self.credit:
            self.to_send += 1
            self.beyond_sent = max(self.beyond_sent, self.to_send)
            return "batch"
        if self.finishing and not self.end_sent and self.to_send == self.end():
            self.end_sent = True
            return "end"
        if self.batches and now >= self.until:
            return self._go("opened", "open")
        return None

    def on_welcome(self, next_seq, credit, max_batch_bytes, now):
        if self.state != "greeting":
            return
        if next_seq < self.base:
            self.failure = f"the broker has lost batches {next_seq} to {self.base - 1}"
        elif next_seq > self.beyond_sent:
            self.failure = "the broker has batches of this worker that it did not send"
        else:
            self.on_ack(next_seq, credit, now)
            self.state, self.until = "open", now + PROGRESS_S
            self.to_send, self.max_batch_bytes, self.end_sent = self.base, max_batch_bytes, False

    def on_ack(self, next_seq, credit, now):
        if next_seq > self.beyond_sent:
            return
        while self.base < next_seq:
            payload, messages, why = self.batches.popleft()
            self.base, self.pauses = self.base + 1, 0
            self.held_bytes -= len(payload)
            self.acknowledged += 0 if why else messages
            self.refused += messages if why else 0
            self.refusal = why or self.refusal
            if self.state == "open":
                self.until = now + PROGRESS_S
        self.to_send, self.credit = max(self.to_send, self.base), credit

    def on_refusal(self, seq, code, message, now):
        why = f"{code}: {message}" if message else code
        if code == "denied":
            self.failure = why
        elif code in ("malformed", "too_large"):
            if self.base <= seq < self.to_send:
                self.batches[seq - self.base][2] = why
        elif self.state == "open" or self.state == "greeting" and not seq \
                and code != "out_of_order":
            first = code == "out_of_order" and not self.pauses  # may just need the hello
            self.until = now + (0 if first else min(PAUSE_S * 2 ** self.pauses, MAX_PAUSE_S))
            self.state, self.pauses = "paused", min(self.pauses + 1, 10)

    def _go(self, state, step):
        self.state = state
        return step


class AckedClient(Calls):
    """ValueError: an id, a limit or a key is no good; zmq.ZMQError: the endpoint is."""

    def __init__(self, to=None, run_id=None, worker_id=None, *, token=None, send_timeout_ms=1000,
                 linger_ms=10_000, batch_messages=100, batch_bytes=64 << 10, batch_ms=100,
                 max_unacked_bytes=64 << 20, loads_status=None, key_file=None, server_key=None):
        super().__init__(run_id, worker_id, loads_status)
        self.to = to or os.environ.get("WEIR_ACKED") or "tcp://127.0.0.1:7072"
        if min(send_timeout_ms, linger_ms, batch_messages, batch_bytes, batch_ms,
               max_unacked_bytes) <= 0:
            raise ValueError("timeouts and limits must be positive")
        self._hello = {"proto": "weir-ack/1", "worker_id": self.worker_id,
                       "epoch": time.time_ns() // 1000}
        self._hello |= {"run_id": self.run_id} if self.run_id else {}
        token = token or os.environ.get("WEIR_TOKEN")
        self._hello |= {"token": token} if token else {}
        self._keys = read_keys(key_file, server_key)
        self._send_timeout_s, self._linger_s = send_timeout_ms / 1000, linger_ms / 1000
        self._batch_messages, self._batch_bytes = batch_messages, batch_bytes
        self._batch_s, self._max_unacked_bytes = batch_ms / 1000, max_unacked_bytes
        self._changed = threading.Condition()  # guards what follows
        self._window, self._lines, self._lines_bytes, self._due = Window(), [], 0, None
        self._sent = self._not_sent = 0
        self._stalled, self._closing, self._stopping, self._told = False, False, False, False
        self._context, self._socket = zmq.Context(), None
        self._bell, self._ringer = os.pipe()
        os.set_blocking(self._bell, False)
        os.set_blocking(self._ringer, False)
        self._connect()
        self._thread = threading.Thread(target=self._run, name="weir-acked", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def send(self, message):
        """Sends a dict as it is, with what every message carries."""
        try:
            line = encode(self.complete(message))
        except (TypeError, ValueError, RecursionError):
            line = None  # not JSON, such as a list in itself: not sent, and counted
        with self._changed:
            taken = line is not None and self._has_room(len(line) + 1)
            if taken:
                self._append(line)
            self._sent += taken
            self._not_sent += not taken
            return taken

    def close(self):
        """Waits at most linger_ms until all is acknowledged; says on stderr what was not. Returns
        {sent, acknowledged, not_sent, refused, unacknowledged}: refused were in batches that the
        broker could not read; of the unacknowledged it is not known whether they count."""
        with self._changed:
            first, self._closing = not self._closing, True
            if first:
                self._seal()
                self._window.finishing = True
                self._ring()
            self._changed.wait_for(
                lambda: self._stopping or self._window.failure or not self._window.batches,
                self._linger_s)
            self._stopping = True
            self._ring()
        self._thread.join()
        with self._changed:
            report = self._report()
            why = self._window.failure or self._window.refusal
            if not self._told and (why or report["not_sent"] or report["unacknowledged"]):
                print(f"weir_acked_client: not all was acknowledged by {self.to}: {report}"
                      + (f" ({why})" if why else ""), file=sys.stderr)
            self._told = True
        atexit.unregister(self.close)
        return report

    def _report(self):
        window = self._window
        return {"sent": self._sent, "acknowledged": window.acknowledged,
                "not_sent": self._not_sent, "refused": window.refused,
                "unacknowledged": self._sent - window.acknowledged - window.refused}

    def _has_room(self, size):
        def fits():
            return self._window.held_bytes + self._lines_bytes + size <= self._max_unacked_bytes

        def over():
            return self._closing or self._window.failure
        if size > min(self._window.max_batch_bytes, self._max_unacked_bytes) or over():
            return False
        if not fits() and not self._stalled:
            self._changed.wait_for(lambda: fits() or over(), self._send_timeout_s)
        self._stalled = not fits()
        return not self._stalled and not over()

    def _append(self, line):
        most = min(self._batch_bytes, self._window.max_batch_bytes)
        if self._lines and self._lines_bytes + len(line) + 1 > most:
            self._seal()
        if not self._lines:
            self._due = time.monotonic() + self._batch_s
            self._ring()
        self._lines.append(line)
        self._lines_bytes += len(line) + 1
        if len(self._lines) >= self._batch_messages or self._lines_bytes >= most:
            self._seal()

    def _seal(self):
        if self._lines:
            self._window.add(b"\n".join(self._lines), len(self._lines))
            self._lines, self._lines_bytes, self._due = [], 0, None
            self._ring()

    def _ring(self):
        try:
            os.write(self._ringer, b"!")
        except OSError:
            pass  # full: it rings already; or closed

    # What follows is the thread's.
    def _run(self):
        while self._carry_out_steps():
            self._take_answers()
        goodbye_ms = 0 if self._window.batches else 100  # for E to leave
        self._context.destroy(linger=goodbye_ms)
        with self._changed:
            os.close(self._bell)
            os.close(self._ringer)
            self._ringer = -1

    def _carry_out_steps(self):
        """False: it is over. Afterwards self._wait_ms says how long nothing has to be done."""
        while True:
            with self._changed:
                now, window = time.monotonic(), self._window
                if self._due is not None and now >= self._due:
                    self._seal()
                step = window.next(now)
                if step is None:
                    waits = [60, *([self._due - now] if self._due else []),
                             *([window.until - now] if window.until > now else [])]
                    self._wait_ms = int(min(waits) * 1000) + 1
                    return not self._stopping
                fields = self._fields(step)
            try:
                if step == "open":
                    self._connect()
                else:
                    self._socket.send_multipart(fields, zmq.NOBLOCK)
            except zmq.ZMQError:
                pass  # no room, or no descriptor: as if lost on its way, it is tried again in time

    def _fields(self, step):
        window = self._window
        if step == "hello":
            return [b"H", json.dumps({**self._hello, "next_seq": window.base}).encode()]
        if step == "end":
            return [b"E", (window.end() - 1).to_bytes(8, "big")]
        seq = window.to_send - 1
        return [b"B", seq.to_bytes(8, "big") + b"\0" + window.batches[seq - window.base][0]] \
            if step == "batch" else None

    def _connect(self):
        fresh = self._context.socket(zmq.DEALER)
        fresh.maxmsgsize = MAX_ANSWER_BYTES
        fresh.linger = 0
        secure(fresh, self._keys)
        fresh.connect(self.to)
        if self._socket:
            self._socket.close(0)
        self._socket = fresh

    def _take_answers(self):
        poller = zmq.Poller()
        poller.register(self._socket, zmq.POLLIN)
        poller.register(self._bell, zmq.POLLIN)
        ready = dict(poller.poll(self._wait_ms))
        if self._bell in ready:
            os.read(self._bell, 4096)
        for _ in range(100 if self._socket in ready else 0):
            try:
                frames = self._socket.recv_multipart(zmq.NOBLOCK)
            except zmq.ZMQError:
                break
            with self._changed:
                try:
                    self._take_answer(*frames)
                except (TypeError, ValueError, KeyError, ArithmeticError, RecursionError):
                    pass  # no answer of weir-ack/1: as if it had not come
                self._changed.notify_all()

    def _take_answer(self, kind, fields):
        now, window = time.monotonic(), self._window
        if kind == b"A" and len(fields) == 12:
            window.on_ack(int.from_bytes(fields[:8], "big"), int.from_bytes(fields[8:], "big"), now)
        elif kind in (b"W", b"N"):
            said = json.loads(fields)
            if kind == b"W":
                window.on_welcome(int(said["next_seq"]), int(said["credit"]),
                                  int(said["max_batch_bytes"]), now)
            else:
                window.on_refusal(int(said.get("seq") or 0), str(said["code"]),
                                  str(said.get("message") or ""), now)
