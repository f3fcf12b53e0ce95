"""weir runs and weir report: what the store holds, while a broker writes it and after."""
import json
import os
import subprocess
import tempfile
import time
import unittest

from broker_process import BrokerProcess, eventually, weir
from fake_feed import command
from terminal import Terminal


def message(kind, run_id, **fields):
    return json.dumps({"data_type": kind, "worker_id": "node-1", "run_id": run_id, **fields})


def hit(run_id, milliseconds, **fields):
    return message("add_hit", run_id, url="http://shop.example/items/7?token=secret",
                   method="GET", elapsed=milliseconds / 1000, **{"status": 200, **fields})


class ReportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = BrokerProcess("--tick-ms", "100", "--set", "run.end_grace_s=0.2")
        cls.addClassCleanup(cls.broker.__exit__)
        cls.db = cls.broker.db
        with cls.broker.push() as push:
            push.send_string(message("startTestRun", "full", name="Full run", project="shop",
                                     tags={"env": "staging"}))
            for number in range(1, 1001):
                push.send_string(hit("full", number, status=500 if number % 100 == 0 else 200))
            push.send_string(message("startTest", "full", test="test_basket"))
            push.send_string(message("addFailure", "full", test="test_basket", exc_info=[
                "AssertionError", "no \x1b[31mbasket", "Traceback\n  line 7\nAssertionError"]))
            push.send_string(message("stopTest", "full", test="test_basket"))
            push.send_string(message("bought", "full", test="test_basket"))
            push.send_string(message("stopTestRun", "full"))
            push.send_string(message("startTestRun", "empty"))
            push.send_string(message("stopTestRun", "empty"))
        for run_id in ("full", "empty"):
            cls.broker.watch(f"summary/{run_id}/", lambda summary: summary["final"], "final")
        eventually(lambda: cls.broker.query(
            "SELECT count(*) FROM runs WHERE state = 'finished'") == [(2,)], "both runs stored")
        cls.number = cls.broker.query("SELECT id FROM runs WHERE run_id = 'full'")[0][0]

    def report(self, *arguments):
        return weir("report", *arguments, "--db", self.db)

    def test_json_has_the_figures_of_the_store(self):
        done = self.report("full", "--format", "json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        report = json.loads(done.stdout)
        count, failed, p50_us, p99_us, max_us = self.broker.query(
            "SELECT count, failed, p50_us, p99_us, max_us FROM runs WHERE run_id = 'full'")[0]
        self.assertEqual((count, failed, p50_us, p99_us, max_us),
                         (1000, 10, 500_223, 990_207, 1_000_000))
        self.assertEqual((report["hits"]["count"], report["hits"]["failed"]), (count, failed))
        times = report["response_ms"]
        self.assertEqual((times["p50"], times["p99"], times["max"]),
                         (p50_us / 1000, p99_us / 1000, max_us / 1000))
        self.assertEqual(report["number"], self.number)
        self.assertEqual((report["name"], report["project"]), ("Full run", "shop"))
        self.assertEqual((report["state"], report["final"]), ("finished", True))
        self.assertEqual(report["tags"], {"env": "staging"})
        self.assertEqual(report["status"], {"200": 990, "500": 10})
        self.assertEqual(report["counters"], {"bought": 1})
        self.assertEqual([worker["worker_id"] for worker in report["workers_list"]], ["node-1"])
        self.assertEqual([(test["test"], test["failure"]) for test in report["tests_list"]],
                         [("test_basket", 1)])
        self.assertEqual([event["event"] for event in report["events"]][-1], "finished")
        self.assertIn("line 7", report["errors"][0]["traceback"])

    def test_text_says_the_same_to_people(self):
        done = self.report("full")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for part in (f"full (number {self.number})", "Full run", "shop", "finished", "1,000",
                     "500.2", "200 990", "500 10", "bought 1", "test_basket", "AssertionError",
                     "line 7", "node-1", "GET http://shop.example/items/{id}"):
            self.assertIn(part, done.stdout)
        self.assertNotIn("secret", done.stdout)
        self.assertNotIn("\x1b", done.stdout)
        self.assertFalse([line for line in done.stdout.splitlines() if line != line.rstrip()])

    def test_a_run_is_named_by_id_number_or_last(self):
        by_id = self.report("full", "--format", "json").stdout
        self.assertEqual(self.report(self.number, "--format", "json").stdout, by_id)
        self.assertEqual(json.loads(self.report("last", "--format", "json").stdout)["run_id"],
                         "empty")

    def test_a_run_without_hits_is_printed_and_is_no_data(self):
        for form in ("text", "json"):
            done = self.report("empty", "--format", form)
            self.assertEqual((done.returncode, done.stderr), (98, ""))
            self.assertIn("empty", done.stdout)
        self.assertIsNone(json.loads(done.stdout)["response_ms"]["p50"])

    def test_an_unknown_run_is_one_line_that_says_how_to_go_on(self):
        done = self.report("nope")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, r"\Aweir: report: no run 'nope' .*weir runs.*\n\Z")

    def test_a_file_that_is_missing_or_no_store_is_one_line(self):
        with tempfile.TemporaryDirectory() as folder:
            text = os.path.join(folder, "text.db")
            with open(text, "w", encoding="utf-8") as file:
                file.write("not a database, although it is long enough to be looked at " * 20)
            for path, why in ((os.path.join(folder, "none.db"), ".+"), (text, ".+"),
                              (folder, f"{folder}: is a folder, not a results file")):
                for arguments in (["report", "last"], ["report", "last", "--wait"], ["runs"]):
                    done = weir(*arguments, "--db", path)
                    self.assertEqual((done.returncode, done.stdout), (1, ""))
                    self.assertRegex(done.stderr, rf"\Aweir: {arguments[0]}: {why}\n\Z")
            self.assertEqual(os.listdir(folder), ["text.db"])

    def test_wrong_usage_is_exit_2(self):
        for arguments in (["report"], ["report", "full", "--format", "xml"], ["runs", "--limit", "0"],
                          ["report", "full", "--wait", "--timeout", "soon"],
                          ["report", "full", "--timeout", "1s"]):
            done = weir(*arguments)
            self.assertEqual(done.returncode, 2)
            self.assertRegex(done.stderr, rf"\Aweir: {arguments[0]}: .+\n\Z")

    def test_an_unknown_command_is_one_line_with_the_nearest_one(self):
        for name, hint in (("bogus", "see weir --help"), ("repot", "did you mean 'report'?"),
                           ("tial", "did you mean 'tail'?"), ("x\x1b[31m", "see weir --help")):
            done = weir(name, "--db", self.db)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            shown = name.replace("\x1b", "\uFFFD")
            self.assertEqual(done.stderr, f"weir: unknown command '{shown}'; {hint}\n")
        self.assertEqual(weir().returncode, 2)

    def test_runs_are_listed_newest_first(self):
        lines = weir("runs", "--db", self.db).stdout.splitlines()
        self.assertEqual(len(lines), 3)
        self.assertIn("empty", lines[1])
        self.assertRegex(lines[2], r"full +Full run +finished +- .* 1,000 +1\.00 +950\.")
        self.assertEqual(len(weir("runs", "--db", self.db, "--limit", 1).stdout.splitlines()), 2)
        runs = json.loads(weir("runs", "--db", self.db, "--format", "json").stdout)
        self.assertEqual([run["run_id"] for run in runs], ["empty", "full"])
        self.assertEqual(runs[1]["hits"], {"count": 1000, "failed": 10})
        self.assertEqual(runs[1]["number"], self.number)

    def test_on_a_terminal_it_keeps_to_the_width_and_may_have_colours(self):
        for no_colour in ("", "1"):
            with Terminal(command("report", "full", "--db", self.db), columns=70,
                          NO_COLOR=no_colour) as terminal:
                self.assertEqual(terminal.wait(), 0)
                self.assertEqual("\x1b[31m" in terminal.raw, no_colour == "")
                self.assertNotIn("\x1b[31mbasket", terminal.raw)
                text = terminal.text()
            self.assertIn("no \uFFFD[31mbasket", text)
            self.assertLessEqual(max(map(len, text.splitlines())), 70)

    def test_a_reader_that_leaves_early_is_no_error(self):
        process = subprocess.Popen(command("report", "full", "--db", self.db),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdout.close()
        self.assertEqual(process.wait(timeout=20), 0)
        with process.stderr as stderr:
            self.assertEqual(stderr.read(), b"")

    def test_help_has_an_example(self):
        for name in ("runs", "report"):
            self.assertIn("Example:", weir(name, "--help").stdout)
        self.assertIn("--wait", weir("report", "--help").stdout)

    def test_an_ended_run_needs_no_wait(self):
        for run in ("full", "last", self.number):
            done = self.report(run, "--wait", "--format", "json")
            self.assertEqual((done.stdout, done.stderr),
                             (self.report(run, "--format", "json").stdout, ""))

    def test_the_wait_for_an_unknown_run_ends(self):
        start = time.monotonic()
        done = self.report("nope", "--wait", "--timeout", "300ms")
        self.assertGreaterEqual(time.monotonic() - start, 0.3)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, r"\Aweir: report: no run 'nope' .*\n\Z")


class LiveReportTest(unittest.TestCase):
    def test_a_run_can_be_reported_while_it_is_written_and_after(self):
        with BrokerProcess("--tick-ms", "100") as broker, broker.push() as push:
            for number in range(100):
                push.send_string(hit("live", number))
            report = eventually(lambda: self.figures(broker.db, 100), "100 hits while running")
            self.assertEqual(report["state"], "running")
            self.assertFalse(report["final"])
            push.send_string(hit("live", 7))
            eventually(lambda: self.figures(broker.db, 101), "one more hit")
            code, _ = broker.stop()
            self.assertEqual(code, 0)
            self.assertTrue(self.figures(broker.db, 101))

    def test_a_run_that_goes_on_is_waited_for_or_said_to_go_on(self):
        with BrokerProcess("--tick-ms", "100", "--set", "run.end_grace_s=1") as broker, \
                broker.push() as push:
            waiting = subprocess.Popen(command("report", "soon", "--db", broker.db, "--wait",
                                               "--format", "json"),
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            self.addCleanup(waiting.kill)
            push.send_string(message("startTestRun", "soon"))
            push.send_string(hit("soon", 5))
            eventually(lambda: self.figures(broker.db, 1), "a hit")
            done = weir("report", "soon", "--db", broker.db)
            self.assertEqual(done.returncode, 0)
            self.assertRegex(done.stderr, r"\Aweir: report: the run goes on, these are its figures "
                             r"up to \d{4}-\d\d-\d\dT[\d:.]+Z; --wait waits for its end\n\Z")
            done = weir("report", "last", "--db", broker.db, "--wait", "--timeout", "200ms")
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertRegex(done.stderr,
                             r"\Aweir: report: the run has not ended within 200ms.*\n\Z")
            push.send_string(hit("soon", 7))
            push.send_string(message("stopTestRun", "soon"))
            out, err = waiting.communicate(timeout=60)
            self.assertEqual((waiting.returncode, err), (0, ""))
            report = json.loads(out)
            self.assertEqual((report["state"], report["hits"]["count"]), ("finished", 2))

    def figures(self, db, hits):
        done = weir("report", "last", "--db", db, "--format", "json")
        if done.returncode != 0:
            return None
        report = json.loads(done.stdout)
        return report if report["hits"]["count"] == hits else None

    def test_a_store_without_runs_has_an_empty_list(self):
        with BrokerProcess() as broker:
            done = weir("runs", "--db", broker.db)
            self.assertEqual((done.returncode, done.stdout), (0, ""))
            self.assertRegex(done.stderr, r"\Aweir: runs: .* has no runs yet\n\Z")
            self.assertEqual(weir("runs", "--db", broker.db, "--format", "json").stdout, "[]\n")
            done = weir("report", "last", "--db", broker.db)
            self.assertEqual(done.returncode, 1)


if __name__ == "__main__":
    unittest.main()
