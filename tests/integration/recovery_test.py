"""What a broker makes of what a killed one left."""
import json
import os
import pathlib
import signal
import sqlite3
import tempfile
import unittest

from acked_sender import Sender
from broker_process import BrokerProcess, eventually

HIT = '{"data_type":"add_hit","run_id":"r","url":"http://h/","method":"GET","status":200,' \
      '"elapsed":0.01}'
HITS_A_BATCH = 100
START = '{"data_type":"startTestRun","run_id":"r"}'


class RecoveryTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="weir-test-")
        self.addCleanup(folder.cleanup)
        self.data = pathlib.Path(folder.name) / "data"
        self.db = os.path.join(folder.name, "weir.db")

    def broker(self, *settings):
        broker = BrokerProcess("--data", self.data, *settings, db=self.db)
        self.addCleanup(broker.__exit__)
        return broker

    def killed(self, broker):
        broker.process.send_signal(signal.SIGKILL)
        broker.process.wait()

    def send(self, broker, batches, payload="\n".join([HIT] * HITS_A_BATCH)):
        sender = Sender(broker)
        with sender.socket:
            first = sender.welcome()["next_seq"]
            for seq in range(first, first + batches):
                sender.batch(seq, payload)
                while sender.hear()[1] <= seq:
                    pass

    def second_start(self, broker):
        """The detail of the second broker_started."""
        rows = eventually(lambda: broker.query(
            "SELECT detail FROM events WHERE kind = 'broker_started' ORDER BY id")[1:], "the event")
        return json.loads(rows[0][0])

    def test_a_run_goes_on_when_its_workers_speak_again(self):
        first = self.broker()
        self.send(first, 1, START)
        self.send(first, 2)
        self.killed(first)
        second = self.broker("--set", "run.end_grace_s=0.1")
        self.send(second, 1)
        self.send(second, 1, '{"data_type":"stopTestRun","run_id":"r"}')
        eventually(lambda: second.query("SELECT count, state FROM runs")
                   == [(3 * HITS_A_BATCH, "finished")], "the end of the run")
        self.assertEqual(second.query("SELECT count(*) FROM events WHERE run = 1 "
                                      "AND kind = 'broker_away'"), [(1,)])
        self.assertEqual(self.second_start(second)["before"], "died")

    def test_with_many_labels_a_kill_while_a_checkpoint_is_made_changes_no_count(self):
        labels, batches, kills = 1_000, 60, 4
        payload = "\n".join(json.dumps({
            "data_type": "add_hit", "run_id": "r", "label": f"l{i}", "status": 200,
            "elapsed": 0.001 * (i % 97), "method": "GET"}) for i in range(labels))
        for _ in range(kills):
            broker = self.broker("--set", "store.checkpoint_s=0.2", "--tick-ms", "100")
            self.send(broker, batches // kills, payload)
            self.killed(broker)
        last = self.broker()
        last.watch("summary/", lambda summary: summary["hits"]["count"] == batches * labels,
                   "every hit")
        self.assertEqual(last.stop()[0], 0)
        self.assertEqual(last.query("SELECT count(*), min(count), max(count) FROM labels"),
                         [(labels, batches, batches)])
        of_intervals = "SELECT sum(count) FROM intervals WHERE label {} 0"
        for part in ("=", "!="):
            self.assertEqual(last.query(of_intervals.format(part)), [(batches * labels,)])

    def test_a_run_of_many_labels_is_stored_whole_if_the_broker_stops_as_it_ends(self):
        labels = 2_000
        broker = self.broker("--set", "run.end_grace_s=0.1", "--tick-ms", "100")
        with broker.subscribe("run/r/") as feed:
            self.send(broker, 1, START)
            self.send(broker, 1, "\n".join(HIT[:-1] + f',"label":"l{i}"}}' for i in range(labels)))
            self.send(broker, 1, '{"data_type":"stopTestRun","run_id":"r"}')
            while json.loads(feed.recv_multipart()[1])["event"] != "finished":
                pass
        self.assertEqual(broker.stop()[0], 0)
        self.assertEqual(broker.query("SELECT count(*), sum(count) FROM intervals WHERE label != 0"),
                         [(labels, labels)])

    def test_a_run_whose_workers_stay_silent_is_aborted_with_all_that_was_acknowledged(self):
        first = self.broker()
        self.send(first, 1, START)
        self.send(first, 3)
        self.killed(first)
        second = self.broker("--set", "run.idle_timeout_s=0.3", "--tick-ms", "100")
        eventually(lambda: second.query("SELECT count, state FROM runs")
                   == [(3 * HITS_A_BATCH, "aborted_by_system")], "the end of the run")

    def test_what_comes_of_a_run_whose_state_is_gone_becomes_a_run_beside_it(self):
        first = self.broker("--tick-ms", "100")
        self.send(first, 2)
        eventually(lambda: first.query("SELECT 1 FROM run_states"), "a checkpoint")
        eventually(lambda: first.query("SELECT count FROM runs") == [(2 * HITS_A_BATCH,)], "hits")
        self.killed(first)
        database = sqlite3.connect(self.db)
        database.execute("DELETE FROM run_states")
        database.commit()
        database.close()
        second = self.broker()
        self.send(second, 1)
        second.stop()
        self.assertEqual(second.query("SELECT run_id, count FROM runs ORDER BY id"),
                         [("r", 2 * HITS_A_BATCH), ("r~2", HITS_A_BATCH)])

    def test_a_loss_that_only_the_sender_knows_of_is_in_the_file(self):
        first = self.broker("--tick-ms", "100")
        self.send(first, 3)
        self.killed(first)
        second = self.broker("--tick-ms", "100")
        sender = Sender(second)
        with sender.socket:
            self.assertEqual(sender.welcome(next_seq=10)["next_seq"], 10)
        eventually(lambda: second.query("SELECT detail FROM events WHERE kind = 'batches_lost'") ==
                   [('{"batches":6}',)], "the event")

    def test_a_missing_first_part_of_the_journal_is_counted_as_lost(self):
        # Checkpoints only at the start, so that the rest is in the journal alone.
        first = self.broker("--tick-ms", "60000", "--set", "journal.segment_bytes=65536")
        self.send(first, 40)
        self.killed(first)
        segments = sorted(self.data.glob("journal-*.log"))
        (checkpoint,), = first.query("SELECT position FROM checkpoint")
        lost = int(segments[-1].stem.split("-")[1]) - checkpoint
        self.assertGreater(lost, 5)
        for segment in segments[:-1]:
            segment.unlink()
        second = self.broker("--tick-ms", "100")
        self.assertEqual(self.second_start(second)["records_lost"], lost)
        self.assertIn("event=journal_incomplete", second.read_log())
        # A record is a batch, or one of the two ticks at the start.
        (hits,), = second.query("SELECT count FROM runs")
        self.assertIn(lost - (40 - hits / HITS_A_BATCH), (0, 1, 2))

    def test_nothing_is_lost_where_there_is_no_journal_after_a_stop(self):
        first = self.broker()
        self.send(first, 3)
        self.assertEqual(first.stop()[0], 0)
        self.assertEqual(list(self.data.glob("journal-*")), [])
        second = self.broker()
        self.assertEqual(self.second_start(second)["records_lost"], 0)
        self.assertEqual(self.second_start(second)["before"], "stopped")
        self.send(second, 2)
        eventually(lambda: second.query("SELECT count, state FROM runs")
                   == [(5 * HITS_A_BATCH, "running")], "the run that goes on")


if __name__ == "__main__":
    unittest.main()
