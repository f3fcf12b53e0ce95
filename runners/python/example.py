#!/usr/bin/env python3
"""A small load test of a shop: each user browses, opens an item, logs in and checks out, again and
again, over a connection of its own, and every step is reported to a weir broker.

    weir serve &                  # the broker
    runners/python/target.py &    # something to load, on http://127.0.0.1:8080
    runners/python/example.py --users 5 --duration 10
"""
import argparse
import http.client
import itertools
import json
import sys
import threading
import time
from urllib.parse import urlsplit

from weir_client import Client


class Connection(http.client.HTTPConnection):
    """Counts the bytes that it sends."""

    bytes_sent = 0

    def send(self, data):
        super().send(data)
        self.bytes_sent += len(data)


class User(threading.Thread):
    """One user: a thread, a connection, and the scenario until the test ends."""

    def __init__(self, test, number):
        super().__init__(name=f"user-{number}", daemon=True)
        self.test, self.number = test, number
        self.connection = Connection(test.host, timeout=10)

    def run(self):
        steps = (self.browse, self.item, self.login, self.checkout)
        for round_number in itertools.count():
            for step in steps:
                if not self.test.may_go_on():
                    return self.connection.close()
                self.carry_out(step, round_number)
            time.sleep(self.test.pause)

    def carry_out(self, step, round_number):
        client, name = self.test.client, step.__name__
        client.start_test(name)
        try:
            step(round_number)
            client.add_success(name)
        except AssertionError as failure:  # an answer, but not the one that the test asks for
            client.add_failure(name, failure)
        except (OSError, http.client.HTTPException) as error:  # no answer
            client.add_error(name, error)
        client.stop_test(name)

    def browse(self, _):
        self.expect(200, "GET", "/")

    def item(self, round_number):
        self.expect(200, "GET", f"/api/items/{self.number * 100 + round_number % 100}")

    def login(self, _):
        self.expect(200, "POST", "/login", {"user": self.name})

    def checkout(self, round_number):
        self.expect(200, "POST", "/checkout", {"item": round_number})
        self.test.client.count("orders", test="checkout")

    def expect(self, wanted, method, path, body=None):
        status = self.request(method, path, body)
        if status != wanted:
            raise AssertionError(f"{method} {path}: {status}, not {wanted}")

    def request(self, method, path, body):
        """One request, reported whatever becomes of it. Returns its status."""
        payload = None if body is None else json.dumps(body).encode()
        hit = {"status": 0}
        self.connection.bytes_sent = 0
        started, clock = time.time(), time.perf_counter()
        try:
            if self.connection.sock is None:
                self.connection.connect()
                hit["connect"] = time.perf_counter() - clock
            sending = time.perf_counter()
            self.connection.request(method, path, payload)
            response = self.connection.getresponse()
            hit["first_byte"] = time.perf_counter() - sending
            hit["bytes_received"] = len(response.read()) + head_bytes(response)
            hit["status"] = response.status
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()  # the next request opens a new one
            hit["error"] = f"{type(error).__name__}: {error}"
            raise
        finally:
            hit["bytes_sent"] = self.connection.bytes_sent
            self.test.report(self.test.target + path, method, started,
                             time.perf_counter() - clock, hit)
        return response.status


def head_bytes(response):
    """What status line and headers took."""
    lines = [f"HTTP/1.1 {response.status} {response.reason}",
             *(f"{name}: {value}" for name, value in response.getheaders()), ""]
    return sum(len(line.encode("latin-1")) + 2 for line in lines)


class LoadTest:
    """What the users share: the clock, the numbers for the progress line, and the client."""

    def __init__(self, client, options):
        self.client, self.pause, self.hits = client, options.pause, options.hits
        self.target = options.target.rstrip("/")
        self.host = urlsplit(self.target).netloc
        self.ends = None if options.hits else time.monotonic() + options.duration
        self.begun = self.done = self.failed = self.unanswered = 0
        self.lock = threading.Lock()

    def may_go_on(self):
        if self.ends is not None:
            return time.monotonic() < self.ends
        with self.lock:
            self.begun += 1
            return self.begun <= self.hits

    def report(self, url, method, started, elapsed, hit):
        self.client.add_hit(url, method, started=started, elapsed=elapsed, **hit)
        with self.lock:
            self.done += 1
            self.failed += not 200 <= hit["status"] < 400
            self.unanswered += hit["status"] == 0

    def stop(self):
        self.ends = 0


def run(options):
    client = Client(options.to, options.run_id, loads_status=[options.hits, options.users, 0, 0])
    with client:
        client.start_test_run(name=options.name, project="weir examples", scenario="shop",
                              tags={"runner": "python", "target": options.target})
        test = LoadTest(client, options)
        users = [User(test, number) for number in range(options.users)]
        for user in users:
            user.start()
        try:
            while any(user.is_alive() for user in users):
                time.sleep(0.2)
                print(f"\r{test.done} hits, {test.failed} failed ", end="", file=sys.stderr)
        except KeyboardInterrupt:
            test.stop()
        for user in users:
            user.join()
        client.stop_test_run()
    print(file=sys.stderr)
    sent = client.close()
    print(f"{test.done} hits, {test.failed} failed; {sent['sent']} messages sent to {client.to}, "
          f"{sent['not_sent']} not sent")
    lost = sent["not_sent"] or sent["disconnects"] or not sent["flushed"]  # or may be
    return 1 if lost or test.unanswered else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", default="http://127.0.0.1:8080", help="%(default)s")
    parser.add_argument("--users", type=int, default=5, help="at a time (%(default)s)")
    parser.add_argument("--duration", type=float, default=10, help="seconds (%(default)s)")
    parser.add_argument("--hits", type=int, default=0, help="stop after as many, not by time")
    parser.add_argument("--pause", type=float, default=0.02,
                        help="seconds between two rounds of a user (%(default)s)")
    parser.add_argument("--to", help="the broker (LOADS_ZMQ_RECEIVER, tcp://127.0.0.1:7071)")
    parser.add_argument("--run-id", help="the run (LOADS_RUN_ID, else the broker names it)")
    parser.add_argument("--name", default="shop", help="the run's name (%(default)s)")
    options = parser.parse_args()
    if options.users < 1 or not options.target.startswith("http://"):
        parser.error("give at least one user and an http:// target")
    return run(options)


if __name__ == "__main__":
    sys.exit(main())
