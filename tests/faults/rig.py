"""One results file and one journal, and any number of brokers that die on them one after another."""
import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

import zmq

from sender import Sender
from truth import truth_of

SOURCE = pathlib.Path(os.environ.get("WEIR_SOURCE_DIR", pathlib.Path(__file__).parents[2]))
PATIENCE_S = 60
LONG = os.environ.get("WEIR_FAULTS") == "long"
SEED = int(os.environ.get("WEIR_FAULTS_SEED") or random.SystemRandom().randrange(1 << 32))


def say(rig, text):
    """The one line of a rig. The seed makes the same choices again, not the same timing."""
    print(f"faults: {rig}: {text} (seed {SEED})", file=sys.stderr, flush=True)


def eventually(look, what, patience_s=PATIENCE_S):
    end = time.monotonic() + patience_s
    while not (found := look()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {patience_s} s: {what}")
        time.sleep(0.01)
    return found


def free_ports(count, chance=random.SystemRandom()):
    """Below those that the kernel gives to whoever connects: while the broker is dead its port must
    not become the other end of somebody's connection."""
    free = set()
    while len(free) < count:
        port = chance.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                free.add(port)
            except OSError:
                pass
    return free


class Rig:
    def __init__(self, folder=None, options=(), data=None):
        self.own = None if folder else tempfile.mkdtemp(prefix="weir-faults-")
        self.folder = pathlib.Path(folder or self.own)
        self.db, self.data = self.folder / "weir.db", data or self.folder / "data"
        self.log = tempfile.NamedTemporaryFile(prefix="weir-faults-log-", suffix=".txt")
        self.ports = dict(zip(("ingest", "acked", "feed"), free_ports(3)))
        self.host, self.options = "127.0.0.1", list(options)
        self.process, self.senders, self.context = None, [], zmq.Context()

    def __enter__(self):
        return self

    def __exit__(self, failed, *_):
        for sender in self.senders:
            sender.abandon()
        if self.process:
            self.kill()
        self.context.destroy(linger=0)
        if failed:
            print(f"seed {SEED}, the end of the log:\n{self.read_log()[-4000:]}", file=sys.stderr)
        self.log.close()
        if self.own and failed:
            print(f"kept: {self.own}", file=sys.stderr)
        elif self.own:
            shutil.rmtree(self.own)

    def endpoint(self, name="acked"):
        return f"tcp://{self.host}:{self.ports[name]}"

    def start(self, *options, tick_ms=100, within=(), **environment):
        """Returns whether it came up; it may be that it was made to die before."""
        self.process = subprocess.Popen(
            [*within, os.environ["WEIR"], "serve", "--db", self.db, "--data", self.data,
             *(part for name in self.ports for part in (f"--{name}", self.endpoint(name))),
             "--http", "127.0.0.1:0", "--tick-ms", str(tick_ms), "--set", "run.end_grace_s=0.2", "--set", "store.checkpoint_s=0.5",
             *self.options, *options],
            stdout=subprocess.PIPE, stderr=self.log, text=True,
            env={**os.environ, **environment})
        with self.process.stdout as lines:
            return any(line.startswith("listening feed") for line in lines)

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def died(self, patience_s):
        """Whether it is dead, of SIGKILL, within so long."""
        try:
            code = self.process.wait(timeout=patience_s)
        except subprocess.TimeoutExpired:
            return False
        if code != -signal.SIGKILL:
            raise AssertionError(f"the broker ended by itself: {code}")
        return True

    def is_up(self):
        return self.process.poll() is None

    def stop(self):
        """As systemd would; a broker that does not end well is a failure."""
        self.signal(signal.SIGTERM)
        code = self.process.wait(timeout=PATIENCE_S)
        if code:
            raise AssertionError(f"weir serve ended with {code}")

    def send(self, count, to=None, **options):
        """Starts so many senders."""
        first = len(self.senders)
        self.senders += [Sender(to or self.endpoint(), f"w{i}", "faults", f"{SEED}-{i}", **options)
                         for i in range(first, first + count)]

    def finish_senders(self):
        for sender in self.senders:
            sender.finishing = True
        for sender in self.senders:
            if not sender.finish(PATIENCE_S):
                raise AssertionError(f"{sender.worker_id}: {sender.base} of {len(sender.batches)} "
                                     f"acknowledged, {sender.state}")

    def differences(self):
        """After a clean end: what the file has wrong of what was sent."""
        complaints = [text for sender in self.senders for text in sender.complaints]
        return [*complaints, *truth_of(self.senders).differences(self.db, "faults")]

    def watch(self, topic, accept, what, patience_s=PATIENCE_S):
        """The first message of the feed that accept() likes."""
        feed = self.context.socket(zmq.SUB)
        last, end = None, time.monotonic() + patience_s
        try:
            feed.subscribe(topic)
            feed.connect(self.endpoint("feed"))
            while time.monotonic() < end:
                if feed.poll(100):
                    last = json.loads(feed.recv_multipart()[1])
                    if accept(last):
                        return last
        finally:
            feed.close(0)
        raise AssertionError(f"not within {patience_s} s: {what}; last: {last}")

    def query(self, sql, *values):
        with contextlib.closing(sqlite3.connect(f"file:{self.db}?mode=ro", uri=True)) as file:
            return file.execute(sql, values).fetchall()

    def read_log(self):
        return pathlib.Path(self.log.name).read_text(encoding="utf-8", errors="replace")
