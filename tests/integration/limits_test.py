"""Every limit of docs/operations.md is reached through real sockets: what is over it is counted, and
nothing else suffers."""
import json
import os
import signal
import unittest

import zmq

from broker_process import BrokerProcess, eventually

MIB = 1 << 20


def message(data_type, run_id="r", worker_id="w", **fields):
    return json.dumps({"data_type": data_type, "worker_id": worker_id, "run_id": run_id, **fields})


def hit(url="http://h/", **fields):
    return message("add_hit", url=url, method="GET", status=200, elapsed=0.01, **fields)


class LimitsTest(unittest.TestCase):
    def broker(self, *settings, tick_ms=100):
        words = [word for setting in settings for word in ("--set", setting)]
        broker = BrokerProcess("--tick-ms", tick_ms, "--log-level", "warn", *words)
        self.addCleanup(broker.__exit__)
        return broker

    def send(self, broker, messages):
        with broker.push() as push:
            for text in messages:
                push.send_string(text)

    def test_connections_over_the_limit_wait_until_one_ends(self):
        broker = self.broker("limits.connections=3", "ingest.handshake_ivl_s=0.3")
        feed = broker.subscribe("broker/")  # the first of the three
        self.addCleanup(feed.close)

        def status(accept, what):
            def look():
                last = json.loads(feed.recv_multipart()[1])
                return accept(last["connections"]) and last
            return eventually(look, what)

        status(lambda seen: True, "the feed")
        inside = [broker.push() for _ in range(2)]
        for push in inside:
            push.send_string(hit())
        status(lambda seen: seen["open_all"] == 3, "three connections")
        outside = broker.push()
        for push in (*inside, outside):
            self.addCleanup(push.close)
        outside.send_string(hit(run_id="late"))  # queued here: it is not connected
        last = status(lambda seen: seen["refused_limit"] >= 2, "refused, tried again, refused")
        self.assertEqual((last["decoded"], last["runs"]["known"]), (2, 1))
        inside.pop().close()
        eventually(lambda: json.loads(feed.recv_multipart()[1])["decoded"] == 3,
                   "the one that waited got in")

    def test_workers_over_the_limit_of_a_run_are_rejected(self):
        broker = self.broker("limits.workers_per_run=2")
        self.send(broker, [hit(worker_id=f"w{i % 5}") for i in range(10)])
        status = broker.status(lambda status: status["rejected"]["total"] == 6)
        self.assertEqual((status["rejected"]["limit_workers"], status["decoded"]), (6, 4))

    def test_workers_over_the_limit_of_all_runs_are_rejected(self):
        broker = self.broker("limits.workers=3")
        self.send(broker, [hit(worker_id=f"w{i}", run_id=f"r{i % 2}") for i in range(8)])
        status = broker.status(lambda status: status["rejected"]["total"] == 5)
        self.assertEqual(status["rejected"]["limit_workers"], 5)

    def test_runs_over_the_limit_are_rejected(self):
        broker = self.broker("limits.runs=2")
        self.send(broker, [hit(run_id=f"r{i}") for i in range(6)])
        status = broker.status(lambda status: status["rejected"]["total"] == 4)
        self.assertEqual((status["rejected"]["limit_runs"], status["runs"]["known"]), (4, 2))

    def test_names_over_the_limits_are_counted_as_other(self):
        broker = self.broker("limits.labels_per_run=2", "limits.tests_per_run=2",
                             "limits.counters_per_run=2", "limits.errors_per_run=2")
        names = [f"n{'abcde'[i % 5]}" for i in range(15)]  # each three times
        self.send(broker, [*(hit(f"http://h/{name}") for name in names),
                           *(message("startTest", test=name) for name in names),
                           *(message(f"count-{name}", test="t") for name in names),
                           *(message("addError", test="t", exc_info=[name, "m", ""])
                             for name in names)])
        status = broker.status(lambda status: status["decoded"] == 60)
        self.assertEqual(status["beyond_limits"],
                         {"hits": 9, "tests": 9, "counters": 9, "errors": 9})
        run = broker.watch("summary/r/", lambda summary: summary["hits"]["count"] == 15, "all hits")
        self.assertEqual({label["label"]: label["count"] for label in run["labels"]},
                         {"GET http://h/na": 3, "GET http://h/nb": 3, "GET (other)": 9})
        self.assertEqual(run["tests"]["started"], 15)
        self.assertEqual(run["counters"]["(other)"], 9)
        self.assertEqual(sum(error["count"] for error in run["errors"]), 15)

    def test_rejected_messages_over_the_limit_are_counted_without_a_sample(self):
        broker = self.broker("limits.reject_samples_per_reason=3")
        self.send(broker, ["no json"] * 50)
        broker.status(lambda status: status["rejected"]["not_json"] == 50)
        eventually(lambda: broker.query("SELECT sum(count) FROM rejects") == [(50,)], "50 rejects")
        self.assertEqual(broker.query("SELECT count(*) FROM reject_samples"), [(3,)])

    def test_raw_hits_over_the_limit_are_counted_and_not_kept(self):
        broker = self.broker("store.hits_max_per_run=10")
        self.send(broker, [hit() for _ in range(100)])
        broker.status(lambda status: status["store"]["hits_not_kept"] == 90)
        eventually(lambda: broker.query("SELECT count(*) FROM hits") == [(10,)], "10 raw hits")

    def test_a_broker_that_stands_still_holds_its_runners_back(self):
        broker = self.broker("ingest.rcvhwm=10")
        push = broker.context.socket(zmq.PUSH)
        self.addCleanup(push.close, 5000)
        push.sndhwm, push.sndbuf, push.immediate = 10, 65536, 1
        push.connect(broker.endpoints["ingest"])
        push.send_string(hit())
        broker.status(lambda status: status["decoded"] == 1)
        os.kill(broker.process.pid, signal.SIGSTOP)
        frame = "\n".join([hit()] * 500)  # about 60 KB
        held = 0
        while held < 1000 and push.poll(500, zmq.POLLOUT):
            push.send_string(frame)
            held += 1
        os.kill(broker.process.pid, signal.SIGCONT)
        self.assertLess(held * len(frame), 16 * MIB)
        broker.status(lambda status: status["decoded"] == 1 + 500 * held, "all that was held back")

    def test_a_million_different_urls_cost_names_and_not_totals_or_memory(self):
        broker = self.broker(tick_ms=1000)
        sanitized = "/asan/" in os.environ["WEIR"] or "/tsan/" in os.environ["WEIR"]
        rounds, step = (100 if sanitized else 1000), 1000
        total = rounds * step
        words = [f"{i:x}".translate(str.maketrans("0123456789", "ghijklmnop"))
                 for i in range(step)]  # letters only, so that no part looks like an id
        with broker.push() as push:
            for first in words[:rounds]:
                push.send_string("\n".join(
                    hit(f"http://h/{first}/{second}?token={second}") for second in words))
        status = broker.watch("broker/", lambda status: status["decoded"] == total,
                              "a million hits", patience_s=200)
        limit = 10_000
        self.assertEqual(status["beyond_limits"]["hits"], total - limit)
        run = broker.watch("summary/r/", lambda summary: summary["hits"]["count"] == total, "all")
        self.assertEqual((run["status"], run["hits"]["failed"]), ({"200": total}, 0))
        self.assertEqual(run["labels_total"], limit + 1)
        with open(f"/proc/{broker.process.pid}/status", encoding="ascii") as lines:
            peak_kib = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
        if not sanitized:  # their bookkeeping takes memory of its own
            self.assertLess(peak_kib, 300 * 1024)


if __name__ == "__main__":
    unittest.main()
