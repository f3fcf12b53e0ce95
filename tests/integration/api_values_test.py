"""What the HTTP API answers is true: of two runs whose every message is known."""
import datetime
import json
import math
import unittest

import jsonschema

from api_contract import Contract, SOURCE, TIME
from api_run import (PERCENTILES, TRACEBACK, WORKERS, Run, complaints, durations_of, failed,
                     wrong_percentiles)
from broker_process import eventually
from contract_requests import HIT, end, fill, start
from http_client import Http, target_of

RANKS = "0.1,25,50,99.99,100"


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class ValuesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        broker = start()
        cls.addClassCleanup(end, broker)
        cls.http, cls.contract = Http(broker), Contract()
        cls.run_a, cls.run_b = Run("nightly-7"), Run("nightly-8", slower=1.5, seed=2)
        cls.answer = fill(cls.http, cls.run_a)
        fill(cls.http, cls.run_b)
        cls.http.post_messages([{**HIT, "run_id": "small"}])
        eventually(lambda: cls.http.get("/api/runs")["total"] == 3, "all runs")

    def get(self, path, **parameters):
        """Of nightly-7, looking as described."""
        path = path if path.startswith("/api") else f"/api/runs/nightly-7{path}"
        target = target_of(path, **parameters)
        answer = self.http.request("GET", target)
        self.contract.check("GET", target, answer)
        self.assertEqual(answer.status, 200, answer.body[:500])
        return answer.json()

    def assert_durations(self, durations, values_us):
        self.assertEqual(complaints(durations, values_us), [])

    def test_messages_are_counted_in_the_answer(self):
        told = self.answer.json()
        self.assertEqual((told["accepted"], told["rejected"], told["duplicate"]),
                         (sum(self.run_a.sent.values()) - len(WORKERS), 3, 1))
        self.assertEqual(told["reasons"], {"missing_field": 3})
        self.assertEqual([each["message"] for each in told["errors"]],
                         [len(self.run_a.messages) + number for number in range(3)])

    def test_the_totals_of_a_run(self):
        run = self.get("", p=RANKS)
        hits = self.run_a.hits
        self.assertEqual((run["name"], run["project"], run["scenario"], run["tags"]),
                         ("nightly", "shop", "checkout", self.run_a.tags))
        self.assertEqual((run["hits"]["count"], run["hits"]["failed"]), (300, failed(hits)))
        self.assertEqual(run["hits"]["success_rate"], 1 - failed(hits) / 300)
        self.assertEqual(run["hits"]["bytes_sent"], 300 * 100)
        self.assertEqual(run["hits"]["bytes_received"], sum(range(1000, 1300)))
        self.assert_durations(run["response_ms"], durations_of(hits))
        self.assertEqual(list(run["percentiles_ms"]), RANKS.split(","))
        self.assertEqual(wrong_percentiles(run["percentiles_ms"], durations_of(hits)), [])
        self.assertEqual(run["status"], {"0": 3, "200": 291, "404": 3, "500": 3})
        self.assertEqual(run["method"], {"GET": 180, "POST": 120})
        self.assertEqual(run["counters"], {"widgets-bought": 5})
        self.assertEqual(run["sockets"], {"opened": 4, "closed": 3, "open": 1, "messages": 7,
                                          "bytes_received": 63})
        self.assertEqual((run["missing"], run["duplicate"], run["late"]), (2, 1, 0))
        self.assertEqual((run["workers"], run["users_max"]), (3, 30))
        self.assertLessEqual(seconds(run["started"]), seconds(run["ended"]))
        self.assertAlmostEqual(run["elapsed_s"], seconds(run["ended"]) - seconds(run["started"]), 5)

    def test_the_run_by_its_number_and_as_the_last(self):
        run = self.get("")
        self.assertEqual(self.get(f"/api/runs/{run['number']}"), run)
        self.assertEqual(self.get("/api/runs/last")["run_id"], "small")

    def test_labels_add_up_and_each_is_true(self):
        page = self.get("/labels", p=RANKS)
        self.assertEqual(page["total"], len(self.run_a.labels))
        self.assertEqual(sum(label["count"] for label in page["labels"]), 300)
        self.assertEqual({label["name"] for label in page["labels"]}, {"", "checkout"})
        for label in page["labels"]:
            hits = self.run_a.labels[label["label"]]
            with self.subTest(label["label"]):
                self.assertEqual((label["count"], label["failed"]), (len(hits), failed(hits)))
                self.assert_durations(label["response_ms"], durations_of(hits))
                self.assertEqual(wrong_percentiles(label["percentiles_ms"], durations_of(hits)), [])
                self.assertEqual(sum(label["status"].values()), len(hits))

    def test_pages_of_every_list_put_together_are_the_list(self):
        for name in ("labels", "errors", "tests", "workers", "events"):
            whole = self.get("/" + name)
            for limit in (1, 2, 1000):
                with self.subTest(name, limit=limit):
                    pages = [self.get("/" + name, limit=limit, offset=offset)
                             for offset in range(0, whole["total"] + 1, limit)]
                    self.assertEqual({page["total"] for page in pages}, {whole["total"]})
                    self.assertEqual([row for page in pages for row in page[name]], whole[name])

    def test_every_list_is_sorted_by_every_key_both_ways(self):
        for name in ("labels", "errors", "tests", "workers"):
            operation = "GET", f"/api/runs/{{run}}/{name}"
            keys = next(parameter["schema"]["enum"]
                        for parameter in self.contract.parameters(*operation)
                        if parameter["name"] == "sort")
            for key in keys:
                with self.subTest(name, key=key):
                    up = self.values(name, key, order="asc")
                    down = self.values(name, key, order="desc")
                    self.assertEqual(up, sorted(up))
                    self.assertEqual(down, up[::-1])
                    is_text = key in ("label", "test", "worker_id", "class", "first")
                    self.assertEqual(self.values(name, key), up if is_text else down)

    def values(self, name, key, **parameters):
        rows = self.get("/" + name, sort=key, **parameters)[name]
        figures = {"labels": "response_ms", "tests": "duration_ms"}.get(name)
        if key == "failed_share":
            return [row["failed"] / row["count"] for row in rows]
        return [row[key] if key in row else row[figures][key] for row in rows]

    def test_lists_are_searched_whatever_the_case(self):
        for name, q, expected in (("labels", "SHOP.example/s", 1), ("labels", "{id}", 1),
                                  ("labels", "%", 0), ("labels", "_", 0), ("errors", "SHOP.py", 2),
                                  ("errors", "refused", 1), ("tests", "buy", 1),
                                  ("workers", "W1", 1), ("workers", "' OR 1=1", 0)):
            with self.subTest(name, q=q):
                self.assertEqual(self.get("/" + name, q=q)["total"], expected)

    def test_errors_keep_their_tracebacks_as_they_came(self):
        found = {error["message"]: error for error in self.get("/errors")["errors"]}
        self.assertEqual(set(found), {"500 != 200", "broke", "connection refused"})
        failure = found["500 != 200"]
        self.assertEqual((failure["kind"], failure["class"], failure["count"], failure["traceback"]),
                         ("failure", "AssertionError", 3, TRACEBACK))
        self.assertEqual(failure["first"], self.run_a.at(3))
        self.assertEqual(failure["last"], self.run_a.at(23))
        hit = found["connection refused"]
        self.assertEqual((hit["kind"], hit["count"]), ("hit", 3))
        self.assertEqual(self.get("/errors", kind="hit", label=hit["label"])["errors"], [hit])
        self.assertEqual(self.get("/errors", kind="error", label=hit["label"])["total"], 0)

    def test_a_label_that_the_run_does_not_have_is_404(self):
        for path in ("/errors", "/timeline", "/histogram"):
            target = f"/api/runs/nightly-7{path}?label=no-such"
            answer = self.http.request("GET", target)
            self.contract.check("GET", target, answer)
            self.assertEqual(answer.status, 404, path)

    def test_tests_and_their_durations(self):
        rows = {row["test"]: row for row in self.get("/tests")["tests"]}
        for name, row in rows.items():
            values = [us for test, us in self.run_a.durations if test == name]
            self.assertEqual((row["started"], row["finished"]), (len(values), len(values)))
            self.assertEqual(row["success"] + row["failure"] + row["error"], len(values))
            self.assert_durations(row["duration_ms"], values)
        self.assertEqual(sum(row["failure"] for row in rows.values()), 3)
        self.assertEqual(sum(row["error"] for row in rows.values()), 2)

    def test_workers_and_what_of_them_is_missing(self):
        rows = {row["worker_id"]: row for row in self.get("/workers")["workers"]}
        for worker, row in rows.items():
            self.assertEqual((row["messages"], row["missing"], row["duplicate"]),
                             (self.run_a.sent[worker], 2 * (worker == "w1"), worker == "w2"))

    def test_events_by_time_and_by_kind(self):
        events = self.get("/events")["events"]
        self.assertEqual([event["time"] for event in events],
                         sorted(event["time"] for event in events))
        self.assertEqual(events[-1]["event"], "finished")
        self.assertEqual(self.get("/events", kind="worker_joined")["total"], 3)
        self.assertEqual(self.get("/events", kind="worker_joined,finished")["total"], 4)
        self.assertEqual(self.get("/events", order="desc", limit=1)["events"][0]["event"],
                         "finished")

    def test_the_timeline_by_any_step(self):
        for step in (1, 2, 10, 30, 60):
            for label in (None, "checkout"):
                if label and step % 10:
                    continue
                with self.subTest(step=step, label=label):
                    self.assert_timeline(step, label)

    def assert_timeline(self, step, label):
        asked = {"label": label} if label else {}
        line = self.get("/timeline", step=f"{step}s", p=RANKS, **asked)
        self.assertEqual((line["step_s"], line["label"]), (step, label))
        expected = {at: [hit for hit in hits if label in (None, hit[1])]
                    for at, hits in self.run_a.by_step(step).items()}
        starts = [seconds(point["time"]) for point in line["points"]]
        self.assertEqual(starts, list(range(int(starts[0]), int(starts[-1]) + step, step)))
        self.assertEqual({at: point["hits"] for at, point in zip(starts, line["points"])},
                         {at: len(hits) for at, hits in expected.items()})
        for at, point in zip(starts, line["points"]):
            self.assertEqual(point["failed"], failed(expected[at]))
            self.assertAlmostEqual(point["per_s"], point["hits"] / step, 3)
            self.assertAlmostEqual(point["elapsed_s"], at - seconds(line["started"]), 5)
            self.assert_durations(point["response_ms"], durations_of(expected[at]))
            self.assertEqual(wrong_percentiles(point["percentiles_ms"],
                                               durations_of(expected[at])), [])

    def test_a_part_of_the_timeline(self):
        begin = self.run_a.begin
        middle = [begin + datetime.timedelta(seconds=number) for number in (5, 15)]
        texts = [time.isoformat().replace("+00:00", "Z") for time in middle]
        line = self.get("/timeline", step="1s", **{"from": texts[0], "to": texts[1]})
        self.assertEqual(sum(point["hits"] for point in line["points"]), 100)
        self.assertEqual(seconds(line["points"][0]["time"]), middle[0].timestamp())
        self.assertEqual(self.get("/timeline", to="2001-01-01T00:00:00Z")["points"], [])

    def test_the_histogram_has_every_hit_once(self):
        for buckets in (1, 7, 60, 1000):
            for label in (None, "checkout"):
                with self.subTest(buckets=buckets, label=label):
                    self.assert_histogram(buckets, label)

    def assert_histogram(self, buckets, label):
        asked = {"label": label} if label else {}
        chart = self.get("/histogram", buckets=buckets, **asked)
        values = [hit[2] / 1e3 for hit in self.run_a.hits if label in (None, hit[1])]
        found = chart["buckets"]
        self.assertEqual((chart["count"], len(found)), (len(values), buckets))
        self.assertEqual((chart["min_ms"], chart["max_ms"]), (min(values), max(values)))
        self.assertEqual((found[0]["from_ms"], found[-1]["to_ms"]), (min(values), max(values)))
        self.assertEqual(sum(bucket["count"] for bucket in found), len(values))
        for one, other in zip(found, found[1:]):
            self.assertEqual(one["to_ms"], other["from_ms"])
        for bucket in found[:-1]:
            below = sum(value <= bucket["to_ms"] for value in values)
            # A sketch knows a value to 0.1 %.
            near = sum(value <= bucket["to_ms"] / 1.001 for value in values)
            counted = sum(each["count"] for each in found[:found.index(bucket) + 1])
            self.assertTrue(near <= counted <= below, (bucket, near, counted, below))

    def test_the_summary_is_the_one_of_the_published_schema(self):
        schema = json.loads((SOURCE / "schema/json/summary.schema.json").read_text())
        for parameters in ({}, {"labels": "all"}):
            summary = self.get("/summary", **parameters)
            jsonschema.Draft202012Validator(schema).validate(summary)
            self.assertEqual((summary["hits"]["count"], summary["final"]), (300, True))
            self.assert_durations(summary["response_ms"], durations_of(self.run_a.hits))

    def test_the_report_in_both_forms(self):
        text = self.http.request("GET", "/api/runs/nightly-7/report")
        self.assertIn("nightly-7", text.body.decode())
        self.assertEqual(text.headers["Content-Type"], "text/plain; charset=utf-8")
        self.assertEqual(self.get("/report", format="json")["hits"]["count"], 300)

    def test_two_runs_compared(self):
        both = self.get("/api/compare", base="nightly-7", run=["nightly-8", "small"])
        self.assertEqual([run["run_id"] for run in both["runs"]], ["nightly-8", "small"])
        base, other = both["base"]["response_ms"], both["runs"][0]["response_ms"]
        change = both["runs"][0]["change"]
        for name in ("mean", *PERCENTILES):
            self.assertTrue(math.isclose(change[name], (other[name] / base[name] - 1) * 100,
                                         abs_tol=0.02), (name, change[name]))
        self.assertEqual(change["too_few"], ["p99", "p999"])
        counts = [sum(figures["count"] for figures in (label["base"], *label["runs"]) if figures)
                  for label in both["labels"]]
        self.assertEqual(counts, sorted(counts, reverse=True))
        self.assertEqual(both["total"], len(self.run_a.labels) + 1)
        alone = next(label for label in both["labels"] if label["base"] is None)
        self.assertEqual((alone["label"], alone["runs"][0]), ("GET http://h/", None))
        self.assertEqual(self.get("/api/compare", base=1, run=2, q="slow")["total"], 1)

    def test_runs_are_listed_filtered_and_paged(self):
        newest = [run["run_id"] for run in self.get("/api/runs")["runs"]]
        self.assertEqual(newest, ["small", "nightly-8", "nightly-7"])
        nightly = newest[1:]
        for parameters, expected in (
                ({"state": "running"}, newest[:1]), ({"state": "finished,running"}, newest),
                ({"project": "shop"}, nightly), ({"scenario": "checkout"}, nightly),
                ({"tag": "branch"}, nightly), ({"tag": "build:2"}, nightly[:1]),
                ({"tag": "build:"}, []), ({"baseline": "true"}, []),
                ({"baseline": "false"}, newest), ({"q": "NIGHTLY-8"}, nightly[:1]),
                ({"q": "main"}, nightly), ({"q": "%"}, []), ({"before": 2}, nightly[1:])):
            with self.subTest(**parameters):
                page = self.get("/api/runs", **parameters)
                self.assertEqual([run["run_id"] for run in page["runs"]], expected)
        found, before = [], {}
        while before is not None:
            page = self.get("/api/runs", limit=1, **before)
            self.assertEqual(page["total"], 3)
            found += page["runs"]
            before = page["next_before"] and {"before": page["next_before"]}
        self.assertEqual([run["run_id"] for run in found], newest)

    def test_projects_and_their_scenarios(self):
        self.assertEqual(self.get("/api/projects")["projects"],
                         [{"project": "", "scenario": "", "runs": 1, "latest": 3},
                          {"project": "shop", "scenario": "checkout", "runs": 2, "latest": 2}])

    def test_refused_messages_are_counted_and_the_latest_are_shown(self):
        self.assertEqual(self.get("/rejects")["rejects"], {"missing_field": 3})
        self.assertEqual({sample["number"] for sample in self.get("/rejects")["samples"]}, {1})
        before = self.get("/api/rejects")["rejects"]
        self.assertEqual(before["missing_field"], 6)
        self.http.request("POST", "/api/messages", b"\xff\xfe {\x01")
        eventually(lambda: "not_json" in self.get("/api/rejects")["rejects"], "one more")
        sample = self.get("/api/rejects")["samples"][0]
        self.assertEqual((sample["number"], sample["reason"]), (0, "not_json"))
        self.assertRegex(sample["time"], TIME)


if __name__ == "__main__":
    unittest.main()
