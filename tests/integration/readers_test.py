"""People who read the results file for long, or copy it, while a broker writes it."""
import json
import os
import sqlite3
import threading
import unittest

from broker_process import BrokerProcess, eventually, weir

MIB = 1 << 20


class Load:
    """Hits to many labels of several runs, in a thread, until it is stopped."""

    def __init__(self, broker, runs=8, labels=100):
        self.sent = dict.fromkeys((f"run{run}" for run in range(runs)), 0)
        self.stopping = threading.Event()
        self.labels = labels
        self.thread = threading.Thread(target=self.send, args=(broker,))
        self.thread.start()

    def frame(self, run_id):
        return "\n".join(json.dumps(
            {"data_type": "add_hit", "worker_id": "w", "run_id": run_id, "label": f"label {i}",
             "url": f"http://h/{i}", "method": "GET", "status": 200, "elapsed": 0.01 + i / 1000})
            for i in range(self.labels))

    def send(self, broker):
        frames = {run_id: self.frame(run_id) for run_id in self.sent}
        with broker.push() as push:
            while not self.stopping.wait(0.1):
                for run_id, frame in frames.items():
                    push.send_string(frame)
                    self.sent[run_id] += self.labels

    def stop(self):
        self.stopping.set()
        self.thread.join()
        return self.sent


class ReadersTest(unittest.TestCase):
    def setUp(self):
        self.broker = BrokerProcess("--tick-ms", "200", "--set", "store.checkpoint_s=0.2",
                                    "--set", "store.hits_max_per_run=1000")
        self.addCleanup(self.broker.__exit__)
        self.load = Load(self.broker)
        self.addCleanup(self.load.stop)
        eventually(lambda: self.broker.query("SELECT 1 FROM runs"), "the first rows")

    def stored(self):
        return dict(self.broker.query("SELECT run_id, count FROM runs"))

    def test_a_long_query_holds_up_neither_ingest_nor_memory_and_the_log_shrinks_after_it(self):
        wal = self.broker.db + "-wal"
        reader = sqlite3.connect(f"file:{self.broker.db}?mode=ro", uri=True, isolation_level=None)
        self.addCleanup(reader.close)
        reader.execute("BEGIN")
        seen = reader.execute("SELECT sum(count) FROM runs").fetchone()
        eventually(lambda: os.path.getsize(wal) > 80 * MIB, "a large write-ahead log", 100)
        sent = self.load.stop()
        eventually(lambda: self.stored() == sent, "all that was sent, while it reads",
                   60)  # a sanitizer takes its time
        self.assertEqual(reader.execute("SELECT sum(count) FROM runs").fetchone(), seen)
        status = self.broker.status()
        self.assertGreater(status["store"]["wal_bytes"], 64 * MIB)
        self.assertEqual(status["store"]["rows_dropped"], 0)
        self.assertEqual(status["store"]["write_errors"], 0)
        self.assertLess(status["memory_bytes"], 900 * MIB)  # with a sanitizer's; 30 without
        reader.execute("COMMIT")
        eventually(lambda: os.path.getsize(wal) <= 64 * MIB, "a small one, though nothing comes")
        self.broker.status(lambda now: now["store"]["wal_bytes"] <= 64 * MIB)

    def test_a_copy_made_under_load_is_whole_and_of_one_moment(self):
        copy = os.path.join(self.broker.folder.name, "copy.db")
        source = sqlite3.connect(self.broker.db, timeout=20)
        self.addCleanup(source.close)
        source.execute("VACUUM INTO ?", (copy,))
        sent = self.load.stop()
        eventually(lambda: self.stored() == sent, "the rest")
        database = sqlite3.connect(copy)
        self.addCleanup(database.close)
        self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        self.assertEqual(database.execute("PRAGMA foreign_key_check").fetchall(), [])
        rows = database.execute(
            "SELECT run_id, count, (SELECT sum(count) FROM labels WHERE run = runs.id), "
            "(SELECT sum(count) FROM status_counts WHERE run = runs.id), "
            "(SELECT sum(count) FROM intervals WHERE run = runs.id AND label = 0) FROM runs")
        for run_id, count, of_labels, of_statuses, of_seconds in rows.fetchall():
            self.assertGreater(count, 0)
            self.assertLessEqual(count, sent[run_id])
            self.assertEqual((of_labels, of_statuses), (count, count))
            # The last seconds are not in the file yet.
            self.assertLessEqual(of_seconds or 0, count)
        report = weir("report", "run0", "--db", copy, "--format", "json")
        self.assertEqual(report.returncode, 0, report.stderr)


if __name__ == "__main__":
    unittest.main()
