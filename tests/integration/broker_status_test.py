"""The broker's account of itself: what docs/live-feed.md describes is what broker/ holds."""
import json
import re
import unittest
from datetime import datetime, timedelta, timezone

from broker_process import SOURCE, BrokerProcess


def documented_keys():
    page = (SOURCE / "docs/live-feed.md").read_text()
    section = page.split("\n## broker\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.*?`) \|", section, re.MULTILINE)
    return {key for row in rows for key in re.findall(r"`(\w+)`", row)}


def message(data_type, **fields):
    return json.dumps({"data_type": data_type, "worker_id": "w", "run_id": "r", **fields})


class BrokerStatusTest(unittest.TestCase):
    def broker(self, *settings):
        words = [word for setting in settings for word in ("--set", setting)]
        broker = BrokerProcess("--tick-ms", "100", *words)
        self.addCleanup(broker.__exit__)
        return broker

    def test_every_key_is_described_and_nothing_else_is(self):
        keys = set(self.broker().status()) - {"type", "seq", "time"}
        self.assertEqual(keys, documented_keys())

    def test_tests_beyond_the_limit_of_open_ones_are_counted(self):
        broker = self.broker("limits.open_tests_per_run=1")
        with broker.push() as push:
            for _ in range(3):
                push.send_string(message("startTest", test="t"))
        broker.status(lambda status: status["tests_unmeasured"] == 2)
        run = broker.watch("summary/r/", lambda summary: True, "the run")
        self.assertEqual(run["tests"]["started"], 3)

    def test_late_hits_without_an_interval_are_counted(self):
        broker = self.broker("limits.late_intervals_per_run=1")
        now = datetime.now(timezone.utc)
        hits = [message("add_hit", url="http://h/", method="GET", status=200, elapsed=0.01,
                        time=(now - timedelta(seconds=age)).isoformat())
                for age in (0, 30, 30, 30)]
        with broker.push() as push:
            push.send_string(hits[0])
            broker.watch("summary/r/", lambda summary: True, "the run")
            push.send_string("\n".join(hits[1:]))
        broker.status(lambda status: status["late_samples_not_placed"] > 0)
        run = broker.watch("summary/r/", lambda summary: summary["hits"]["count"] == 4, "all")
        self.assertEqual(run["labels"][0]["count"], 4)


if __name__ == "__main__":
    unittest.main()
