"""Whatever comes in on the port, the broker goes on, counts it, and the next message counts."""
import contextlib
import json
import os
import socket
import struct
import unittest

from broker_process import BrokerProcess

HIT = json.dumps({"data_type": "add_hit", "worker_id": "w", "run_id": "good", "url": "http://h/",
                  "method": "GET", "status": 200, "elapsed": 0.01})
MIB = 1 << 20


class BadInputTest(unittest.TestCase):
    def setUp(self):
        self.broker = BrokerProcess()
        self.addCleanup(self.broker.__exit__)
        self.good = 0

    def raw_connection(self, endpoint=None):
        endpoint = endpoint or self.broker.endpoints["ingest"]
        host, port = endpoint.removeprefix("tcp://").split(":")
        connection = socket.create_connection((host, int(port)), timeout=20)
        self.addCleanup(connection.close)
        return connection

    def expect_good(self, what):
        """A message on a new connection is counted."""
        self.good += 1
        with self.broker.push() as push:
            push.send_string(HIT)
        self.broker.watch("summary/good/", lambda summary: summary["hits"]["count"] == self.good,
                          f"a hit after {what}")

    def rejected(self, reason, count=1):
        return self.broker.status(lambda status: status["rejected"][reason] >= count,
                                  f"{count} {reason}")

    def test_garbage_frames_are_counted_by_reason_between_good_ones(self):
        bad = [(b"not json", "not_json"), (b"", "not_json"), (b"\xff\xfe\x00", "not_json"),
               (b"42", "not_object"), (b'{"data_type":"add_hit"}', "missing_field"),
               (b'{"data_type":7}', "bad_type"), (b'{"data_type":"no_such_thing"}', "unknown_type"),
               (HIT.replace("0.01", "1e300").encode(), "out_of_range"),
               (HIT.replace("0.01", "1e400").encode(), "out_of_range"),
               (b'{"a":' * 40 + b"1" + b"}" * 40, "too_deep"), (os.urandom(4096), "not_json")]
        with self.broker.push() as push:
            for frame, _ in bad:
                push.send(frame)
                push.send_string(HIT)
        self.good += len(bad)
        self.expect_good("garbage frames")
        status = self.broker.status(lambda status: status["rejected"]["total"] >= len(bad))
        for reason in {reason for _, reason in bad}:
            expected = sum(1 for _, other in bad if other == reason)
            self.assertEqual(status["rejected"][reason], expected, reason)

    def test_one_bad_line_and_one_bad_element_cost_themselves(self):
        with self.broker.push() as push:
            push.send_string("\n".join([HIT, "{broken", HIT]))
            push.send_string(f"[{HIT},7,{HIT}]")
        self.good += 4
        self.expect_good("bad neighbours")
        status = self.broker.status(lambda status: status["rejected"]["total"] >= 2)
        self.assertEqual(status["rejected"]["total"], 2)

    def test_multipart_messages_are_refused_whole(self):
        with self.broker.push() as push:
            push.send_multipart([HIT.encode(), HIT.encode(), HIT.encode()])
        self.rejected("multipart")
        self.expect_good("a multipart message")

    def test_a_frame_of_20_mb_is_too_large(self):
        with self.broker.push() as push:
            push.send(b"[" + b" " * (20 * MIB) + b"]")
            push.send_string(HIT)
        self.good += 1
        self.rejected("too_large")
        self.expect_good("20 MB")

    def test_a_frame_of_100_mb_costs_its_connection(self):
        before = self.broker.status()["connections"]["disconnected"]
        with self.broker.push() as push:
            push.send(b" " * (100 * MIB))
            self.broker.status(lambda status: status["connections"]["disconnected"] > before,
                               "the connection of a frame over libzmq's limit closed")
            push.close(linger=0)
        self.expect_good("100 MB")

    def test_http_on_the_port_is_counted(self):
        connection = self.raw_connection()
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n")
        connection.close()
        self.broker.status(
            lambda status: status["connections"]["handshakes_failed"] == 1,
            "HTTP was noticed")
        self.expect_good("HTTP")

    def test_random_bytes_on_the_port_are_counted(self):
        for _ in range(20):
            connection = self.raw_connection()
            try:
                connection.sendall(os.urandom(2000))
                connection.close()
            except OSError:
                pass  # the broker may hang up first
        self.broker.status(lambda status: status["connections"]["disconnected"] >= 20,
                           "20 broken connections")
        self.expect_good("random bytes")

    def announce_8_gib(self, connection, socket_type):
        """Says hello as ZMTP 3.0 does, then announces a frame; reads until it is hung up on."""
        connection.sendall(b"\xff" + b"\0" * 8 + b"\x7f\x03\0" + b"NULL".ljust(20, b"\0")
                           + b"\0" * 32)
        ready = (b"\x05READY" + b"\x0bSocket-Type" + struct.pack(">I", len(socket_type))
                 + socket_type)
        connection.sendall(b"\x04" + bytes([len(ready)]) + ready)
        with contextlib.suppress(ConnectionError):
            connection.sendall(b"\x02" + struct.pack(">Q", 8 << 30) + b"x" * 1000)
            while connection.recv(1000):
                pass

    def test_a_length_of_8_gib_closes_the_connection_and_takes_no_memory(self):
        before = self.broker.status()["memory_bytes"]
        self.announce_8_gib(self.raw_connection(), b"PUSH")
        status = self.broker.status(lambda status: status["connections"]["disconnected"] >= 1,
                                    "the connection closed")
        self.assertLess(status["memory_bytes"] - before, 64 * MIB)
        self.expect_good("8 GiB")

    def test_a_subscriber_that_announces_8_gib_is_hung_up_on_too(self):
        broker = BrokerProcess("--relay", "tcp://127.0.0.1:*")
        self.addCleanup(broker.__exit__)
        for name in ("feed", "relay"):
            with self.subTest(name):
                self.announce_8_gib(self.raw_connection(broker.endpoints[name]), b"SUB")

    def test_a_silent_connection_is_closed_after_the_handshake_time(self):
        broker = BrokerProcess("--set", "ingest.handshake_ivl_s=0.2")
        self.addCleanup(broker.__exit__)
        host, port = broker.endpoints["ingest"].removeprefix("tcp://").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            while connection.recv(1000):  # its greeting, then the end
                pass
        broker.status(lambda status: status["connections"]["handshakes_failed"] >= 1)


if __name__ == "__main__":
    unittest.main()
