"""weir replay: recorded lines again, in their rhythm, and as happening now."""
import glob
import json
import os
import signal
import tempfile
import time
import unittest
from datetime import datetime, timezone

from broker_process import BrokerProcess, eventually
from fake_broker import FakeBroker, start_weir, weir

EXAMPLES = os.path.join(os.environ["WEIR_SOURCE_DIR"], "schema/examples/valid")
GAP_S = 0.3


def hit(second, **more):
    return json.dumps({"data_type": "add_hit", "worker_id": "w", "run_id": "old", "method": "GET",
                       "url": "http://h/", "status": 200, "elapsed": 0.25,
                       "started": f"2020-01-01T00:00:{second:09.6f}Z"} | more)


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class ReplayTest(unittest.TestCase):
    def setUp(self):
        self.broker = FakeBroker()
        self.addCleanup(self.broker.close)

    def replay(self, lines, *arguments):
        with tempfile.NamedTemporaryFile("w") as file:
            file.writelines(line + "\n" for line in lines)
            file.flush()
            return weir("replay", file.name, "--to", self.broker.endpoint, *arguments)

    def test_lines_keep_their_distances_and_happen_now(self):
        before, start = time.time(), time.monotonic()
        done = self.replay([hit(1), hit(1 + GAP_S), hit(1 + 2 * GAP_S)])
        self.assertGreaterEqual(time.monotonic() - start, 2 * GAP_S)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^sent 3 messages in 0\.\d+ s\n$")
        hits = [self.broker.message() for _ in range(3)]
        ends = [moment(sent["started"]) + sent["elapsed"] for sent in hits]
        self.assertAlmostEqual(ends[1] - ends[0], GAP_S, places=5)
        self.assertAlmostEqual(ends[2] - ends[0], 2 * GAP_S, places=5)
        self.assertTrue(before - 0.001 <= ends[0] and ends[2] <= time.time() + 0.001)
        self.assertEqual({sent["elapsed"] for sent in hits}, {0.25})

    def test_a_line_is_not_sent_before_it_is_due(self):
        process = start_weir("replay", "-", "--to", self.broker.endpoint)
        process.stdin.write(hit(0) + "\n" + hit(GAP_S) + "\n")
        process.stdin.flush()
        self.broker.frame()
        first = time.monotonic()
        self.broker.frame()
        # Less the time by which the first frame was noticed late.
        self.assertGreater(time.monotonic() - first, GAP_S / 2)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)

    def test_full_speed_waits_for_nothing(self):
        start = time.monotonic()
        done = self.replay([hit(0), hit(59)], "--speed", "max")
        self.assertEqual(done.returncode, 0)
        self.assertLess(time.monotonic() - start, 30)
        ends = [moment(sent["started"]) + sent["elapsed"]
                for sent in (self.broker.message(), self.broker.message())]
        self.assertLess(abs(ends[1] - datetime.now(timezone.utc).timestamp()), 30)

    def test_speed_is_a_factor(self):
        start = time.monotonic()
        done = self.replay([hit(0), hit(50)], "--speed", "100")
        self.assertEqual(done.returncode, 0)
        self.assertTrue(0.5 <= time.monotonic() - start < 30)

    def test_kept_times_leave_lines_byte_for_byte(self):
        lines = [' {"data_type":"addHit", "odd": [1,2] , "status":"200","url":"u","elapsed":"1",'
                 '"method":"GET"} ', hit(5), "no message"]
        done = self.replay(lines, "--keep-times")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(self.broker.frames(3), [line.encode() for line in lines])
        self.assertEqual(done.stderr, "1 lines were no loads messages: sent as they were\n")

    def test_a_run_id_goes_into_every_message(self):
        lines = []
        for name in sorted(glob.glob(os.path.join(EXAMPLES, "*.*.json"))):
            with open(name, encoding="utf-8-sig") as file:
                lines.append(file.read().replace("\n", " "))
        self.assertGreater(len(lines), 5)
        done = self.replay(lines, "--speed", "max", "--run-id", "again")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        sent = int(done.stdout.split()[1])
        self.assertGreaterEqual(sent, len(lines))
        for _ in range(sent):
            message = self.broker.message()
            for event in sum(message.get("counts", {"": [message]}).values(), []):
                self.assertEqual(event["run_id"], "again")
        self.assertFalse(self.broker.has_more())

    def test_a_batch_invents_no_durations_of_tests(self):
        batch = {"data_type": "batch", "worker_id": "w", "time": "2020-01-01T00:00:00Z",
                 "counts": {"startTest": [{"test": "t"}] * 3, "stopTest": [{"test": "t"}] * 3,
                            "addSuccess": [{"test": "t"}] * 3}}
        with BrokerProcess("--tick-ms", "100") as broker, tempfile.NamedTemporaryFile("w") as file:
            file.write(json.dumps(batch))
            file.flush()
            to = ("--to", broker.endpoints["ingest"], "--speed", "max")
            for more in (["--run-id", "a", "--keep-times"], ["--run-id", "b"]):
                self.assertEqual(weir("replay", file.name, *to, *more).returncode, 0)
            with broker.push() as push:
                push.send_json(batch | {"run_id": "original"})
            rows = eventually(lambda: [row for row in broker.query(
                "SELECT started, finished, success, count FROM tests") if row[1:3] == (3, 3)][2:]
                and broker.query("SELECT started, finished, success, count FROM tests"),
                "three runs stored")
        self.assertEqual(rows, [(3, 3, 3, 0)] * 3)

    def test_an_interrupt_ends_the_wait_for_a_line(self):
        process = start_weir("replay", "-", "--to", self.broker.endpoint)
        process.stdin.write(hit(0) + "\n" + hit(59) + "\n")
        process.stdin.flush()
        self.broker.frame()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        self.assertEqual((process.returncode, err), (1, ""))
        self.assertRegex(out, r"^sent 1 messages in .* s, interrupted at line 2\n$")

    def test_an_interrupt_after_all_that_came_is_no_failure(self):
        process = start_weir("replay", "-", "--to", self.broker.endpoint)
        process.stdin.write(hit(0) + "\n")
        process.stdin.flush()
        self.broker.frame()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        self.assertEqual((process.returncode, err), (0, ""))
        self.assertRegex(out, r"^sent 1 messages in [^,]* s\n$")

    def test_wrong_usage_is_exit_2(self):
        for arguments in ([], ["f", "--speed", "0"], ["f", "--speed", "-1"], ["f", "--speed", "1x"],
                          ["f", "--speed", "nan"], ["f", "--run-id", "a/b"], ["f", "--to", "x"]):
            done = weir("replay", *arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertRegex(done.stderr, r"^weir: replay: .*\n$")
        self.assertIn("Example:", weir("replay", "--help").stdout)


if __name__ == "__main__":
    unittest.main()
