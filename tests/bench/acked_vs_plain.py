#!/usr/bin/env python3
"""How fast are acknowledged batches, beside plain PUSH of single messages?

    WEIR=build/release/bin/weir tests/bench/acked_vs_plain.py [--messages N] [--rounds N] [--json]

One broker, one sender program (`weir send`, with and without --acked), the same file; the two take
turns. A round ends when the broker has counted every message, so nothing is measured that did not
arrive. Acknowledged means on the disk (journal.acked = "disk").
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

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "integration"))
from broker_process import BrokerProcess  # noqa: E402

WAYS = {"plain PUSH, single messages": ("ingest", []), "acked batches": ("acked", ["--acked"])}


def write_messages(path, run_id, count):
    with open(path, "w", encoding="utf-8") as file:
        for i in range(count):
            file.write(json.dumps({
                "data_type": "add_hit", "run_id": run_id, "worker_id": "bench",
                "url": f"http://127.0.0.1:8080/page/p{i % 50}/view", "method": "GET",
                "status": 500 if i % 20 == 0 else 200, "elapsed": 0.001 + i % 997 / 1e5,
                "started": "2026-11-21T20:00:12.250000Z", "loads_status": [1, 10, i, 3]}) + "\n")


def seconds_for(broker, feed, way, run_id, path, count):
    name, options = WAYS[way]
    begin = time.monotonic()
    subprocess.run([os.environ["WEIR"], "send", *options, "--to", broker.endpoints[name], "--quiet",
                    path], check=True, stdout=subprocess.DEVNULL)
    while True:
        _, text = feed.recv_multipart()
        summary = json.loads(text)
        if summary["run_id"] == run_id and summary["hits"]["count"] == count:
            return time.monotonic() - begin


def measure(count, rounds):
    rates = {way: [] for way in WAYS}
    with BrokerProcess("--tick-ms", "100", "--log-level", "off") as broker, \
            broker.subscribe("summary/") as feed, tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            for way in WAYS:
                run_id = f"{WAYS[way][0]}-{number}"
                path = os.path.join(folder, "messages.jsonl")
                write_messages(path, run_id, count)
                rates[way].append(count / seconds_for(broker, feed, way, run_id, path, count))
    return rates


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--messages", type=int, default=300_000, help="of each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rates = measure(options.messages, options.rounds)
    plain, acked = (statistics.median(rates[way]) for way in WAYS)
    if options.json:
        print(json.dumps({"messages_per_s": rates, "ratio": acked / plain}))
        return
    for way, all_rates in rates.items():
        print(f"{way:30} {statistics.median(all_rates):12,.0f} messages/s "
              f"[{min(all_rates):,.0f} .. {max(all_rates):,.0f}]")
    print(f"{'ratio acked / plain':30} {acked / plain:12.2f}")


if __name__ == "__main__":
    main()
