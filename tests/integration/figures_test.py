"""Hits whose exact figures are known, from a hundred workers at once."""
import json
import math
import random
import sqlite3
import threading
import unittest

from broker_process import BrokerProcess

WORKERS = 100
HITS_EACH = 200


def nearest_rank(ordered, percent):
    return ordered[max(1, math.ceil(len(ordered) * percent / 100)) - 1]


class FiguresTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = BrokerProcess("--set", "run.end_grace_s=0.5", "--tick-ms", "200")
        random.seed(7)
        cls.elapsed_us = [[max(1, int(random.lognormvariate(10, 1.5))) for _ in range(HITS_EACH)]
                          for _ in range(WORKERS)]
        threads = [threading.Thread(target=cls.work, args=(number,)) for number in range(WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        cls.final = cls.broker.watch("summary/known/", lambda summary: summary["final"], "the end")
        cls.broker.stop()

    @classmethod
    def work(cls, number):
        def send(kind, **fields):
            push.send_string(json.dumps({"data_type": kind, "worker_id": f"worker-{number}",
                                         "run_id": "known", **fields}))
        with cls.broker.push() as push:
            send("startTestRun")
            for index, elapsed_us in enumerate(cls.elapsed_us[number]):
                send("add_hit", url=f"http://h/{number % 4}/x?q={index}", method="GET",
                     status=500 if index % 10 == 0 else 200, elapsed=elapsed_us / 1e6,
                     bytes_received=100, loads_status=[HITS_EACH, 3, index + 1, 0])
            send("stopTestRun")

    @classmethod
    def tearDownClass(cls):
        cls.broker.__exit__()

    def test_counts_are_exact(self):
        hits = self.final["hits"]
        self.assertEqual(hits["count"], WORKERS * HITS_EACH)
        self.assertEqual(hits["failed"], WORKERS * HITS_EACH // 10)
        self.assertEqual(hits["success_rate"], 0.9)
        self.assertEqual(hits["bytes_received"], WORKERS * HITS_EACH * 100)
        self.assertIsNone(hits["bytes_sent"])
        self.assertEqual(self.final["workers"], {"active": 0, "total": WORKERS})
        self.assertEqual(self.final["state"], "finished")

    def test_percentiles_are_within_a_thousandth_above_nearest_rank(self):
        ordered = sorted(value for values in self.elapsed_us for value in values)
        response = self.final["response_ms"]
        for name, percent in (("p50", 50), ("p90", 90), ("p95", 95), ("p99", 99), ("p999", 99.9)):
            truth_ms = nearest_rank(ordered, percent) / 1000
            self.assertGreaterEqual(response[name], truth_ms, name)
            self.assertLessEqual(response[name], truth_ms * 1.001 + 0.0005, name)
        self.assertEqual(response["min"], ordered[0] / 1000)
        self.assertEqual(response["max"], ordered[-1] / 1000)
        self.assertAlmostEqual(response["mean"], sum(ordered) / len(ordered) / 1000, places=2)

    def test_the_store_says_the_same(self):
        row, = self.broker.query("select id, count, failed, workers, users_max, bytes_received, "
                                 "sum_us, min_us, max_us, p99_us from runs")
        run, count, failed, workers, users_max, received, sum_us, min_us, max_us, p99_us = row
        everything = [value for values in self.elapsed_us for value in values]
        self.assertEqual((count, failed, workers), (WORKERS * HITS_EACH, WORKERS * HITS_EACH // 10,
                                                    WORKERS))
        self.assertEqual((sum_us, min_us, max_us), (sum(everything), min(everything),
                                                    max(everything)))
        self.assertEqual(received, count * 100)
        self.assertLessEqual(users_max, WORKERS * 3)
        self.assertEqual(p99_us, round(self.final["response_ms"]["p99"] * 1000))
        for table in ("labels", "intervals where label = 0 and run",
                      "intervals where label > 0 and run", "status_counts"):
            name, _, condition = table.partition(" where ")
            where = f"where {condition} = ?" if condition else "where run = ?"
            total, = self.broker.query(f"select sum(count) from {name} {where}", run)[0]
            self.assertEqual(total, count, table)
        kept, = self.broker.query("select count(*) from hits where run = ?", run)[0]
        self.assertEqual(kept, count)

    def test_four_urls_with_numbers_share_one_label(self):
        labels = self.broker.query("select label, count from labels")
        self.assertEqual(labels, [("GET http://h/{id}/x", WORKERS * HITS_EACH)])

    def test_the_file_is_sound(self):
        with sqlite3.connect(self.broker.db) as database:
            self.assertEqual(database.execute("pragma integrity_check").fetchall(), [("ok",)])
            self.assertEqual(database.execute("pragma foreign_key_check").fetchall(), [])


if __name__ == "__main__":
    unittest.main()
