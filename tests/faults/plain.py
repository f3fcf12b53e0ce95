"""Plain PUSH: nobody acknowledges anything, so what was sent is known here only."""
import json
import threading
import time

import zmq

from sender import Load, encode


class Numbered:
    """The hits of one worker with seq and epoch, of which it leaves out, repeats and swaps some."""

    def __init__(self, worker_id, run_id, seed, count):
        self.worker_id, self.run_id, self.load = worker_id, run_id, Load(seed)
        self.missing, self.duplicate = 0, 0
        self.frames, self.messages = [], []  # in the order of their leaving; each once
        for epoch in (1, 2):
            self.number(epoch, count // 2)

    def number(self, epoch, count):
        chance, leaving = self.load.chance, []
        for seq in range(1, count + 1):
            # The last is always sent: nobody could know of those behind it.
            kind = chance.choice((*["once"] * 7, "never", "twice", "later")) if seq < count else "once"
            if kind == "never":
                self.missing += 1
                continue
            message = self.load.hit()
            self.messages.append(message)
            frame = encode(message, self.worker_id, self.run_id, seq=seq, epoch=epoch)
            leaving.append((seq + (chance.randrange(1, 20) if kind == "later" else 0), frame))
            if kind == "twice":
                self.duplicate += 1
                leaving.append((seq + chance.choice((0, 1, chance.randrange(count))), frame))
        self.frames += [frame for _, frame in sorted(leaving, key=lambda pair: pair[0])]


class Pusher(threading.Thread):
    """One numbered hit every pause_s from its making until stop(); all are in `messages`."""

    def __init__(self, endpoint, worker_id, run_id, seed, pause_s=0.005):
        super().__init__(daemon=True)
        self.worker_id, self.run_id, self.load = worker_id, run_id, Load(seed)
        self.messages, self.pause_s, self.over = [], pause_s, threading.Event()
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.PUSH)
        self.socket.sndtimeo = self.socket.linger = 20_000
        self.socket.connect(endpoint)
        self.start()

    def run(self):
        while not self.over.wait(self.pause_s):
            message = self.load.hit()
            self.messages.append(message)
            self.socket.send(encode(message, self.worker_id, self.run_id, epoch=1,
                                    seq=len(self.messages)))

    def stop(self):
        """When it returns all is on its way into the broker, if there is one."""
        self.over.set()
        self.join()
        self.context.destroy(linger=20_000)
