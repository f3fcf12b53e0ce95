#!/usr/bin/env python3
"""How fast are acknowledged batches, beside plain PUSH of single messages?

    WEIR=build/release/bin/weir tests/bench/acked_vs_plain.py [--messages N] [--rounds N] [--json]

One broker; `weir send` with and without --acked and the same file, then the Python client and its
acked sister; the two ways take turns. A round ends when the broker has counted every message, so
nothing is measured that did not arrive; it lasts seconds, beside which the start of the sender and
the last tick are little. Acknowledged means on the disk (journal.acked = "disk").
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).parents[2]
sys.path[:0] = [str(SOURCE / "tests/integration"), str(SOURCE / "runners/python")]
from broker_process import BrokerProcess  # noqa: E402
from weir_acked_client import AckedClient  # noqa: E402
from weir_client import Client  # noqa: E402

RUN = "RUN-RUN-RUN"  # in place of the run_id, which every round has its own
WAYS = {"plain PUSH, single messages": ("ingest", [], Client),
        "acked batches": ("acked", ["--acked"], AckedClient)}
PYTHON_SHARE = 10  # the Python clients send a tenth


def messages(count):
    return "".join(json.dumps({
        "data_type": "add_hit", "run_id": RUN, "worker_id": "bench",
        "url": f"http://127.0.0.1:8080/page/p{i % 50}/view", "method": "GET",
        "status": 500 if i % 20 == 0 else 200, "elapsed": 0.001 + i % 997 / 1e5,
        "started": "2026-11-21T20:00:12.250000Z", "loads_status": [1, 10, i, 3]}) + "\n"
        for i in range(count))


def weir_send(broker, way, run_id, lines, folder):
    name, options, _ = WAYS[way]
    path = os.path.join(folder, "messages.jsonl")
    with open(path, "w", encoding="utf-8") as file:
        file.write(lines.replace(RUN, run_id))
    begin = time.monotonic()
    subprocess.run([os.environ["WEIR"], "send", *options, "--to", broker.endpoints[name], "--quiet",
                    path], check=True, stdout=subprocess.DEVNULL)
    return begin


def python_client(broker, way, run_id, count):
    name, _, client = WAYS[way]
    begin = time.monotonic()
    with client(broker.endpoints[name], run_id=run_id, worker_id="bench") as sender:
        for i in range(count):
            sender.add_hit(f"http://127.0.0.1:8080/page/p{i % 50}/view", "GET",
                           500 if i % 20 == 0 else 200, None, 0.001 + i % 997 / 1e5)
    return begin


def rate(feed, run_id, count, begin):
    """Messages a second, when all of them are counted."""
    while True:
        _, text = feed.recv_multipart()
        summary = json.loads(text)
        if summary["run_id"] == run_id and summary["hits"]["count"] == count:
            return count / (time.monotonic() - begin)


def measure(count, rounds):
    rates = {sender: {way: [] for way in WAYS} for sender in ("weir send", "Python client")}
    lines = messages(count)
    with BrokerProcess("--tick-ms", "100", "--log-level", "off") as broker, \
            broker.subscribe("summary/") as feed, tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            for way, (name, _, _) in WAYS.items():
                run_id = f"{name}-{number}"
                begin = weir_send(broker, way, run_id, lines, folder)
                rates["weir send"][way].append(rate(feed, run_id, count, begin))
        for number in range(rounds):
            for way, (name, _, _) in WAYS.items():
                run_id = f"python-{name}-{number}"
                begin = python_client(broker, way, run_id, count // PYTHON_SHARE)
                rates["Python client"][way].append(
                    rate(feed, run_id, count // PYTHON_SHARE, begin))
    return rates


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--messages", type=int, default=2_000_000, help="of each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rates = measure(options.messages, options.rounds)
    medians = {sender: [statistics.median(of[way]) for way in WAYS] for sender, of in rates.items()}
    ratios = {sender: acked / plain for sender, (plain, acked) in medians.items()}
    if options.json:
        print(json.dumps({"messages_per_s": rates, "ratio": ratios}))
        return
    for sender, of in rates.items():
        print(sender)
        for way, found in of.items():
            print(f"  {way:30} {statistics.median(found):12,.0f} messages/s "
                  f"[{min(found):,.0f} .. {max(found):,.0f}]")
        print(f"  {'ratio acked / plain':30} {ratios[sender]:12.2f}")


if __name__ == "__main__":
    main()
