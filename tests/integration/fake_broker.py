"""Plays a broker's ingest for the tests of runners: a PULL socket whose frames can be looked at."""
import json
import os
import subprocess

import zmq

WEIR = os.environ["WEIR"]
PATIENCE_MS = 20_000


def weir(*arguments, **options):
    """Runs the executable to its end; text in and out."""
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("LOADS_")} | options.pop("env", {})
    return subprocess.run([WEIR, *map(str, arguments)], capture_output=True, text=True,
                          timeout=120, env=environment, **options)


def start_weir(*arguments, **options):
    """Starts the executable; the caller waits for it."""
    return subprocess.Popen([WEIR, *map(str, arguments)], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


class FakeBroker:
    def __init__(self):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.PULL)
        self.socket.rcvhwm = 0
        self.socket.rcvtimeo = PATIENCE_MS
        self.socket.bind("tcp://127.0.0.1:*")
        self.endpoint = self.socket.last_endpoint.decode()

    def close(self):
        self.context.destroy(linger=0)

    def frame(self):
        """The next frame; raises zmq.Again if none comes."""
        return self.socket.recv()

    def message(self):
        return json.loads(self.frame())

    def messages_until(self, data_type):
        messages = []
        while not messages or messages[-1]["data_type"] != data_type:
            messages.append(self.message())
        return messages

    def frames(self, count):
        return [self.frame() for _ in range(count)]

    def has_more(self):
        """Whether another frame is there now."""
        return self.socket.poll(0) != 0


def dead_endpoint(test):
    """An endpoint with a socket behind it that takes no messages, until the test is over."""
    context = zmq.Context()
    socket = context.socket(zmq.PUSH)
    test.addCleanup(context.destroy, linger=0)
    test.addCleanup(socket.close, linger=0)
    socket.bind("tcp://127.0.0.1:*")
    return socket.last_endpoint.decode()
