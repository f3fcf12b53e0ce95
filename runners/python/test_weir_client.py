"""Run in this folder: python3 -m unittest"""
import contextlib
import io
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest
from unittest import mock

import zmq

from weir_client import Client

HERE = pathlib.Path(__file__).parent
EXAMPLES = HERE.parents[1] / "schema" / "examples" / "valid"
CARRIED = {"worker_id", "run_id", "seq", "epoch", "time"}
CALLS = {
    "startTestRun": ("start_test_run", "name project scenario tags"),
    "stopTestRun": ("stop_test_run", ""),
    "startTest": ("start_test", "test"),
    "stopTest": ("stop_test", "test"),
    "addSuccess": ("add_success", "test"),
    "addFailure": ("add_failure", "test exc_info"),
    "addError": ("add_error", "test exc_info"),
    "add_hit": ("add_hit", "url method status started elapsed"),
    "socket_open": ("socket_open", ""),
    "socket_close": ("socket_close", ""),
    "socket_message": ("socket_message", "size"),
}
HIT_OPTIONS = set("label success error bytes_sent bytes_received dns connect tls first_byte".split())


class Broker:
    """A PULL socket, as the broker's ingest is one."""

    def __init__(self, endpoint="tcp://127.0.0.1:*", **options):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.PULL)
        for name, value in options.items():
            setattr(self.socket, name, value)
        self.socket.bind(endpoint)
        self.endpoint = self.socket.last_endpoint.decode()

    def take(self, wait_ms=5000):
        if not self.socket.poll(wait_ms):
            raise AssertionError("no message came")
        return json.loads(self.socket.recv(), parse_constant=_no_json)

    def take_until(self, data_type):
        messages = [self.take()]
        while messages[-1]["data_type"] != data_type:
            messages.append(self.take())
        return messages

    def close(self):
        self.context.destroy(linger=0)


def _no_json(name):
    raise AssertionError(f"{name} is not JSON")


class ClientTest(unittest.TestCase):
    def setUp(self):
        self.broker = Broker()
        self.addCleanup(self.broker.close)
        self.stderr = io.StringIO()
        redirected = contextlib.redirect_stderr(self.stderr)
        redirected.__enter__()
        self.addCleanup(redirected.__exit__, None, None, None)

    def client(self, *args, **options):
        client = Client(*(args or (self.broker.endpoint,)), **options)
        self.addCleanup(client.close)
        return client

    def test_says_what_the_schema_examples_say(self):
        client, compared = self.client(), set()
        for path in sorted(EXAMPLES.glob("*.json")):
            example = _plain_object(path)
            call = _call_for(example) if example else None
            if call is None:
                continue
            client.loads_status = example.get("loads_status")
            call(client)
            with self.subTest(path.name):
                sent = self.broker.take()
                expected = {key: value for key, value in example.items()
                            if key not in CARRIED and value is not None}
                self.assertEqual({k: v for k, v in sent.items() if k not in CARRIED}, expected)
                compared.add(example["data_type"])
        self.assertEqual(compared, set(CALLS) | {"widgets-bought"})

    def test_every_message_carries_worker_run_seq_epoch_and_time(self):
        before = time.time_ns() // 1000
        client = self.client(self.broker.endpoint, "run", "worker")
        client.start_test("a")
        client.count("things", "a")
        client.send({"data_type": "startTestRun", "thresholds": {"hits.p95": ["value<500"]}})
        first, second, third = (self.broker.take() for _ in range(3))
        self.assertEqual([m["seq"] for m in (first, second, third)], [1, 2, 3])
        self.assertEqual({m["epoch"] for m in (first, second, third)}, {first["epoch"]})
        self.assertTrue(before <= first["epoch"] <= time.time_ns() // 1000)
        for message in (first, second, third):
            self.assertEqual((message["run_id"], message["worker_id"]), ("run", "worker"))
            self.assertRegex(message["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
        self.assertEqual(third["thresholds"], {"hits.p95": ["value<500"]})

    def test_a_hit_has_started_in_place_of_time(self):
        client = self.client()
        client.add_hit("http://h/", "GET", 200, 1795291212.25, 0.012, bytes_received=5)
        client.add_hit("http://h/", "GET", 200, "2026-11-21T20:00:12", 0.012)
        first, second = self.broker.take(), self.broker.take()
        self.assertEqual(first["started"], "2026-11-21T20:00:12.250000Z")
        self.assertEqual(second["started"], "2026-11-21T20:00:12")
        self.assertNotIn("time", first)
        self.assertNotIn("run_id", first)

    def test_an_exception_is_its_class_message_and_traceback(self):
        client = self.client()
        try:
            raise KeyError("basket")
        except KeyError as error:
            client.add_error("checkout", error)
        name, message, frames = self.broker.take()["exc_info"]
        self.assertEqual((name, message), ("KeyError", "'basket'"))
        self.assertIn("in test_an_exception_is_its_class_message_and_traceback", frames)

    def test_the_environment_of_loads_gives_the_defaults(self):
        variables = {"LOADS_ZMQ_RECEIVER": self.broker.endpoint, "LOADS_RUN_ID": "r7",
                     "LOADS_WORKER_ID": "old", "LOADS_AGENT_ID": "w7"}
        with mock.patch.dict(os.environ, variables):
            self.client(None).stop_test_run()
        message = self.broker.take()
        self.assertEqual((message["run_id"], message["worker_id"]), ("r7", "w7"))

    def test_the_default_worker_is_host_and_pid_made_an_id(self):
        with mock.patch("socket.gethostname", return_value="a/b\n" + "c" * 300), \
                mock.patch.dict(os.environ, clear=True):
            client = self.client()
        self.assertRegex(client.worker_id, rf"^a-b-c+-{os.getpid()}$")
        self.assertLessEqual(len(client.worker_id), 128)

    def test_what_cannot_work_raises_in_the_constructor(self):
        for options in ({"run_id": "a/b"}, {"worker_id": "é" * 65}, {"run_id": "a\x85"},
                        {"linger_ms": -1}, {"send_timeout_ms": 0}):
            with self.subTest(options), self.assertRaises(ValueError):
                Client(self.broker.endpoint, **options)
        with self.assertRaises(zmq.ZMQError):
            Client("7071")

    def test_what_is_not_json_becomes_null_or_is_counted_as_not_sent(self):
        client = self.client()
        client.add_hit("http://h/\ud800", "GET", 200, float("nan"), float("inf"), dns=float("nan"))
        circle = []
        circle.append(circle)
        client.send({"data_type": "x", "test": circle})
        client.stop_test_run()
        hit, last = self.broker.take(), self.broker.take()
        self.assertEqual([hit[key] for key in ("url", "started", "elapsed", "dns")],
                         ["http://h/?", None, None, None])
        self.assertEqual((hit["seq"], last["seq"]), (1, 3))
        self.assertEqual(client.close()["not_sent"], 1)

    def test_without_a_broker_only_the_first_message_waits(self):
        absent = Broker()
        absent.close()
        client = self.client(absent.endpoint, send_timeout_ms=300)
        started = time.monotonic()
        client.start_test("a")
        self.assertGreater(time.monotonic() - started, 0.25)
        for _ in range(200):
            client.stop_test("a")
        report = client.close()
        self.assertLess(time.monotonic() - started, 5)
        self.assertEqual((report["sent"], report["not_sent"]), (0, 201))
        self.assertIn(absent.endpoint, self.stderr.getvalue())
        self.assertEqual(self.stderr.getvalue().count("\n"), 1)

    def test_what_was_not_sent_is_a_gap_in_seq_when_the_broker_is_back(self):
        client = self.client(send_timeout_ms=100)
        client.start_test("a")
        self.assertEqual(self.broker.take()["seq"], 1)
        self.broker.close()
        while client.stop_test("a"):
            pass
        back = Broker(self.broker.endpoint)
        self.addCleanup(back.close)
        while not client.add_success("a"):
            pass
        self.assertGreater(back.take()["seq"], 2)

    def test_threads_share_a_client(self):
        client = self.client()

        def work():
            for _ in range(250):
                client.add_success("a")
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        seqs = [self.broker.take()["seq"] for _ in range(2000)]
        for thread in threads:
            thread.join()
        self.assertEqual(seqs, list(range(1, 2001)))
        self.assertEqual(client.close(),
                         {"sent": 2000, "not_sent": 0, "flushed": True, "disconnects": 0})
        self.assertEqual(self.stderr.getvalue(), "")

    def test_a_broker_that_does_not_read_costs_messages_and_a_bounded_time(self):
        deaf = Broker(rcvhwm=1, rcvbuf=4096)
        self.addCleanup(deaf.close)
        client = self.client(deaf.endpoint, send_timeout_ms=300, linger_ms=400, high_water_mark=10)
        text = "x" * 100_000
        started = time.monotonic()
        for _ in range(500):
            client.count("things", text)
        report = client.close()
        self.assertLess(time.monotonic() - started, 10)
        self.assertGreater(report["not_sent"], 0)
        self.assertEqual(report["sent"] + report["not_sent"], 500)
        self.assertFalse(report["flushed"])

    def test_close_tells_of_a_broker_that_went_away(self):
        client = self.client(send_timeout_ms=100)
        client.start_test("a")
        self.broker.take()
        self.broker.close()
        while client.stop_test("a"):
            pass
        self.assertEqual(client.close()["disconnects"], 1)

    def test_close_tells_of_a_broker_that_goes_away_while_it_waits(self):
        stuck = Broker(rcvhwm=1, rcvbuf=4096)
        self.addCleanup(stuck.close)
        client = self.client(stuck.endpoint, linger_ms=30_000)
        for _ in range(100):
            self.assertTrue(client.count("things", "x" * 1_000_000))
        started = time.monotonic()
        closing = threading.Thread(target=client.close)
        closing.start()
        closing.join(0.3)
        self.assertTrue(closing.is_alive())
        stuck.close()
        closing.join()
        self.assertLess(time.monotonic() - started, 30)
        self.assertEqual(client.close(),
                         {"sent": 100, "not_sent": 0, "flushed": False, "disconnects": 1})
        self.assertEqual(self.stderr.getvalue().count("\n"), 1)

    def test_after_close_messages_count_as_not_sent(self):
        client = self.client()
        client.start_test("a")
        self.assertEqual(client.close()["not_sent"], 0)
        client.stop_test("a")
        self.assertEqual(client.close(),
                         {"sent": 1, "not_sent": 1, "flushed": True, "disconnects": 0})


def _plain_object(path):
    """What an example file holds, if that is one object of strict JSON."""
    try:
        value = json.loads(path.read_bytes(), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _refuse(name):
    raise ValueError(name)


def _call_for(example):
    """The call that should send the example; None if the client has no words for it."""
    data_type = example.get("data_type")
    rest = {key: value for key, value in example.items()
            if key not in CARRIED | {"data_type", "loads_status"}}
    if data_type in CALLS:
        name, parameters = CALLS[data_type]
        known = set(parameters.split()) | (HIT_OPTIONS if data_type == "add_hit" else set())
        if not set(rest) <= known or data_type == "add_hit" and not \
                set(parameters.split()) <= set(rest):
            return None
        if "exc_info" in parameters:
            return lambda client: getattr(client, name)(rest["test"], rest.get("exc_info"))
        return lambda client: getattr(client, name)(**rest)
    if set(rest) == {"test"}:
        return lambda client: client.count(data_type, rest["test"])
    return None


def exchanged_bytes(url):
    """What a GET of / takes on the wire, sent and received."""
    host = url.removeprefix("http://")
    request = f"GET / HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: identity\r\n\r\n".encode()
    with socket.create_connection(host.split(":"), timeout=10) as connection:
        connection.sendall(request)
        answer = b""
        while not answer.endswith(b"}"):
            answer += connection.recv(65536)
    return len(request), len(answer)


class ExampleTest(unittest.TestCase):
    def start(self, *command):
        process = subprocess.Popen([sys.executable, *command], cwd=HERE, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def test_reports_every_request_that_it_made(self):
        broker = Broker()
        self.addCleanup(broker.close)
        target = self.start("target.py", "--port", "0")
        url = re.fullmatch(r"listening (http://127\.0\.0\.1:\d+)\n", target.stdout.readline())[1]
        example = self.start("example.py", "--target", url, "--to", broker.endpoint, "--users", "4",
                             "--hits", "400", "--pause", "0", "--run-id", "r1")
        messages = broker.take_until("stopTestRun")
        output, errors = example.communicate(timeout=30)
        self.assertEqual(example.returncode, 0, errors)
        self.assertIn("400 hits", output)

        self.assertEqual([m["seq"] for m in messages], list(range(1, len(messages) + 1)))
        self.assertEqual({m["run_id"] for m in messages}, {"r1"})
        self.assertEqual({tuple(m["loads_status"]) for m in messages}, {(400, 4, 0, 0)})
        of = {}
        for message in messages:
            of.setdefault(message["data_type"], []).append(message)
        hits = of["add_hit"]
        self.assertEqual(len(hits), 400)
        checkouts = [hit for hit in hits if hit["url"] == url + "/checkout"]
        failed = [hit for hit in checkouts if hit["status"] == 503]
        self.assertEqual(len(failed), len(checkouts) // 20)
        self.assertEqual(len(of.get("addFailure", [])), len(failed))
        self.assertEqual(len(of["orders"]), len(checkouts) - len(failed))
        self.assertEqual(len(of["startTest"]), len(of["stopTest"]))
        self.assertEqual(len(of["addSuccess"]) + len(failed), 400)
        items = [hit for hit in hits if "/api/items/" in hit["url"]]
        self.assertTrue(all(0.001 < hit["first_byte"] <= hit["elapsed"] for hit in items))
        self.assertEqual(len([hit for hit in hits if "connect" in hit]), 4)
        self.assertEqual({(hit["bytes_sent"], hit["bytes_received"]) for hit in hits
                          if hit["url"] == url + "/"}, {exchanged_bytes(url)})

        target.send_signal(signal.SIGTERM)
        self.assertEqual(target.wait(timeout=10), 0)

    def test_a_target_that_is_away_is_an_error_in_the_results(self):
        broker = Broker()
        self.addCleanup(broker.close)
        nowhere = Broker()
        nowhere.close()
        example = self.start("example.py", "--target", "http" + nowhere.endpoint[3:], "--to",
                             broker.endpoint, "--users", "1", "--hits", "3", "--pause", "0")
        messages = broker.take_until("stopTestRun")
        example.communicate(timeout=30)
        self.assertEqual(example.returncode, 1)
        hits = [m for m in messages if m["data_type"] == "add_hit"]
        self.assertEqual([hit["status"] for hit in hits], [0, 0, 0])
        self.assertIn("ConnectionRefusedError", hits[0]["error"])
        self.assertEqual(len([m for m in messages if m["data_type"] == "addError"]), 3)


if __name__ == "__main__":
    unittest.main()
