"""weir tail: the feed as JSON lines, as it comes."""
import json
import signal
import subprocess
import unittest

from broker_process import PATIENCE_S, weir
from fake_feed import FakeFeed, command, summary
from terminal import Terminal


class TailTest(unittest.TestCase):
    def setUp(self):
        self.feed = FakeFeed()
        self.addCleanup(self.feed.__exit__)

    def tail(self, *arguments):
        process = subprocess.Popen(command("tail", "--feed", self.feed.endpoint, *arguments),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def assert_ends(self, process, code, error=""):
        self.assertEqual(process.wait(timeout=PATIENCE_S), code)
        self.assertEqual(process.stderr.read(), error)

    def test_each_message_is_a_line_as_soon_as_it_comes(self):
        process = self.tail()
        self.assertEqual(self.feed.subscriptions(1), {""})
        for number in range(3):
            self.feed.publish("broker/", {"seq": number})
            self.assertEqual(json.loads(process.stdout.readline()), {"seq": number})

    def test_it_ends_after_as_many_messages_as_asked_for(self):
        process = self.tail("--count", 2)
        self.feed.subscriptions(1)
        for number in range(5):
            self.feed.publish("broker/", {"seq": number})
        self.assert_ends(process, 0)
        self.assertEqual(process.stdout.read(), '{"seq": 0}\n{"seq": 1}\n')

    def test_silence_is_no_data(self):
        process = self.tail("--timeout", "200ms")
        self.assert_ends(process, 98, "weir: tail: no message for 200ms\n")
        self.assertEqual(process.stdout.read(), "")

    def test_a_run_means_its_summaries_and_events(self):
        self.tail("checkout")
        self.assertEqual(self.feed.subscriptions(2), {"summary/checkout/", "run/checkout/"})

    def test_a_number_means_the_run_of_that_number(self):
        process = self.tail("7", "--count", 2)
        self.assertEqual(self.feed.subscriptions(2), {"summary/", "run/"})
        self.feed.publish_summary("checkout", 1, number=7)
        self.feed.publish_summary("nightly", 1, number=8)
        self.feed.publish("run/checkout/", {"event": "finished", "run_id": "checkout", "number": 7})
        self.assert_ends(process, 0)
        self.assertEqual([json.loads(line)["run_id"] for line in process.stdout],
                         ["checkout", "checkout"])

    def test_a_topic_is_a_prefix(self):
        self.tail("--topic", "broker/")
        self.assertEqual(self.feed.subscriptions(1), {"broker/"})

    def test_last_is_the_run_that_started_last(self):
        process = self.tail("last", "--count", 3)
        self.feed.subscriptions(2)
        self.feed.publish_summary("new", 3, started_s=100)
        self.feed.publish_summary("old", 90)
        self.feed.publish("run/new/", {"event": "worker_joined"})
        self.feed.publish_summary("newest", 1, started_s=200)
        self.feed.publish_summary("new", 4, started_s=100)
        self.assertEqual(json.loads(process.stdout.readline())["run_id"], "newest")
        self.feed.publish_summary("old", 91)
        self.feed.publish_summary("newest", 2, started_s=200)
        self.feed.publish_summary("newer still", 1, started_s=300)
        self.assert_ends(process, 0)
        self.assertEqual([json.loads(line)["run_id"] for line in process.stdout],
                         ["newest", "newer still"])

    def test_what_is_published_is_printed_unchanged(self):
        process = self.tail("--count", 1)
        self.feed.subscriptions(1)
        text = '{"label": "\x7f\u009b商"}'
        self.feed.publish("broker/", text)
        self.assertEqual(process.stdout.readline(), text + "\n")

    def test_a_terminal_gets_equal_json_that_cannot_control_it(self):
        with Terminal(command("tail", "--feed", self.feed.endpoint, "--count", 1)) as terminal:
            self.feed.subscriptions(1)
            self.feed.publish("broker/", '{"label": "\x7f\u009b商"}')
            self.assertEqual(terminal.wait(), 0)
            self.assertEqual(terminal.raw, '{"label": "\\u007f\\u009b商"}\r\n')

    def test_signals_end_it_cleanly(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.tail("--topic", str(number))
            self.feed.subscriptions(1)
            process.send_signal(number)
            self.assert_ends(process, 0)

    def test_a_reader_that_leaves_ends_it_cleanly(self):
        process = self.tail()
        self.feed.subscriptions(1)
        self.feed.publish("broker/", "{}")
        self.assertEqual(process.stdout.readline(), "{}\n")
        process.stdout.close()
        self.feed.publish("broker/", "{}")
        self.assert_ends(process, 0)
        process.stdout = None

    def test_a_relay_is_printed_frame_by_frame(self):
        process = subprocess.Popen(command("tail", "--relay", self.feed.endpoint, "--count", 2),
                                   stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        self.feed.subscriptions(1)
        self.feed.send('{"data_type":"add_hit"}')
        self.feed.send('{"data_type":"startTest"}\n{"data_type":"stopTest"}\n')
        self.assertEqual(process.wait(timeout=PATIENCE_S), 0)
        self.assertEqual(process.stdout.read(), '{"data_type":"add_hit"}\n'
                                                '{"data_type":"startTest"}\n'
                                                '{"data_type":"stopTest"}\n')

    def test_wrong_usage_is_one_line_and_exit_2(self):
        for arguments in (["--count", "0"], ["--count", "1000000001"], ["--timeout", "soon"], ["--feed", "nowhere"],
                          ["7", "--relay", self.feed.endpoint], ["7", "--topic", "broker/"]):
            done = weir("tail", *arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertRegex(done.stderr, r"\Aweir: tail: .{,120}\n\Z")
            self.assertEqual(done.stdout, "")

    def test_help_has_an_example(self):
        done = weir("tail", "--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("Example:", done.stdout)


class SummaryShapeTest(unittest.TestCase):
    def test_the_fake_summary_is_like_a_real_one(self):
        """So that the tests of tail and top speak of what a broker sends."""
        from broker_process import BrokerProcess
        with BrokerProcess("--tick-ms", "100") as broker, broker.push() as push:
            push.send_string(json.dumps({"data_type": "add_hit", "worker_id": "w", "run_id": "r",
                                         "url": "http://h/", "method": "GET", "status": 200,
                                         "elapsed": 0.01}))
            real = broker.watch("summary/r/", lambda message: message["hits"]["count"], "a hit")
        self.assertLessEqual(set(summary("r")), set(real))


if __name__ == "__main__":
    unittest.main()
