"""weir send: lines become frames, as they are and as they come, and nothing is lost silently."""
import contextlib
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest

import zmq

from fake_broker import FakeBroker, dead_endpoint, start_weir, weir

MIB = 1 << 20


class SendTest(unittest.TestCase):
    def setUp(self):
        self.broker = FakeBroker()
        self.addCleanup(self.broker.close)

    def send(self, *arguments, **options):
        return weir("send", "--to", self.broker.endpoint, *arguments, **options)

    def test_lines_become_frames_as_they_are(self):
        done = self.send(input='{"a": 1}\n\n  \n not JSON \u00e9\n{"b":2}')
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "sent 3\n", ""))
        self.assertEqual(self.broker.frames(3),
                         [b'{"a": 1}', " not JSON \u00e9".encode(), b'{"b":2}'])
        self.assertFalse(self.broker.has_more())

    def test_a_file_is_sent_whole_and_in_order(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.writelines(f'{{"number":{number}}}\n' for number in range(50_000))
            file.flush()
            done = self.send(file.name)
        self.assertEqual((done.returncode, done.stdout), (0, "sent 50000\n"))
        for number in range(50_000):
            self.assertEqual(self.broker.frame(), b'{"number":%d}' % number)

    def test_a_line_leaves_before_the_next_one_comes(self):
        process = start_weir("send", "--to", self.broker.endpoint)
        process.stdin.write("first\n")
        process.stdin.flush()
        self.assertEqual(self.broker.frame(), b"first")
        self.assertIsNone(process.poll())
        out, _ = process.communicate("second\n", timeout=60)
        self.assertEqual((process.returncode, out), (0, "sent 2\n"))
        self.assertEqual(self.broker.frame(), b"second")

    def test_without_a_broker_it_says_so_after_the_timeout(self):
        endpoint = dead_endpoint(self)
        start = time.monotonic()
        done = weir("send", "--to", endpoint, "--timeout", "300ms", input="{}\n")
        self.assertGreaterEqual(time.monotonic() - start, 0.3)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr, f"weir: send: no broker at {endpoint}: nothing there took a "
                                      "message for 300ms\n")

    def test_a_broker_that_goes_away_ends_it_with_the_line_it_came_to(self):
        process = start_weir("send", "--to", self.broker.endpoint, "--timeout", "300ms")
        process.stdin.write("1\n")
        process.stdin.flush()
        self.assertEqual(self.broker.frame(), b"1")
        self.broker.close()
        try:
            for number in range(1_000_000):
                process.stdin.write(f"{number}\n")
                process.stdin.flush()
        except BrokenPipeError:
            pass
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        process.stdin = None
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1)
        self.assertRegex(err,
                         r"^weir: send: line \d+ and what follows not sent: no broker at tcp://.*\n"
                         r"weir: send: unknown how much of it arrived: .* broke 1 time\n$")
        self.assertRegex(out, r"^sent \d+, not sent 1\n$")

    def test_a_broker_that_dies_while_the_end_waits_for_it_is_a_loss(self):
        context = zmq.Context()
        self.addCleanup(context.destroy, linger=0)
        stuck = context.socket(zmq.PULL)
        stuck.rcvhwm = 1
        stuck.bind("tcp://127.0.0.1:*")
        process = start_weir("send", "--to", stuck.last_endpoint.decode())
        for _ in range(100):  # more than the system's buffers take
            process.stdin.write("x" * 1_000_000 + "\n")
        process.stdin.close()
        process.stdin = None
        with self.assertRaises(subprocess.TimeoutExpired):
            process.wait(timeout=2)  # all lines are read, and now it waits for the broker
        stuck.close(linger=0)
        out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out), (1, "sent 100\n"))
        self.assertRegex(err, r"^weir: send: unknown how much of it arrived: .* broke 1 time\n$")

    def test_a_line_over_the_limit_is_named_and_its_neighbours_are_sent(self):
        done = self.send(input="before\n" + "x" * (16 * MIB + 1) + "\n" + "y" * (16 * MIB) + "\n")
        self.assertEqual((done.returncode, done.stdout), (1, "sent 2, not sent 1\n"))
        self.assertEqual(done.stderr, "weir: send: line 2: longer than 16777216 bytes\n")
        self.assertEqual(self.broker.frame(), b"before")
        self.assertEqual(self.broker.frame(), b"y" * (16 * MIB))

    def test_the_broker_may_come_from_the_environment_of_loads(self):
        done = weir("send", input="{}\n", env={"LOADS_ZMQ_RECEIVER": self.broker.endpoint})
        self.assertEqual((done.returncode, done.stdout), (0, "sent 1\n"))
        self.assertEqual(self.broker.frame(), b"{}")

    def test_an_interrupt_ends_it_after_what_came(self):
        process = start_weir("send", "--to", self.broker.endpoint)
        process.stdin.write("1\n")
        process.stdin.flush()
        self.assertEqual(self.broker.frame(), b"1")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out, err), (0, "sent 1\n", ""))

    def test_an_interrupt_before_the_end_of_a_file_fails_and_says_where(self):
        self.broker.socket.rcvhwm = 1  # so that the sender has to wait for the reader
        self.broker.socket.bind("tcp://127.0.0.1:*")
        with tempfile.NamedTemporaryFile("w") as file:
            file.writelines(f"{number:01000}\n" for number in range(100_000))
            file.flush()
            process = start_weir("send", file.name, "--to",
                                 self.broker.socket.last_endpoint.decode())
            self.broker.frame()
            process.send_signal(signal.SIGINT)
            while process.poll() is None:
                if self.broker.socket.poll(20):
                    self.broker.frame()
            out, err = process.communicate()
        self.assertEqual((process.returncode, err), (1, ""))
        sent, line = map(int, re.fullmatch(r"sent (\d+), interrupted at line (\d+)\n", out).groups())
        self.assertEqual(line, sent + 1)

    def test_an_interrupt_before_half_a_line_was_sent_fails(self):
        process = start_weir("send", "--to", self.broker.endpoint)
        process.stdin.write("1\nhalf")
        process.stdin.flush()
        self.assertEqual(self.broker.frame(), b"1")
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out), (1, "sent 1, interrupted at line 2\n"))

    def test_an_interrupt_of_the_wait_for_a_broker_fails(self):
        process = start_weir("send", "--to", dead_endpoint(self), "--timeout", "1h")
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out), (1, "sent 0, interrupted at line 1\n"))

    def test_files_that_cannot_be_read_are_named(self):
        for path in ("/nonexistent.jsonl", os.path.dirname(__file__)):
            done = self.send(path)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertRegex(done.stderr, f"^weir: send: {path}: .*\n$")

    def test_wrong_usage_is_exit_2(self):
        for arguments in (["--to", "localhost"], ["--timeout", "5"], ["--nonsense"], ["a", "b"]):
            done = weir("send", *arguments, input="")
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertRegex(done.stderr, r"^weir: send: .*\n$")
        self.assertIn("Example:", weir("send", "--help").stdout)


if __name__ == "__main__":
    unittest.main()
