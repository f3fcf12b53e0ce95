"""weir-ack/1 as docs/protocol.md says it, spoken by hand on a DEALER socket."""
import json
import struct
import unittest

import zmq

from acked_sender import Sender
from broker_process import BrokerProcess, eventually

HIT = '{"data_type":"add_hit","run_id":"r","url":"http://h/","method":"GET","status":200,' \
      '"elapsed":0.01}'


class AckedProtocolTest(unittest.TestCase):
    def setUp(self):
        self.broker = BrokerProcess("--tick-ms", "100")
        self.addCleanup(self.broker.__exit__)
        self.sender = Sender(self.broker)
        self.addCleanup(self.sender.socket.close)

    def hits(self):
        return self.broker.query("SELECT coalesce(sum(count), 0) FROM runs")[0][0]

    def eventually_hits(self, count):
        eventually(lambda: self.hits() == count, f"{count} hits")

    def acknowledged(self, until):
        while True:
            kind, next_seq, credit = self.sender.hear()
            self.assertEqual((kind, credit), ("A", 64))
            if next_seq >= until:
                return

    def test_batches_in_order_are_welcomed_acknowledged_and_counted(self):
        self.assertEqual(self.sender.welcome(), {"next_seq": 1, "credit": 64, "durability": "disk",
                                                 "max_batch_bytes": 1 << 20})
        for seq in (1, 2, 3):
            self.sender.batch(seq, "\n".join([HIT] * seq))
        self.acknowledged(4)
        self.eventually_hits(6)
        self.assertEqual(self.broker.query("SELECT worker_id, messages FROM workers"), [("w", 6)])
        self.assertEqual(self.sender.welcome()["next_seq"], 4)

    def test_a_batch_that_comes_again_is_acknowledged_and_not_counted(self):
        self.sender.welcome()
        for _ in range(3):
            self.sender.batch(1, HIT)
        self.acknowledged(2)
        self.sender.batch(2, HIT)
        self.acknowledged(3)
        self.eventually_hits(2)
        status = self.broker.status(lambda status: status["acked"]["batches"] == 2)
        self.assertEqual(status["acked"]["duplicate"], 2)

    def test_a_batch_before_its_turn_or_before_a_hello_is_out_of_order(self):
        self.sender.batch(1, HIT)
        self.assertEqual(self.sender.refusal(), (1, "out_of_order"))
        self.sender.welcome()
        self.sender.batch(2, HIT)
        self.assertEqual(self.sender.refusal(), (2, "out_of_order"))
        self.sender.batch(1, HIT)
        self.acknowledged(2)
        self.eventually_hits(1)

    def test_a_poisoned_batch_is_set_aside_and_those_behind_it_count(self):
        self.sender.welcome()
        self.sender.batch(1, "rubbish")
        self.assertEqual(self.sender.refusal(), (1, "malformed"))
        self.sender.batch(2, "x" * ((1 << 20) + 1))
        answers = {}
        while len(answers) < 1:
            answer = self.sender.hear()
            if answer[0] == "N":
                answers[answer[1]["seq"]] = answer[1]["code"]
        self.assertEqual(answers, {2: "too_large"})
        self.sender.batch(3, HIT)
        self.acknowledged(4)
        self.eventually_hits(1)
        status = self.broker.status(lambda status: status["rejected"]["total"] == 2)
        self.assertEqual((status["rejected"]["not_json"], status["rejected"]["too_large"]), (1, 1))

    def test_a_batch_without_messages_is_no_trouble(self):
        self.sender.welcome()
        for seq, payload in enumerate(("[]", '{"data_type":"batch","counts":{}}', HIT), 1):
            self.sender.batch(seq, payload)
        self.acknowledged(4)
        status = self.broker.status(lambda status: status["acked"]["batches"] == 3)
        self.assertEqual((status["acked"]["malformed"], status["rejected"]["total"]), (0, 0))

    def test_the_end_is_answered_once_all_is_safe(self):
        self.sender.welcome()
        self.sender.say("E", struct.pack(">Q", 1))
        self.assertEqual(self.sender.refusal(), (1, "out_of_order"))
        self.sender.batch(1, HIT)
        self.acknowledged(2)
        self.sender.say("E", struct.pack(">Q", 1))
        self.acknowledged(2)

    def test_a_ping_comes_back_with_the_time(self):
        self.sender.say("P", b"12345678")
        kind, fields = self.sender.hear()
        self.assertEqual((kind, fields[:8]), ("p", b"12345678"))
        self.assertGreater(struct.unpack(">q", fields[8:])[0], 1_700_000_000_000_000)

    def test_hellos_that_can_never_succeed_are_denied(self):
        self.sender.epoch = 7
        self.sender.welcome()
        for fields in ({"epoch": 6}, {"proto": "weir-ack/2"}, {"worker_id": "a/b"},
                       {"epoch": "now"}, {"next_seq": 9}):
            with self.subTest(fields):
                kind, said = self.sender.hello(**fields)
                self.assertEqual((kind, said["code"]), ("N", "denied"))
        self.sender.say("H", b"{")
        self.assertEqual(self.sender.refusal(), (0, "denied"))
        self.assertEqual(self.sender.welcome()["next_seq"], 1)

    def test_what_is_not_of_the_protocol_is_refused_and_counted(self):
        self.sender.welcome()
        for frames in ([b"X", b""], [b"B", b"short"], [b"B", struct.pack(">QB", 1, 9)],
                       [b"P", b"1"], [b"H"], [b"B", b"", b"x"]):
            with self.subTest(frames):
                self.sender.socket.send_multipart(frames)
                self.assertEqual(self.sender.refusal(), (0, "malformed"))
        self.broker.status(lambda status: status["acked"]["bad_requests"] == 6)
        self.sender.batch(1, HIT)
        self.acknowledged(2)

    def test_messages_that_say_no_worker_or_run_are_those_of_the_hello(self):
        self.sender.welcome(run_id="nightly")
        self.sender.batch(1, '{"data_type":"startTest","test":"t"}')
        self.acknowledged(2)
        eventually(lambda: self.broker.query(
            "SELECT run_id, worker_id FROM workers JOIN runs ON id = run")
            == [("nightly", "w")], "the run of the hello")


if __name__ == "__main__":
    unittest.main()
