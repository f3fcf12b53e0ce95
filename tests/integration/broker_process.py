"""A real `weir serve` for a test: free ports, a fresh database, stopped at the end."""
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import tempfile
import time

import zmq

SOURCE = pathlib.Path(os.environ.get("WEIR_SOURCE_DIR", pathlib.Path(__file__).parents[2]))
PATIENCE_S = 20
# Options of `weir serve` that let it listen on free ports.
ANYWHERE = {"--http": "127.0.0.1:0", **{flag: "tcp://127.0.0.1:*"
                                        for flag in ("--ingest", "--acked", "--feed")}}


def weir(*arguments, **options):
    """Runs a weir command to its end."""
    return subprocess.run([os.environ["WEIR"], *map(str, arguments)], capture_output=True,
                          text=True, timeout=PATIENCE_S * 3, **options)


def eventually(look, what, patience_s=PATIENCE_S):
    """Calls look() until it answers something true, and returns that."""
    end = time.monotonic() + patience_s
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not within {patience_s} s: {what}")
        time.sleep(0.02)


class BrokerProcess:
    def __init__(self, *arguments, db=None):
        self.folder = tempfile.TemporaryDirectory(prefix="weir-test-")
        self.db = db or os.path.join(self.folder.name, "weir.db")
        self.log = open(os.path.join(self.folder.name, "log"), "w+")
        sockets = [part for flag, anywhere in ANYWHERE.items() if flag not in arguments
                   for part in (flag, anywhere)]
        self.process = subprocess.Popen(
            [os.environ["WEIR"], "serve", "--db", self.db, *sockets, *map(str, arguments)],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.endpoints = {}
        for line in self.process.stdout:
            word, *rest = line.split()
            if word != "listening":
                break
            self.endpoints.setdefault(rest[0], rest[1])
        if "ingest" not in self.endpoints:
            raise AssertionError(f"weir serve did not start: {self.read_log()}")
        self.context = zmq.Context()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.context.destroy(linger=0)
        self.log.close()
        self.folder.cleanup()

    def push(self):
        """A connected PUSH socket."""
        socket = self.context.socket(zmq.PUSH)
        socket.setsockopt(zmq.SNDTIMEO, PATIENCE_S * 1000)
        socket.setsockopt(zmq.LINGER, PATIENCE_S * 1000)
        socket.connect(self.endpoints["ingest"])
        return socket

    def subscribe(self, prefix="", name="feed", **options):
        """A SUB socket; its first message is on the way when this returns."""
        socket = self.context.socket(zmq.SUB)
        socket.setsockopt(zmq.RCVTIMEO, PATIENCE_S * 1000)
        for option, value in options.items():
            socket.setsockopt(getattr(zmq, option), value)
        socket.setsockopt(zmq.SUBSCRIBE, prefix.encode())
        socket.connect(self.endpoints[name])
        return socket

    def watch(self, prefix, accept, what, patience_s=PATIENCE_S):
        """The first message of the feed for which accept(message) is true."""
        with self.subscribe(prefix) as socket:
            end = time.monotonic() + patience_s
            last = None
            while time.monotonic() < end:
                _, text = socket.recv_multipart()
                last = json.loads(text)
                if accept(last):
                    return last
        raise AssertionError(f"not within {patience_s} s: {what}; last: {last}")

    def status(self, accept=lambda status: True, what="broker status"):
        return self.watch("broker/", accept, what)

    def query(self, sql, *values):
        """Rows, read by another process's eyes while the broker may be writing."""
        database = sqlite3.connect(f"file:{self.db}?mode=ro", uri=True, timeout=PATIENCE_S)
        try:
            return database.execute(sql, values).fetchall()
        finally:
            database.close()

    def stop(self, number=signal.SIGTERM):
        """Asks it to stop; returns exit code and the seconds it took."""
        begin = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(timeout=PATIENCE_S)
        return code, time.monotonic() - begin

    def read_log(self):
        self.log.flush()
        with open(self.log.name, encoding="utf-8") as log:
            return log.read()
