"""store.retention_days and store.max_bytes: which runs go, and that it is said."""
import json
import os
import tempfile
import unittest

from broker_process import BrokerProcess, eventually
from stored_runs import add_run, make_store


class RetentionTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="weir-test-")
        self.addCleanup(folder.cleanup)
        self.db = os.path.join(folder.name, "weir.db")
        make_store(self.db)

    def broker(self, *settings):
        words = [word for setting in settings for word in ("--set", setting)]
        broker = BrokerProcess("--tick-ms", "100", *words, db=self.db)
        self.addCleanup(broker.__exit__)
        return broker

    @staticmethod
    def run_ids(broker):
        return [run_id for run_id, in broker.query("SELECT run_id FROM runs ORDER BY id")]

    def test_runs_older_than_retention_days_go_and_a_baseline_stays(self):
        add_run(self.db, "old", hits=5_000, ended_days_ago=40)
        add_run(self.db, "base", ended_days_ago=50, baseline=1)
        add_run(self.db, "new", ended_days_ago=29)
        broker = self.broker("store.retention_days=30")
        broker.status(lambda status: status["store"]["runs_expired"] == 1)
        self.assertEqual(self.run_ids(broker), ["base", "new"])
        self.assertIn("event=run_expired run=old number=1 reason=retention_days",
                      broker.read_log())
        detail, = broker.query("SELECT detail FROM events WHERE kind = 'run_expired'")
        self.assertEqual(json.loads(detail[0]), {"number": 1, "run_id": "old", "hits": 0,
                                                 "reason": "retention_days"})

    def test_over_max_bytes_the_runs_that_ended_first_go_until_it_fits(self):
        for number in range(5):
            add_run(self.db, f"r{number}", hits=10_000, ended_days_ago=5 - number)
        broker = self.broker("store.max_bytes=4000000")
        broker.status(lambda status: 0 < status["store"]["file_bytes"] <= 4_000_000)
        # The last one to go is there until all of it is gone.
        eventually(lambda: broker.query("SELECT count(*) FROM deletions") == [(0,)], "the end of it")
        kept = self.run_ids(broker)
        self.assertEqual(kept, [f"r{number}" for number in range(5)][-len(kept):])
        self.assertIn(len(kept), (1, 2))

    def test_a_file_that_cannot_be_made_small_enough_is_said_once_a_minute(self):
        add_run(self.db, "base", hits=10_000, baseline=1)
        broker = self.broker("store.max_bytes=1000000")
        eventually(lambda: "event=store_over_max_bytes" in broker.read_log(), "the complaint")
        seen = broker.status()["store"]
        self.assertEqual(seen["runs_expired"], 0)
        # Several looks later there is still one.
        uptime = broker.status()["uptime_s"]
        broker.status(lambda status: status["uptime_s"] >= uptime + 3)
        self.assertEqual(broker.read_log().count("store_over_max_bytes"), 1)


if __name__ == "__main__":
    unittest.main()
