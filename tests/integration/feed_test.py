"""The live feed: the latest state for a late subscriber, one seq per topic, no harm from a slow one."""
import json
import unittest

import zmq

from broker_process import BrokerProcess, eventually


def hit(**fields):
    return json.dumps({"data_type": "add_hit", "worker_id": "w", "run_id": "r", "url": "http://h/",
                       "method": "GET", "status": 200, "elapsed": 0.01, **fields})


class FeedTest(unittest.TestCase):
    def setUp(self):
        self.broker = BrokerProcess("--tick-ms", "100", "--set", "run.end_grace_s=0.2")
        self.addCleanup(self.broker.__exit__)

    def test_a_late_subscriber_gets_the_final_summary_of_a_run_that_is_over(self):
        with self.broker.push() as push:
            push.send_string(json.dumps({"data_type": "startTestRun", "worker_id": "w",
                                         "run_id": "r"}))
            push.send_string(hit())
            push.send_string(json.dumps({"data_type": "stopTestRun", "worker_id": "w",
                                         "run_id": "r"}))
        final = self.broker.watch("summary/r/", lambda summary: summary["final"], "final")
        self.assertEqual(final["state"], "finished")
        with self.broker.subscribe("summary/r/") as late:
            topic, text = late.recv_multipart()
        self.assertEqual(topic, b"summary/r/")
        self.assertEqual(json.loads(text), final)

    def test_seq_rises_by_one_per_topic_and_a_repeat_carries_its_seq(self):
        with self.broker.push() as push, self.broker.subscribe() as feed:
            push.send_string(hit())
            seen = {}
            while len(seen.get("summary/r/", [])) < 5:
                topic, text = feed.recv_multipart()
                seen.setdefault(topic.decode(), []).append(json.loads(text)["seq"])
        for topic, numbers in seen.items():
            steps = {after - before for before, after in zip(numbers, numbers[1:])}
            self.assertLessEqual(steps, {0, 1}, topic)

    def test_a_run_announces_its_start_its_workers_and_its_end(self):
        with self.broker.subscribe("run/r/") as feed, self.broker.push() as push:
            for kind in ("startTestRun", "stopTestRun"):
                push.send_string(json.dumps({"data_type": kind, "worker_id": "w", "run_id": "r"}))
            events = []
            while not events or events[-1]["event"] != "finished":
                events.append(json.loads(feed.recv_multipart()[1]))
        self.assertEqual([event["event"] for event in events][-3:],
                         ["started", "worker_joined", "finished"])
        self.assertEqual(events[-2]["worker_id"], "w")
        self.assertEqual(events[-1]["state"], "finished")

    def test_last_s_holds_what_arrived_since_the_tick_before(self):
        with self.broker.subscribe("summary/r/") as feed, self.broker.push() as push:
            for _ in range(500):
                push.send_string(hit())
            total, last_seq = 0, 0
            while total < 500:
                summary = json.loads(feed.recv_multipart()[1])
                if summary["seq"] == last_seq:
                    continue
                last_seq = summary["seq"]
                total += summary["last_s"]["hits"]
                self.assertEqual(summary["hits"]["count"], total)

    def test_a_subscriber_that_never_reads_misses_messages_and_nobody_else_does(self):
        labels = 1_000  # summaries of a megabyte, so that the way to the stuck one is soon full
        broker = BrokerProcess("--tick-ms", "100", "--set", "feed.sndhwm=2",
                               "--set", f"feed.labels_max={labels}")
        self.addCleanup(broker.__exit__)
        stuck = broker.subscribe("summary/r/", RCVHWM=1, RCVBUF=4096)
        self.addCleanup(stuck.close)
        with broker.push() as push, broker.subscribe("summary/r/") as feed:
            push.send_string("\n".join(hit(label=f"{number} " + "x" * 900)
                                       for number in range(labels)))
            numbers = []
            while len(numbers) < 40:
                numbers.append(json.loads(feed.recv_multipart()[1])["seq"])
            push.send_string(hit())
        broker.watch("summary/r/", lambda summary: summary["hits"]["count"] == labels + 1,
                     "a hit while one subscriber is stuck")
        seen = [json.loads(stuck.recv_multipart()[1])["seq"]]
        while seen[-1] <= numbers[-1]:
            seen.append(json.loads(stuck.recv_multipart()[1])["seq"])
        self.assertLess(len(set(seen)), seen[-1] - seen[0] + 1)  # it missed some

    def test_subscribing_over_and_over_repeats_little_to_others(self):
        broker = BrokerProcess()
        self.addCleanup(broker.__exit__)
        with broker.push() as push:
            push.send_string(hit())
        first = broker.watch("summary/r/", lambda summary: True, "the run")
        with broker.subscribe("summary/r/") as feed, broker.subscribe("no/such/topic") as other:
            last, repeats = first["seq"], 0
            while last < first["seq"] + 3:
                for _ in range(100):
                    other.setsockopt(zmq.SUBSCRIBE, b"summary/")
                    other.setsockopt(zmq.UNSUBSCRIBE, b"summary/")
                seq = json.loads(feed.recv_multipart()[1])["seq"]
                repeats += seq == last
                last = seq
        self.assertLess(repeats, 60)  # at most every 100 ms

    def test_a_crowd_of_workers_is_stored_whole_and_announced_in_part(self):
        workers = 300
        with self.broker.subscribe("run/r/") as feed, self.broker.push() as push:
            push.send_string("\n".join(hit(worker_id=f"w{number}") for number in range(workers)))
            push.send_string(json.dumps({"data_type": "startTestRun", "worker_id": "w",
                                         "run_id": "r"}))
            push.send_string(json.dumps({"data_type": "stopTestRun", "worker_id": "w",
                                         "run_id": "r"}))
            kinds = []
            while "finished" not in kinds:
                kinds.append(json.loads(feed.recv_multipart()[1])["event"])
        self.assertLess(kinds.count("worker_joined"), workers)
        self.assertGreaterEqual(kinds.count("worker_joined"), 100)
        eventually(lambda: self.broker.query("select count(*) from events "
                                             "where kind = 'worker_joined'") == [(workers + 1,)],
                   "all in the store")

    def test_status_counts_subscribers(self):
        with self.broker.subscribe("no/such/topic"):
            self.broker.status(lambda status: status["subscribers"] == 2)
        eventually(lambda: self.broker.status()["subscribers"] == 1, "the subscriber left")


if __name__ == "__main__":
    unittest.main()
