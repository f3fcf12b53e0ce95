"""A sender of weir-ack/1 of our own, written from docs/protocol.md alone: it shares no line with the
clients it stands in for. It remembers every message it made, which is the truth that the results
file is held against, and it outlives any number of brokers."""
import collections
import datetime
import json
import random
import threading
import time

import zmq

GREETING_S, PROGRESS_S, FIRST_PAUSE_S, MAX_PAUSE_S = 1.0, 2.0, 0.1, 1.0
LABELS = [f"GET http://shop/{name}" for name in "home cart item search login pay help news".split()]

# What a message says, apart from who sends it. Times and durations are whole microseconds.
Message = collections.namedtuple(
    "Message", "kind label elapsed_us status success time_us error", defaults=(None,) * 6)


def iso(time_us):
    moment = datetime.datetime.fromtimestamp(time_us // 1_000_000, datetime.timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time_us % 1_000_000:06d}Z"


def encode(message, worker_id, run_id, **more):
    fields = {"data_type": message.kind, "worker_id": worker_id, "run_id": run_id,
              "time": iso(message.time_us), **more}
    if message.kind == "add_hit":
        fields |= {"label": message.label, "status": message.status,
                   "elapsed": message.elapsed_us / 1e6, "success": message.success}
        fields |= {"error": message.error} if message.error else {}
    elif message.kind not in ("startTestRun", "stopTestRun"):
        fields["test"] = message.label
    return json.dumps(fields).encode()


class Load:
    """Messages by chance, the same for the same seed except for their times."""

    def __init__(self, seed):
        self.chance, self.last_us = random.Random(seed), 0

    def now_us(self):
        """Never twice the same, so that the length of a test has one meaning."""
        self.last_us = max(self.last_us + 1, time.time_ns() // 1000)
        return self.last_us

    def hit(self):
        elapsed_us = min(int(self.chance.lognormvariate(9, 1.5)), 20_000_000)
        status = self.chance.choice((200, 200, 200, 201, 302, 404, 500, 0))
        success = 200 <= status < 400
        return Message("add_hit", self.chance.choice(LABELS), elapsed_us, status, success,
                       self.now_us(), None if success else f"no {status % 3}")

    def batch(self, count):
        """A test with hits in it, and something that happened to be bought."""
        test = f"test_{self.chance.randrange(3)}"
        ended = self.chance.choice(("addSuccess", "addSuccess", "addFailure"))
        return [Message("startTest", test, time_us=self.now_us()),
                *(self.hit() for _ in range(count)),
                Message("bought", "shop", time_us=self.now_us()),
                Message(ended, test, time_us=self.now_us()),
                Message("stopTest", test, time_us=self.now_us())]


class Sender(threading.Thread):
    """Begins at once and makes batches until finish(), or batches_max. Counters may be read by any
    thread."""

    def __init__(self, endpoint, worker_id, run_id, seed, *, hits=10, pause_s=0.005,
                 unacked_max=100, batches_max=1 << 62):
        super().__init__(daemon=True)
        self.endpoint, self.worker_id, self.run_id = endpoint, worker_id, run_id
        self.load, self.hits, self.pause_s, self.unacked_max = Load(seed), hits, pause_s, unacked_max
        self.batches_max, self.epoch = batches_max, time.time_ns() // 1000
        self.batches = [[Message("startTestRun", time_us=self.load.now_us())]]  # seq 1 is [0]
        self.base = 1           # all below are acknowledged
        self.to_send = 1
        self.state, self.until, self.pauses, self.hellos = "new", 0.0, 0, 0
        self.credit, self.durability, self.end_sent = 0, None, False
        self.complaints = []    # what no broker may ever say
        self.retry_later = 0
        self.next_batch_at = 0.0
        self.finishing, self.abandoned = False, False
        self.context, self.socket = zmq.Context(), None
        self.start()

    def finish(self, patience_s=60):
        """Makes no more, and waits until all is acknowledged. Says whether it was."""
        self.finishing = True
        self.join(patience_s)
        done = not self.is_alive()
        self.abandon()
        return done

    def is_idle(self):
        return len(self.batches) == self.batches_max == self.base - 1

    def abandon(self):
        self.abandoned = True
        self.join()
        self.context.destroy(linger=0)

    def run(self):
        stopped = False
        while not self.abandoned:
            now = time.monotonic()
            if self.finishing and not stopped:
                stopped = True
                self.batches.append([Message("stopTestRun", time_us=self.load.now_us())])
            if not stopped and now >= self.next_batch_at and \
                    len(self.batches) < self.batches_max and \
                    len(self.batches) + 1 - self.base < self.unacked_max:
                self.batches.append(self.load.batch(self.hits))
                self.next_batch_at = now + self.pause_s
            if stopped and self.base > len(self.batches):
                return
            self.step(now)
            if self.socket and self.socket.poll(2):
                while self.listen():
                    pass
            elif not self.socket:
                time.sleep(0.002)

    def step(self, now):
        if self.state == "new" or self.state == "greeting" and now >= self.until or \
                self.state == "open" and self.base < self.to_send and now >= self.until:
            self.connect()
        if self.state == "connected" or self.state == "paused" and now >= self.until:
            self.say(b"H", json.dumps({"proto": "weir-ack/1", "worker_id": self.worker_id,
                                       "epoch": self.epoch, "next_seq": self.base,
                                       "run_id": self.run_id}).encode())
            self.state, self.until, self.hellos = "greeting", now + GREETING_S, self.hellos + 1
        while self.state == "open" and self.to_send <= len(self.batches) and \
                self.to_send < self.base + self.credit:
            if self.to_send == self.base:
                self.until = now + PROGRESS_S
            lines = (encode(message, self.worker_id, self.run_id)
                     for message in self.batches[self.to_send - 1])
            if not self.say(b"B", self.to_send.to_bytes(8, "big") + b"\0" + b"\n".join(lines)):
                break
            self.to_send += 1
        if self.state == "open" and self.finishing and not self.end_sent and \
                self.to_send > len(self.batches):
            self.end_sent = self.say(b"E", len(self.batches).to_bytes(8, "big"))

    def connect(self):
        if self.socket:
            self.socket.close(0)
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.reconnect_ivl = 20
        self.socket.connect(self.endpoint)
        self.state = "connected"

    def say(self, kind, fields):
        try:
            self.socket.send_multipart((kind, fields), zmq.NOBLOCK)
            return True
        except zmq.Again:
            return False

    def listen(self):
        try:
            kind, fields = self.socket.recv_multipart(zmq.NOBLOCK)
        except zmq.Again:
            return False
        now = time.monotonic()
        if kind == b"W" and self.state == "greeting":
            welcome = json.loads(fields)
            if welcome["next_seq"] < self.base:
                self.complaints.append(f"{self.worker_id}: {self.base - 1} was acknowledged, now "
                                       f"{welcome['next_seq']} is expected")
            self.acknowledged(welcome["next_seq"], now)
            self.credit, self.durability = welcome["credit"], welcome["durability"]
            self.to_send, self.state, self.until = self.base, "open", now + PROGRESS_S
            self.end_sent = False
        elif kind == b"A" and self.state == "open":
            self.acknowledged(int.from_bytes(fields[:8], "big"), now)
            self.credit = int.from_bytes(fields[8:12], "big")
        elif kind == b"N":
            self.refused(json.loads(fields), now)
        return self.state in ("open", "greeting", "paused")

    def acknowledged(self, next_seq, now):
        if next_seq > len(self.batches) + 1:
            self.complaints.append(f"{self.worker_id}: {next_seq - 1} acknowledged, never made")
        elif next_seq > self.base:
            self.base, self.until, self.pauses = next_seq, now + PROGRESS_S, 0
            self.to_send = max(self.to_send, next_seq)

    def refused(self, said, now):
        if said["code"] not in ("retry_later", "out_of_order"):
            self.complaints.append(f"{self.worker_id}: {said}")
        self.retry_later += said["code"] == "retry_later"
        if self.state == "paused":
            return
        first = said["code"] == "out_of_order" and not self.pauses
        self.until = now + (0 if first else min(FIRST_PAUSE_S * 2 ** self.pauses, MAX_PAUSE_S))
        self.state, self.pauses = "paused", min(self.pauses + 1, 10)
