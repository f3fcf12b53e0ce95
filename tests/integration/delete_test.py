"""weir delete: what it deletes, what it refuses, and that a broker goes on meanwhile."""
import json
import os
import tempfile
import threading
import unittest

from broker_process import BrokerProcess, eventually, weir
from journal_files import crashed_store, hits
from stored_runs import add_run, make_store
from terminal import Terminal


class DeleteTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="weir-test-")
        self.addCleanup(folder.cleanup)
        self.db = os.path.join(folder.name, "weir.db")

    def broker(self, *settings):
        words = [word for setting in settings for word in ("--set", setting)]
        broker = BrokerProcess("--tick-ms", "100", *words, db=self.db)
        self.addCleanup(broker.__exit__)
        return broker

    def delete(self, *arguments):
        return weir("delete", *arguments, "--db", self.db, input="")

    def refusal(self, *arguments):
        finished = self.delete(*arguments)
        self.assertEqual(finished.returncode, 1, finished.stdout)
        return finished.stderr

    def test_a_run_is_deleted_by_id_number_and_last(self):
        make_store(self.db)
        numbers = [add_run(self.db, run_id, hits=10) for run_id in ("first", "second", "third")]
        said = self.delete("first", "--yes")
        self.assertEqual(said.stdout, f"deleted run {numbers[0]} (first): 11 rows\n", said.stderr)
        self.assertEqual(self.delete(numbers[1], "--yes").returncode, 0)
        self.assertEqual(self.delete("last", "--yes").returncode, 0)
        self.assertIn("no runs yet", self.refusal("last", "--yes"))
        with self.broker() as broker:
            self.assertEqual(broker.query("SELECT count(*) FROM hits"), [(0,)])
            details = broker.query("SELECT detail FROM events WHERE kind = 'run_deleted'")
            self.assertEqual([json.loads(text)["number"] for text, in details], numbers)

    def test_without_yes_it_asks_on_a_terminal_and_refuses_elsewhere(self):
        make_store(self.db)
        number = add_run(self.db, "mine")
        self.assertIn("--yes", self.refusal("mine"))
        for answer, code in (("n", 1), ("", 1), ("y", 0)):
            with Terminal([os.environ["WEIR"], "delete", "mine", "--db", self.db]) as terminal:
                terminal.expect(f"Delete run {number} (mine, 0 hits)? [y/N]")
                terminal.press(answer + "\n")
                self.assertEqual(terminal.wait(), code)
        self.assertIn("no runs yet", self.refusal("last", "--yes"))

    def test_a_baseline_needs_force(self):
        make_store(self.db)
        add_run(self.db, "base", baseline=1)
        self.assertIn("--force", self.refusal("base", "--yes"))
        self.assertEqual(self.delete("base", "--yes", "--force").returncode, 0)

    def test_a_run_that_the_broker_still_writes_is_refused_until_it_does_not(self):
        broker = self.broker("run.end_grace_s=0.1", "run.late_grace_s=0.1", "run.idle_timeout_s=1")
        with broker.push() as push:
            push.send_string(hits("mine", 10))
            eventually(lambda: broker.query("SELECT 1 FROM runs WHERE count = 10"), "stored")
            self.assertIn("late_grace_s", self.refusal("mine", "--yes"))
            eventually(lambda: not broker.query("SELECT 1 FROM run_states"), "its end")
            self.assertEqual(self.delete("mine", "--yes").returncode, 0)
            # What comes for it later is refused, and does not bring it back.
            push.send_string(hits("mine", 1))
            broker.status(lambda status: status["rejected"]["closed_run"] == 1)
        broker.stop()
        self.assertEqual(broker.query("SELECT count(*) FROM runs"), [(0,)])

    def test_after_a_stop_any_run_can_go_but_not_after_a_crash(self):
        crashed_store(os.path.dirname(self.db))
        self.assertIn("goes on", self.refusal("a", "--yes"))
        with self.broker() as broker:
            broker.stop()
        self.assertEqual(self.delete("a", "--yes").returncode, 0)
        self.assertEqual(self.delete("b", "--yes").returncode, 0)

    def test_a_broker_writes_on_while_a_large_run_is_deleted(self):
        make_store(self.db)
        add_run(self.db, "large", hits=200_000)
        broker = self.broker()
        deletion = threading.Thread(target=self.delete, args=("large", "--yes"))
        with broker.push() as push, broker.subscribe("broker/") as feed:
            deletion.start()
            batches, sent = [], 0
            while deletion.is_alive():
                push.send_string(hits("small", 100))
                sent += 100
                batches.append(json.loads(feed.recv_multipart()[1])["store"]["batches"])
            deletion.join()
            eventually(lambda: broker.query("SELECT 1 FROM runs WHERE count = ?", sent), "stored")
        self.assertEqual(broker.query("SELECT count(*) FROM hits WHERE run = 1"), [(0,)])
        self.assertGreater(len(batches), 3, "the deletion was too quick for this test")
        self.assertGreater(batches[-1], batches[0])
        # A batch that had to wait for longer than 0.5 s would be an error.
        self.assertEqual(broker.status()["store"]["write_errors"], 0, broker.read_log())


if __name__ == "__main__":
    unittest.main()
