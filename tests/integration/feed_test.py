"""The live feed: the latest state for a late subscriber, one seq per topic, no harm from a slow one."""
import json
import unittest

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

    def test_a_subscriber_that_never_reads_costs_nobody_else_anything(self):
        stuck = self.broker.subscribe(RCVHWM=1, RCVBUF=4096)
        self.addCleanup(stuck.close)
        labels = 300  # large summaries, so that the pipe to the stuck one is soon full
        with self.broker.push() as push, self.broker.subscribe("summary/r/") as feed:
            for number in range(labels):
                push.send_string(hit(label=f"label {number} " + "x" * 200))
            numbers = []
            while len(numbers) < 30:
                numbers.append(json.loads(feed.recv_multipart()[1])["seq"])
            self.assertEqual(numbers[-1] - numbers[0], len(set(numbers)) - 1)
            push.send_string(hit())
        self.broker.watch("summary/r/", lambda summary: summary["hits"]["count"] == labels + 1,
                          "a hit while one subscriber is stuck")

    def test_status_counts_subscribers(self):
        with self.broker.subscribe("no/such/topic"):
            self.broker.status(lambda status: status["subscribers"] == 2)
        eventually(lambda: self.broker.status()["subscribers"] == 1, "the subscriber left")


if __name__ == "__main__":
    unittest.main()
