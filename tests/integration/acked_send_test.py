"""weir send --acked and weir run --acked: nothing counts as done that a broker has not acknowledged."""
import re
import signal
import sys
import tempfile
import unittest

from broker_process import SOURCE, eventually
from fake_broker import dead_endpoint, start_weir, weir
from http_target import HttpTarget

sys.path.insert(0, str(SOURCE / "runners" / "python"))
from fake_acked_broker import FakeAckedBroker  # noqa: E402


def numbers(first, last):
    return "".join(f'{{"number":{number}}}\n' for number in range(first, last))


class AckedSendTest(unittest.TestCase):
    def setUp(self):
        self.broker = FakeAckedBroker()
        self.addCleanup(lambda: self.broker.close())

    def send(self, *arguments, **options):
        return weir("send", "--acked", "--to", self.broker.endpoint, *arguments, **options)

    def start(self, *arguments):
        return start_weir("send", "--acked", "--to", self.broker.endpoint, *arguments)

    def check_numbers(self, count):
        self.assertEqual(self.broker.lines(),
                         [b'{"number":%d}' % number for number in range(count)])

    def test_lines_arrive_as_they_are_and_are_acknowledged(self):
        done = self.send("--worker-id", "me", input='{"a": 1}\n\n  \n not JSON \u00e9\n{"b":2}')
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, "sent 3, acknowledged 3\n", ""))
        self.assertEqual(self.broker.lines(),
                         [b'{"a": 1}', " not JSON \u00e9".encode(), b'{"b":2}'])
        self.assertEqual(self.broker.hellos[0]["worker_id"], "me")

    def test_a_file_arrives_whole_once_and_in_order_through_a_broker_that_dies(self):
        self.broker.ack_delay_s = 0.001
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(numbers(0, 50_000))
            file.flush()
            process = self.start(file.name)
            for part in (10, 200):
                eventually(lambda: len(self.broker.seqs) > part, "some batches")
                self.broker.die()
                self.broker.start()
            out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out, err),
                         (0, "sent 50000, acknowledged 50000\n", ""))
        self.check_numbers(50_000)
        self.assertEqual(len({(hello["worker_id"], hello["epoch"])
                              for hello in self.broker.hellos}), 1)

    def test_a_line_leaves_before_the_next_one_comes(self):
        process = self.start()
        process.stdin.write(numbers(0, 1))
        process.stdin.flush()
        eventually(self.broker.lines, "the first line")
        out, _ = process.communicate(numbers(1, 2), timeout=60)
        self.assertEqual((process.returncode, out), (0, "sent 2, acknowledged 2\n"))
        self.check_numbers(2)

    def test_a_batch_that_the_broker_refuses_is_named_by_its_lines(self):
        self.broker.refuse = lambda seq, payload: "malformed" if seq == 2 else None
        done = self.send(input="\n" + numbers(0, 250))
        self.assertEqual((done.returncode, done.stdout),
                         (1, "sent 250, acknowledged 150, refused 100\n"))
        self.assertEqual(done.stderr, "weir: send: lines 102-201 refused: malformed: malformed by "
                                      "the test\n")

    def test_a_line_that_no_batch_may_hold_is_named_and_its_neighbours_are_sent(self):
        self.broker.max_batch_bytes = 1000
        done = self.send(input="before\n" + "x" * 1001 + "\nafter\n")
        self.assertEqual((done.returncode, done.stdout),
                         (1, "sent 2, acknowledged 2, not sent 1\n"))
        self.assertEqual(done.stderr,
                         "weir: send: line 2: longer than the broker takes, which is 1000 bytes\n")
        self.assertEqual(self.broker.lines(), [b"before", b"after"])

    def test_without_a_broker_it_says_so_after_the_timeout(self):
        endpoint = dead_endpoint(self)
        done = weir("send", "--acked", "--to", endpoint, "--timeout", "300ms", input="{}\n")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(done.stderr, f"weir: send: no broker at {endpoint}: nothing there "
                                      "answered for 300ms\n")

    def test_what_is_never_acknowledged_is_counted(self):
        self.broker.refuse = lambda seq, payload: "retry_later"
        done = self.send("--timeout", "300ms", input=numbers(0, 3))
        self.assertEqual((done.returncode, done.stdout),
                         (1, "sent 3, acknowledged 0, not acknowledged 3\n"))
        self.assertEqual(done.stderr, "weir: send: unknown whether 3 of 3 arrived: the broker at "
                         f"{self.broker.endpoint} acknowledged nothing for 300ms\n")

    def test_a_broker_that_denies_ends_it_at_once(self):
        self.broker.denied = True
        done = self.send("--timeout", "1m", input=numbers(0, 3))
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(done.stderr, f"weir: send: the broker at {self.broker.endpoint} says "
                                      "denied: denied by the test\n")

    def test_an_interrupt_waits_for_what_came(self):
        process = self.start()
        process.stdin.write(numbers(0, 1))
        process.stdin.flush()
        eventually(self.broker.lines, "the first line")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out, err), (0, "sent 1, acknowledged 1\n", ""))

    def test_the_endpoint_may_come_from_the_environment_and_help_has_an_example(self):
        done = weir("send", "--acked", input="{}\n", env={"WEIR_ACKED": self.broker.endpoint})
        self.assertEqual((done.returncode, done.stdout), (0, "sent 1, acknowledged 1\n"))
        self.assertIn("weir send --acked messages.jsonl", weir("send", "--help").stdout)
        done = weir("send", "--worker-id", "me", input="")
        self.assertEqual(done.returncode, 2)


class AckedRunTest(unittest.TestCase):
    def setUp(self):
        self.broker = FakeAckedBroker()
        self.addCleanup(lambda: self.broker.close())
        self.target = HttpTarget()
        self.addCleanup(self.target.close)

    def run_load(self, *arguments):
        return weir("run", self.target.url, "-n", 50, "--acked", "--to", self.broker.endpoint,
                    *arguments)

    def test_every_message_of_a_load_is_acknowledged(self):
        done = self.run_load()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("\nreported  50 hits, acknowledged all of 202 messages\n", done.stdout)
        messages = self.broker.messages()
        self.assertEqual(len(messages), 202)
        self.assertEqual(sum(message["data_type"] == "add_hit" for message in messages), 50)
        self.assertFalse(any("seq" in message for message in messages))

    def test_what_is_not_acknowledged_fails_the_command(self):
        self.broker.refuse = lambda seq, payload: "malformed"
        done = self.run_load()
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"\nreported  50 hits, acknowledged 0 of 202 messages\n")
        self.assertIn("weir: run: not all was acknowledged by the broker at "
                      f"{self.broker.endpoint}, 202 messages refused\n", done.stderr)

    def test_a_broker_that_denies_is_named_with_its_reason(self):
        self.broker.denied = True
        done = self.run_load("-q")
        self.assertEqual(done.returncode, 1)
        self.assertTrue(re.search(r"^weir: run: the broker at .* says denied: denied by the test$",
                                  done.stderr, re.MULTILINE), done.stderr)


if __name__ == "__main__":
    unittest.main()
