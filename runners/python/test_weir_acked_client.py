"""Run in this folder: python3 -m unittest"""
import contextlib
import io
import os
import threading
import time
import unittest
from unittest import mock

import zmq

from fake_acked_broker import FakeAckedBroker
from weir_acked_client import AckedClient, Window

PATIENCE_S = 20


def eventually(look):
    end = time.monotonic() + PATIENCE_S
    while not look():
        if time.monotonic() > end:
            raise AssertionError("did not come to pass")
        time.sleep(0.005)


class AckedClientTest(unittest.TestCase):
    def setUp(self):
        self.broker = FakeAckedBroker()
        self.addCleanup(lambda: self.broker.close())
        self.stderr = io.StringIO()
        redirected = contextlib.redirect_stderr(self.stderr)
        redirected.__enter__()
        self.addCleanup(redirected.__exit__, None, None, None)

    def client(self, **options):
        client = AckedClient(options.pop("to", self.broker.endpoint), "run", "worker",
                             **{"linger_ms": PATIENCE_S * 1000, **options})
        self.addCleanup(client.close)
        return client

    def count(self, client, first, last):
        for number in range(first, last):
            self.assertTrue(client.count(f"n{number}", "t"))

    def check_all_once(self, client, count):
        """Ends the client; the broker has each of the counters once, in order."""
        self.assertEqual(client.close(), {"sent": count, "acknowledged": count, "not_sent": 0,
                                          "refused": 0, "unacknowledged": 0})
        self.assertEqual([message["data_type"] for message in self.broker.messages()],
                         [f"n{number}" for number in range(count)])
        self.assertEqual(self.stderr.getvalue(), "")

    def test_messages_arrive_once_in_order_without_seq_and_epoch(self):
        client = self.client()
        self.count(client, 0, 950)
        self.check_all_once(client, 950)
        hello = self.broker.hellos[0]
        self.assertEqual((hello["worker_id"], hello["run_id"], hello["next_seq"]),
                         ("worker", "run", 1))
        self.assertLess(abs(hello["epoch"] - time.time() * 1e6), 60e6)
        for message in self.broker.messages():
            self.assertEqual((message["worker_id"], message["run_id"]), ("worker", "run"))
            self.assertIn("time", message)
            self.assertFalse({"seq", "epoch"} & message.keys())
        self.assertEqual(self.broker.seqs, list(range(1, 11)))
        eventually(lambda: self.broker.ends == [10])

    def test_a_batch_leaves_after_its_time_though_nothing_else_is_said(self):
        client = self.client(batch_ms=50)
        client.start_test("a")
        eventually(lambda: self.broker.messages())
        client.stop_test("a")
        eventually(lambda: len(self.broker.messages()) == 2)
        self.assertEqual(self.broker.seqs, [1, 2])

    def test_a_broker_that_comes_later_gets_everything(self):
        self.broker.die()
        client = self.client(to=self.broker.endpoint)
        self.count(client, 0, 500)
        self.broker = FakeAckedBroker(self.broker.endpoint)
        self.check_all_once(client, 500)

    def test_a_broker_that_dies_and_comes_back_counts_each_message_once(self):
        client = self.client(batch_messages=10)
        self.broker.credit = 3
        self.count(client, 0, 300)
        eventually(lambda: len(self.broker.messages()) >= 100)
        self.broker.die()
        self.count(client, 300, 600)
        self.broker.start()
        self.check_all_once(client, 600)
        self.assertGreater(len(self.broker.hellos), 1)

    def test_lost_acknowledgements_and_batches_are_made_good(self):
        self.broker.lose_acks = self.broker.lose_batches = 3
        client = self.client(batch_messages=1)
        self.count(client, 0, 20)
        self.check_all_once(client, 20)

    def test_a_batch_that_is_to_come_later_is_sent_again_and_later_ones_wait(self):
        refusals = iter(["retry_later"] * 3)
        self.broker.refuse = lambda seq, payload: next(refusals, None) if seq == 3 else None
        client = self.client(batch_messages=1)
        started = time.monotonic()
        self.count(client, 0, 10)
        self.check_all_once(client, 10)
        self.assertGreater(time.monotonic() - started, 0.65)  # 0.1 + 0.2 + 0.4, timers may be early

    def test_a_batch_that_cannot_be_read_is_counted_and_not_sent_again(self):
        self.broker.refuse = lambda seq, payload: "malformed" if seq == 2 else None
        client = self.client(batch_messages=10)
        for number in range(50):
            client.count(f"n{number}", "t")
        self.assertEqual(client.close(), {"sent": 50, "acknowledged": 40, "not_sent": 0,
                                          "refused": 10, "unacknowledged": 0})
        self.assertEqual(self.broker.seqs.count(2), 1)
        self.assertIn("malformed by the test", self.stderr.getvalue())
        self.assertEqual(self.stderr.getvalue().count("\n"), 1)

    def test_no_more_batches_are_on_their_way_than_the_credit(self):
        self.broker.credit, self.broker.ack_delay_s = 1, 0.02
        client = self.client(batch_messages=1)
        most = []
        self.broker.refuse = lambda seq, payload: most.append(len(self.broker.seqs) - seq)
        self.count(client, 0, 20)
        self.check_all_once(client, 20)
        self.assertEqual(set(most), {0})

    def test_a_broker_that_denies_ends_it_and_says_why(self):
        self.broker.denied = True
        client = self.client()
        client.start_test("a")
        started = time.monotonic()
        report = client.close()
        self.assertLess(time.monotonic() - started, PATIENCE_S / 2)
        self.assertEqual((report["acknowledged"], report["unacknowledged"]), (0, 1))
        self.assertIn("denied by the test", self.stderr.getvalue())
        self.assertEqual(len(self.broker.hellos), 1)

    def test_a_broker_that_says_nothing_is_left_for_a_new_connection(self):
        self.broker.silent = True
        client = self.client()
        self.count(client, 0, 5)
        eventually(lambda: self.broker.kinds == [b"H", b"H"])
        self.broker.silent = False
        self.check_all_once(client, 5)

    def test_a_full_buffer_costs_one_wait_and_counts_what_was_not_sent(self):
        self.broker.die()
        client = self.client(send_timeout_ms=300, linger_ms=200, max_unacked_bytes=10_000)
        started = time.monotonic()
        taken = sum(client.count("n", "x" * 1000) for _ in range(100))
        self.assertTrue(0.25 < time.monotonic() - started < 5)
        self.assertTrue(5 <= taken <= 10)
        self.assertEqual(client.close(), {"sent": taken, "acknowledged": 0, "refused": 0,
                                          "not_sent": 100 - taken, "unacknowledged": taken})
        self.assertEqual(self.stderr.getvalue().count("\n"), 1)

    def test_a_full_buffer_goes_on_when_the_broker_is_back(self):
        client = self.client(max_unacked_bytes=20_000, send_timeout_ms=PATIENCE_S * 1000)
        self.broker.die()
        threading.Timer(0.3, self.broker.start).start()
        self.count(client, 0, 2000)
        self.check_all_once(client, 2000)

    def test_a_broker_that_forgot_what_it_acknowledged_is_told_of(self):
        client = self.client(batch_messages=1)
        self.count(client, 0, 3)
        eventually(lambda: client._window.acknowledged == 3)
        self.broker.die()
        self.broker.next_seq = 1
        self.broker.start()
        client.count("n", "t")
        client.close()
        self.assertIn("the broker has lost batches 1 to 3", self.stderr.getvalue())

    def test_threads_share_a_client(self):
        client = self.client()

        def work():
            for _ in range(250):
                client.add_success("a")
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(client.close()["acknowledged"], 2000)
        self.assertEqual(len(self.broker.messages()), 2000)

    def test_what_is_no_message_is_not_sent_and_so_is_what_comes_after_close(self):
        client = self.client()
        circle = []
        circle.append(circle)
        self.assertFalse(client.send({"data_type": "x", "test": circle}))
        self.assertFalse(client.count("n", "x" * (17 << 20)))
        self.assertEqual(client.close()["not_sent"], 2)
        self.assertFalse(client.start_test("a"))
        self.assertEqual(client.close()["not_sent"], 3)

    def test_what_cannot_work_raises_in_the_constructor(self):
        for options in ({"batch_ms": 0}, {"max_unacked_bytes": -1}, {"linger_ms": 0}):
            with self.subTest(options), self.assertRaises(ValueError):
                AckedClient(self.broker.endpoint, **options)
        with self.assertRaises(zmq.ZMQError):
            AckedClient("7072")

    def test_the_endpoint_may_come_from_the_environment(self):
        with mock.patch.dict(os.environ, {"WEIR_ACKED": self.broker.endpoint,
                                          "WEIR_TOKEN": "secret"}):
            client = AckedClient()
            self.addCleanup(client.close)
        client.start_test("a")
        self.assertEqual(client.close()["acknowledged"], 1)
        self.assertEqual(self.broker.hellos[0]["token"], "secret")


class WindowTest(unittest.TestCase):
    def window(self, batches, credit=10):
        window = Window()
        for number in range(batches):
            window.add(b"x", 1)
        self.assertEqual((window.next(0), window.next(0)), ("hello", None))
        window.on_welcome(1, credit, 1000, 0)
        return window

    def steps(self, window, now):
        return [*iter(lambda: window.next(now), None)]

    def test_credit_may_change_and_be_none(self):
        window = self.window(5, credit=2)
        self.assertEqual(self.steps(window, 0), ["batch"] * 2)
        window.on_ack(2, 0, 0)
        self.assertEqual(self.steps(window, 0), [])
        window.on_ack(3, 3, 0)
        self.assertEqual(self.steps(window, 0), ["batch"] * 3)

    def test_the_clock_for_progress_runs_only_while_something_is_waited_for(self):
        window = self.window(1)
        self.assertEqual(self.steps(window, 0), ["batch"])
        window.on_ack(2, 10, 1)
        self.assertEqual(self.steps(window, 100), [])
        window.add(b"x", 1)
        self.assertEqual(self.steps(window, 200), ["batch"])
        self.assertEqual(self.steps(window, 201.9), [])
        self.assertEqual(self.steps(window, 202.1), ["open", "hello"])

    def test_answers_that_cannot_be_are_ignored(self):
        window = self.window(2)
        self.steps(window, 0)
        window.on_ack(99, 10, 0)
        window.on_refusal(99, "malformed", "", 0)
        window.on_welcome(2, 1, 1, 0)
        self.assertEqual((window.base, window.acknowledged), (1, 0))


if __name__ == "__main__":
    unittest.main()
