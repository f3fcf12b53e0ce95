"""Clients of every loads generation push at once, as recorded; every total is compared."""
import collections
import json
import unittest

from broker_process import SOURCE, BrokerProcess

RUN_03 = "6f1c2d1e-0000-4000-8000-000000000001"
RUN_JS = "6f1c2d1e-0000-4000-8000-000000000003"


def recorded():
    with open(SOURCE / "tests/contract/loads-samples.jsonl", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def inner(raw):
    """The messages of a frame, a batch taken apart."""
    message = json.loads(raw)
    if message["data_type"] != "batch":
        return [message]
    return [dict(body, data_type=kind, run_id=message["run_id"])
            for kind, bodies in message["counts"].items() for body in bodies]


class LoadsGenerationsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.samples = recorded()
        cls.broker = BrokerProcess("--relay", "tcp://127.0.0.1:*")
        cls.relayed = cls.broker.subscribe(name="relay")
        cls.broker.status(lambda status: status["seq"] >= 1)
        pushers = collections.defaultdict(cls.broker.push)  # one connection per client
        for sample in cls.samples:
            pushers[sample["client"]].send_string(sample["raw"])
        total = len(cls.samples)
        cls.status = cls.broker.status(lambda status: status["received"]["frames"] >= total)
        cls.truth = collections.defaultdict(collections.Counter)
        for sample in cls.samples:
            for message in inner(sample["raw"]):
                cls.truth[message.get("run_id", "")][message["data_type"]] += 1
        cls.exit_code, _ = cls.broker.stop()

    @classmethod
    def tearDownClass(cls):
        cls.broker.__exit__()

    def test_nothing_is_rejected(self):
        self.assertEqual(self.status["rejected"]["total"], 0)
        self.assertEqual(self.status["decoded"],
                         sum(sum(kinds.values()) for kinds in self.truth.values()))
        self.assertEqual(self.exit_code, 0)

    def stored(self, run_id):
        number, = self.broker.query(
            "select id from runs where run_id = ? or (? = '' and run_id like 'run-%')",
            run_id, run_id)[0]
        tests = self.broker.query("select sum(started), sum(finished), sum(success), "
                                  "sum(failure), sum(error) from tests where run = ?", number)[0]
        hits, = self.broker.query("select count from runs where id = ?", number)[0]
        counters = dict(self.broker.query("select name, count from counters where run = ?", number))
        sockets = self.broker.query(
            "select opened, messages, closed from sockets where run = ?", number)
        return tests, hits, counters, sockets

    def test_every_total_of_every_run_is_what_was_sent(self):
        for run_id in (RUN_03, RUN_JS, ""):
            with self.subTest(run=run_id):
                truth = self.truth[run_id]
                tests, hits, counters, sockets = self.stored(run_id)
                self.assertEqual(tests, tuple(
                    truth[kind] for kind in ("startTest", "stopTest", "addSuccess", "addFailure",
                                             "addError")))
                self.assertEqual(hits, truth["add_hit"])
                self.assertEqual(counters.get("widgets-bought", 0), truth["widgets-bought"])
                if truth["socket_open"]:
                    self.assertEqual(sockets, [(truth["socket_open"], truth["socket_message"],
                                                truth["socket_close"])])

    def test_exceptions_are_grouped_by_class(self):
        errors = self.broker.query("select kind, class, message, sum(count) from errors "
                                   "group by 1, 2, 3 order by 1, 2")
        self.assertEqual(errors, [("error", "ValueError", "caf\u00e9 broke", 1),
                                  ("failure", "AssertionError", "500 != 200", 3)])

    def test_the_relay_repeats_the_frames_untouched(self):
        sent = collections.Counter(sample["raw"] for sample in self.samples)
        got = collections.Counter()
        while sum(got.values()) < len(self.samples):
            frame = self.relayed.recv_string()
            got[frame] += 1
        self.assertEqual(got, sent)


if __name__ == "__main__":
    unittest.main()
