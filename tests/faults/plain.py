"""Plain PUSH: nobody acknowledges anything, so what was sent is known here only."""
import json
import threading
import time

import zmq

from sender import Load, encode


class Pusher(threading.Thread):
    """One hit every pause_s from its making until stop(); all of them are in `messages`."""

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
            self.socket.send(encode(message, self.worker_id, self.run_id))
            self.messages.append(message)

    def stop(self):
        """When it returns all is on its way into the broker, if there is one."""
        self.over.set()
        self.join()
        self.context.destroy(linger=20_000)
