#!/usr/bin/env python3
"""What does a POST of 100 messages cost, beside the same batch over acked ingest?

    WEIR=build/release/bin/weir tests/bench/http_vs_acked.py [--batches N] [--rounds N] [--json]

One broker; the same batches of 100 hits by POST /api/messages on one kept connection, pipelined, and
as acked batches over ZeroMQ; the two take turns. What is compared is the CPU time of the broker's
process, from /proc, for batches that are all acknowledged.
"""
import argparse
import json
import os
import pathlib
import socket
import statistics
import struct
import sys
import time
import urllib.parse

import zmq

SOURCE = pathlib.Path(__file__).parents[2]
sys.path[:0] = [str(SOURCE / "tests/integration")]
from broker_process import BrokerProcess  # noqa: E402

PER_BATCH = 100
AT_ONCE = 64  # batches that are not acknowledged yet, as acked.credit


def batch(run_id, number):
    """As runners send them: JSON lines of some 200 bytes."""
    return "".join(json.dumps({
        "data_type": "add_hit", "run_id": run_id, "worker_id": "bench",
        "url": f"http://127.0.0.1:8080/page/p{(number + i) % 50}/view", "method": "GET",
        "status": 500 if i % 20 == 0 else 200, "elapsed": 0.001 + (number * 7 + i) % 997 / 1e5,
        "started": "2026-11-21T20:00:12.250000Z", "loads_status": [1, 10, i, 3]}) + "\n"
        for i in range(PER_BATCH)).encode()


def cpu_s(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Post:
    def __init__(self, broker):
        url = urllib.parse.urlsplit(broker.endpoints["http"])
        self.socket = socket.create_connection((url.hostname, url.port))
        self.host = url.netloc
        self.buffer = b""

    def send(self, batches):
        waiting = 0
        for body in batches:
            self.socket.sendall(
                b"POST /api/messages HTTP/1.1\r\nHost: " + self.host.encode()
                + b"\r\nContent-Type: application/x-ndjson\r\nContent-Length: "
                + str(len(body)).encode() + b"\r\n\r\n" + body)
            waiting += 1
            if waiting == 2:  # the broker answers one after the other
                self.answer()
                waiting -= 1
        for _ in range(waiting):
            self.answer()

    def answer(self):
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self.socket.recv(65536)
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        while len(self.buffer) < length:
            self.buffer += self.socket.recv(65536)
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        if not head.startswith(b"HTTP/1.1 200") or json.loads(body)["accepted"] != PER_BATCH:
            raise AssertionError((head, body))


class Acked:
    def __init__(self, broker):
        self.socket = broker.context.socket(zmq.DEALER)
        self.socket.connect(broker.endpoints["acked"])
        self.socket.send_multipart([b"H", json.dumps(
            {"proto": "weir-ack/1", "worker_id": "bench", "epoch": int(time.time() * 1e6)}).encode()])
        kind, welcome = self.socket.recv_multipart()
        if kind != b"W":
            raise AssertionError(welcome)
        self.seq = self.acked = 1

    def send(self, batches):
        for body in batches:
            while self.seq - self.acked >= AT_ONCE:
                self.answer()
            self.socket.send_multipart([b"B", struct.pack("!QB", self.seq, 0) + body])
            self.seq += 1
        while self.acked < self.seq:
            self.answer()

    def answer(self):
        kind, fields = self.socket.recv_multipart()
        if kind != b"A":
            raise AssertionError((kind, fields))
        self.acked = struct.unpack("!QI", fields)[0]


def measure(count, rounds, connections):
    cost = {"acked": [], "http": []}
    with BrokerProcess("--log-level", "off") as broker:
        broker.status(lambda status: status["http"]["accepting"], "a broker that takes messages")
        ways = {"acked": [Acked(broker)], "http": [Post(broker) for _ in range(connections)]}
        for number in range(rounds + 1):
            batches = [batch(f"run-{number}", i) for i in range(count)]
            for way, senders in ways.items():
                before = cpu_s(broker.process.pid)
                send_all(senders, batches)
                if number > 0:  # the first warms up
                    cost[way].append((cpu_s(broker.process.pid) - before) / count * 1e6)
    return cost


def send_all(senders, batches):
    import threading
    threads = [threading.Thread(target=sender.send, args=(batches[i::len(senders)],))
               for i, sender in enumerate(senders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--batches", type=int, default=5_000, help="of 100 messages, a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=AT_ONCE, help="that POST at a time")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cost = measure(options.batches, options.rounds, options.connections)
    medians = {way: statistics.median(values) for way, values in cost.items()}
    if options.json:
        print(json.dumps({"us_per_batch": cost, "ratio": medians["http"] / medians["acked"]}))
        return
    for way, values in cost.items():
        print(f"{way:6} {medians[way]:7.1f} us of CPU a batch of {PER_BATCH}"
              f"   {min(values):7.1f} to {max(values):.1f}")
    print(f"http / acked: {medians['http'] / medians['acked']:.2f}")


if __name__ == "__main__":
    main()
