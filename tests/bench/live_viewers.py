#!/usr/bin/env python3
"""How soon do WebSocket viewers see a tick, and what do they cost ingest?

    WEIR=build/release/bin/weir tests/bench/live_viewers.py [--viewers N] [--seconds S] [--json]

One broker with a run of 50 labels at a steady pace; N viewers of its summary. For each message
that a viewer is sent: the time from its `time`, at which the broker made it, to when this script
has read it (so the script's own work is in it). Then `weir send` of a file of messages, as fast as
it goes, without viewers and with them, by turns.
"""
import argparse
import json
import os
import pathlib
import resource
import selectors
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from datetime import datetime, timezone

SOURCE = pathlib.Path(__file__).parents[2]
sys.path[:0] = [str(SOURCE / "tests/integration")]
from broker_process import BrokerProcess  # noqa: E402
from http_vs_acked import cpu_s  # noqa: E402

TIME_KEY = b'"time":"'


def hit(run_id, i):
    return json.dumps({"data_type": "add_hit", "run_id": run_id, "worker_id": "bench",
                       "url": f"http://127.0.0.1:8080/page/p{i % 50}/view", "method": "GET",
                       "status": 200, "elapsed": 0.001 + i % 997 / 1e5})


class Viewer:
    """Reads frames, and keeps of a message only when it was made."""

    def __init__(self, url, topic):
        self.socket = socket.create_connection((url.hostname, url.port))
        self.socket.sendall((f"GET /api/live?topic={topic} HTTP/1.1\r\nHost: {url.netloc}\r\n"
                             "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode())
        self.buffer = bytearray()
        self.upgraded = False
        self.frames = 0

    def read(self):
        """Yields the beginning of each whole message."""
        self.buffer += self.socket.recv(1 << 18)
        if not self.upgraded:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            if not self.buffer.startswith(b"HTTP/1.1 101"):
                raise AssertionError(bytes(self.buffer[:200]))
            del self.buffer[:end + 4]
            self.upgraded = True
        while len(self.buffer) >= 2:
            length, start = self.buffer[1] & 0x7F, 2
            if length == 126:
                if len(self.buffer) < 4:
                    return
                length, start = struct.unpack_from("!H", self.buffer, 2)[0], 4
            elif length == 127:
                if len(self.buffer) < 10:
                    return
                length, start = struct.unpack_from("!Q", self.buffer, 2)[0], 10
            if len(self.buffer) < start + length:
                return
            if self.buffer[0] & 0x0F == 1:
                self.frames += 1
                yield bytes(self.buffer[start:start + 200])
            del self.buffer[:start + length]


def made(message):
    at = message.index(TIME_KEY) + len(TIME_KEY)
    text = message[at:message.index(b'"', at)].decode()
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc).timestamp()


def watch(viewers, seconds):
    """Seconds from making to reading, for each message but the snapshots."""
    selector = selectors.EpollSelector()
    for viewer in viewers:
        selector.register(viewer.socket, selectors.EVENT_READ, viewer)
    delays, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        for key, _ in selector.select(0.05):
            for message in key.data.read():
                if b'"snapshot"' not in message:
                    delays.append(time.time() - made(message))
    return delays


def send_steadily(broker, stop, per_s=1_000):
    with broker.push() as push:
        i = 0
        while not stop.is_set():
            for _ in range(per_s // 20):
                push.send_string(hit("steady", i))
                i += 1
            time.sleep(0.05)


def send_all(broker, path):
    begin, cpu = time.monotonic(), cpu_s(broker.process.pid)
    before = broker.status()["decoded"]
    subprocess.run([os.environ["WEIR"], "send", "--to", broker.endpoints["ingest"], "--quiet", path],
                   check=True, stdout=subprocess.DEVNULL)
    with open(path, encoding="utf-8") as lines:
        count = sum(1 for _ in lines)
    broker.status(lambda status: status["decoded"] >= before + count, "all messages")
    took = time.monotonic() - begin
    return count / took, (cpu_s(broker.process.pid) - cpu) / took


def measure(options):
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    result = {"viewers": options.viewers}
    with BrokerProcess("--log-level", "off") as broker, tempfile.TemporaryDirectory() as folder:
        url = urllib.parse.urlsplit(broker.endpoints["http"])
        path = os.path.join(folder, "messages.jsonl")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(hit("fast", i) + "\n" for i in range(options.messages))
        stop = threading.Event()
        steady = threading.Thread(target=send_steadily, args=(broker, stop))
        steady.start()
        broker.watch("summary/steady/", lambda s: s["hits"]["count"] > 0, "the steady run")
        result["without_per_s"], result["without_cores"] = send_all(broker, path)
        viewers = [Viewer(url, "summary/steady/") for _ in range(options.viewers)]
        watch(viewers, 2)
        cpu = cpu_s(broker.process.pid)
        delays = watch(viewers, options.seconds)
        result["viewing_cores"] = (cpu_s(broker.process.pid) - cpu) / options.seconds
        result["messages_seen"] = len(delays)
        result["delay_ms"] = {"p50": statistics.median(delays) * 1e3,
                              "p99": sorted(delays)[int(len(delays) * 0.99)] * 1e3,
                              "max": max(delays) * 1e3}
        reader = threading.Thread(target=watch, args=(viewers, 30), daemon=True)
        reader.start()
        result["with_per_s"], result["with_cores"] = send_all(broker, path)
        stop.set()
        steady.join()
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--viewers", type=int, default=2_000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--messages", type=int, default=1_000_000, help="sent as fast as it goes")
    parser.add_argument("--json", action="store_true")
    result = measure(options := parser.parse_args())
    if options.json:
        print(json.dumps(result))
        return
    delay = result["delay_ms"]
    print(f"{result['viewers']} viewers saw {result['messages_seen']} messages; from making to reading "
          f"p50 {delay['p50']:.0f} ms, p99 {delay['p99']:.0f} ms, max {delay['max']:.0f} ms; "
          f"broker {result['viewing_cores']:.2f} of a core")
    print(f"ingest {result['without_per_s']:,.0f} messages/s without viewers, "
          f"{result['with_per_s']:,.0f} with them ({result['with_per_s'] / result['without_per_s']:.2f})")


if __name__ == "__main__":
    main()
