"""Reports a load test to a weir broker: the loads protocol over one ZeroMQ PUSH socket.

    with Client(run_id="nightly-7") as client:
        client.start_test_run(name="nightly")
        client.add_hit("http://host/", "GET", 200, started=time.time(), elapsed=0.012)
        client.stop_test_run()

Use one client per process, from any number of threads; a second one needs its own worker_id. A
method waits at most send_timeout_ms for the broker, and not at all while such a wait has failed
and nothing has gone out since: a broker that is away costs messages, which are counted, and does
not slow the load down. Methods return whether the message was sent; after the constructor nothing
raises. Needs python3-zmq, nothing else.
"""
import json
import os
import re
import socket
import sys
import threading
import time
import traceback
from datetime import datetime, timezone

import zmq

NOT_IN_IDS = re.compile(r"[\x00-\x1f\x7f-\x9f/]")


class Calls:
    """What a load test says, a method for each message; the class below sends it. loads_status is
    [hits, users, current_hit, current_user]: set it at any time to have it sent along; the users
    that a run shows come from it."""

    def __init__(self, run_id, worker_id, loads_status):
        env = os.environ.get
        self.run_id = run_id or env("LOADS_RUN_ID") or None
        self.worker_id = worker_id or env("LOADS_AGENT_ID") or env("LOADS_WORKER_ID") \
            or NOT_IN_IDS.sub("-", f"{socket.gethostname()[:100]}-{os.getpid()}")
        for name in filter(None, (self.run_id, self.worker_id)):
            if NOT_IN_IDS.search(name) or len(name.encode()) > 128:
                raise ValueError(f"not an id (at most 128 bytes, no '/', no control): {name!r}")
        self.loads_status = loads_status

    def start_test_run(self, name=None, project=None, scenario=None, tags=None):
        return self._send("startTestRun", name=name, project=project, scenario=scenario, tags=tags)

    def stop_test_run(self):
        return self._send("stopTestRun")

    def start_test(self, test):
        return self._send("startTest", test=test)

    def stop_test(self, test):
        return self._send("stopTest", test=test)

    def add_success(self, test):
        return self._send("addSuccess", test=test)

    def add_failure(self, test, exc):
        """What the test asserts does not hold. exc: an exception, or [class, message, traceback]."""
        return self._send("addFailure", test=test, exc_info=_exc_info(exc))

    def add_error(self, test, exc):
        """The test could not be carried out."""
        return self._send("addError", test=test, exc_info=_exc_info(exc))

    def add_hit(self, url, method, status, started, elapsed, **optional):
        """One request. status: 0 without a response. started: time.time() or ISO 8601 text;
        elapsed: seconds. Optional: label, success, error, bytes_sent, bytes_received, and in
        seconds dns, connect, tls, first_byte."""
        return self._send("add_hit", url=url, method=method, status=status,
                          started=_iso(started), elapsed=elapsed, **optional)

    def socket_open(self):
        return self._send("socket_open")

    def socket_close(self):
        return self._send("socket_close")

    def socket_message(self, size):
        return self._send("socket_message", size=size)

    def count(self, name, test):
        """Adds 1 to a counter of your own."""
        return self._send(name, test=test)

    def complete(self, message):
        """The message with what every message carries."""
        message = {**message, "worker_id": self.worker_id}
        if self.run_id:
            message["run_id"] = self.run_id
        if message.get("data_type") != "add_hit" or message.get("started") is None:
            message.setdefault("time", _iso(time.time()))
        return message

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _send(self, data_type, **fields):
        fields["loads_status"] = self.loads_status
        given = {key: value for key, value in fields.items() if value is not None}
        return self.send({"data_type": data_type, **given})


class Client(Calls):
    """key_file (or WEIR_CLIENT_KEY) is for brokers that ask for keys, server_key (WEIR_SERVER_KEY)
    if that file does not have the broker's. ValueError: an id, a limit or a key is no good."""

    def __init__(self, to=None, run_id=None, worker_id=None, *, send_timeout_ms=1000,
                 linger_ms=2000, high_water_mark=1000, loads_status=None, key_file=None,
                 server_key=None):
        super().__init__(run_id, worker_id, loads_status)
        self.to = to or os.environ.get("LOADS_ZMQ_RECEIVER") or "tcp://127.0.0.1:7071"
        if min(send_timeout_ms, linger_ms, high_water_mark) <= 0:
            raise ValueError("send_timeout_ms, linger_ms and high_water_mark must be positive")
        self.linger_ms = linger_ms
        self._epoch = time.time_ns() // 1000
        self._seq = self._sent = 0
        self._stalled, self._end = False, None
        self._lock = threading.Lock()
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.PUSH)
        self._socket.immediate = 1
        self._socket.sndtimeo = send_timeout_ms
        self._socket.linger = linger_ms + 10  # else its end, up to 1 ms early, would look in time
        self._socket.sndhwm = high_water_mark
        secure(self._socket, read_keys(key_file, server_key))
        self._events = self._context.socket(zmq.PAIR)
        self._events.rcvhwm = 0  # nobody reads it before close()
        self._connected, self._disconnects = False, 0  # as far as the events were read
        self._socket.monitor("inproc://events", zmq.EVENT_HANDSHAKE_SUCCEEDED
                             | zmq.EVENT_DISCONNECTED | zmq.EVENT_MONITOR_STOPPED)
        self._events.connect("inproc://events")
        self._socket.connect(self.to)

    def send(self, message):
        """Sends a dict as it is, with what every message carries."""
        message = {**self.complete(message), "epoch": self._epoch}
        with self._lock:
            self._seq += 1
            try:
                payload = encode({**message, "seq": self._seq})
                self._socket.send(payload, zmq.NOBLOCK if self._stalled else 0)
                self._sent += 1
                self._stalled = False
                return True
            except zmq.ZMQError:
                self._stalled = True
            except (TypeError, ValueError, RecursionError):
                pass  # not JSON, such as a list in itself: not sent, and counted like the others
            return False

    def close(self):
        """Waits at most linger_ms for what is still queued; says on stderr what was lost. Returns
        {sent, not_sent, flushed, disconnects}: sent were handed to ZeroMQ, which is no proof of
        arrival; with flushed False the last of them did not leave, in time or before the connection
        broke; each of the disconnects may have cost those that were on their way."""
        with self._lock:
            if self._end is None:
                self._end = self._close_socket()
                report = self._report()
                if report["not_sent"] or report["disconnects"] or not report["flushed"]:
                    print(f"weir_client: messages to {self.to} were lost or may be: {report}",
                          file=sys.stderr)
            return self._report()

    def _close_socket(self):
        self._read_events(0)
        before = self._disconnects
        self._socket.close()
        # It ends when all has left, but also when the connection breaks: the queue goes with it.
        ended = self._read_events(self.linger_ms)
        self._events.close(0)
        self._context.term()
        return {"flushed": ended and self._disconnects == before, "disconnects": self._disconnects}

    def _read_events(self, wait_ms):
        """Until the socket has ended, then True, or for wait_ms."""
        ends = time.monotonic() + wait_ms / 1000
        while self._events.poll(max(0, (ends - time.monotonic()) * 1000)):
            event = int.from_bytes(self._events.recv_multipart()[0][:2], sys.byteorder)
            if event == zmq.EVENT_MONITOR_STOPPED:
                return True
            self._disconnects += event == zmq.EVENT_DISCONNECTED and self._connected
            self._connected = event == zmq.EVENT_HANDSHAKE_SUCCEEDED
        return False

    def _report(self):
        return {"sent": self._sent, "not_sent": self._seq - self._sent, **self._end}


def read_keys(key_file=None, server_key=None):
    """The keys that these, or the environment, name; {} if they name none."""
    key_file = key_file or os.environ.get("WEIR_CLIENT_KEY")
    server_key = server_key or os.environ.get("WEIR_SERVER_KEY")
    keys = _key_file(key_file) if key_file else {}
    if server_key:
        keys["server"] = server_key if len(server_key) == 40 else _key_file(server_key)["public"]
    if keys and not keys.keys() >= {"public", "secret", "server"}:
        raise ValueError("a client's public and secret key and the broker's public key are needed")
    return keys


def secure(connecting, keys):
    """Sets keys, if there are any, on a socket that is not connected yet."""
    if keys:
        connecting.curve_publickey, connecting.curve_secretkey, connecting.curve_serverkey = (
            keys[name].encode() for name in ("public", "secret", "server"))


def _key_file(path):
    with open(path, encoding="utf-8") as file:
        keys = re.findall(r'^(public|secret|server) *= *"(\S{40})" *$', file.read(), re.M)
    if "public" not in dict(keys):
        raise ValueError(f"{path} is not a key file")
    return dict(keys)


def _iso(moment):
    try:
        return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    except (TypeError, ValueError, OverflowError, OSError):
        return moment  # text already; anything else the broker rejects and shows


def _exc_info(exc):
    if isinstance(exc, BaseException):
        return [type(exc).__name__, str(exc), "".join(traceback.format_tb(exc.__traceback__))]
    return exc


def encode(message):
    try:
        text = json.dumps(message, ensure_ascii=False, allow_nan=False, default=str)
    except ValueError:  # NaN and infinities, which JSON has not, become null
        message = json.loads(json.dumps(message, default=str), parse_constant=lambda name: None)
        text = json.dumps(message, ensure_ascii=False)
    return text.encode("utf-8", "replace")  # half a surrogate pair is no UTF-8
