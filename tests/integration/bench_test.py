"""weir bench with few hits: what matters here is that it counts right and leaves nothing behind."""
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

from broker_process import PATIENCE_S, eventually, weir

HITS = 5000  # of a round: more than the broker takes in one turn
FORMS = ["single", "ndjson-10", "ndjson-50", "batch-50", "acked-50"]


def children_of(parent):
    """The processes of a process, by their command lines."""
    found = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text()
            line = (folder / "cmdline").read_text().split("\0")
        except OSError:
            continue
        if int(stat.rpartition(")")[2].split()[1]) == parent:
            found[int(folder.name)] = line[1:]
    return found


def exists(process):
    return pathlib.Path(f"/proc/{process}").exists()


class BenchTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="weir-test-")
        self.addCleanup(self.folder.cleanup)
        self.environment = os.environ | {"TMPDIR": self.folder.name}

    def bench(self, *arguments, code=0, **environment):
        done = weir("bench", *arguments, env=self.environment | environment)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertEqual(os.listdir(self.folder.name), [])
        return done

    def start(self, *arguments):
        """A benchmark that goes on until it is ended, once all its processes are there."""
        process = subprocess.Popen([os.environ["WEIR"], "bench", *arguments], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=self.environment)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)

        def parts():
            found = children_of(process.pid)
            words = {word for line in found.values() for word in line}
            return found if {"sender", "bare", "serve"} <= words else None
        return process, eventually(parts, "sender, bare loop and broker")

    def test_every_form_is_measured_and_every_count_is_right(self):
        done = self.bench("--json", "--forms", ",".join(FORMS), "--connections", "1,3", "--hits",
                          HITS, "--rounds", 2)
        report = json.loads(done.stdout)
        self.assertEqual([(case["form"], case["connections"]) for case in report["cases"]],
                         [(form, connections) for form in FORMS for connections in (1, 3)])
        for case in report["cases"]:
            for name in ("bare", "weir"):
                self.assertEqual(len(case[name]["rounds"]), 2)
                for part in case[name]["rounds"]:
                    self.assertEqual(part["hits"], HITS)
                    self.assertGreater(part["failed"], 0)
                    self.assertEqual(part["frames"] * case["hits_per_frame"], HITS)
                    for figure in ("elapsed_s", "receiver_cpu_ns", "sender_cpu_ns", "hits_per_s",
                                   "peak_memory_bytes"):
                        self.assertGreater(part[figure], 0, figure)
            self.assertLessEqual(case["ratio"]["min"], case["ratio"]["median"])
        self.assertGreater(report["machine"]["cores"], 0)
        self.assertIn("optimised", report)

    def test_the_table_has_three_rows_a_case(self):
        done = self.bench("--forms", "single", "--connections", 2, "--hits", HITS, "--rounds",
                          1)
        rows = [line.split()[:3] for line in done.stdout.splitlines() if line.startswith("single")]
        self.assertEqual(rows, [["single", "2", "bare"], ["single", "2", "weir"],
                                ["single", "2", "ratio"]])
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 100)

    def test_more_workers_than_connections_and_many_labels(self):
        self.bench("--forms", "ndjson-10", "--workers", 50, "--connections", 3, "--labels", 900,
                   "--hits", HITS, "--rounds", 1)

    def test_a_pace_is_kept_or_said_not_to_be(self):
        done = self.bench("--json", "--rate", 1000, "--duration", "500ms", "--subscribers", 2,
                          "--stalled-subscribers", 1, "--tick-ms", 100)
        case = json.loads(done.stdout)["cases"][0]
        self.assertEqual(case["rate_per_s"], 1000)
        self.assertEqual(case["weir"]["rounds"][0]["hits"], 500)
        self.assertGreater(case["weir"]["rounds"][0]["sender_elapsed_s"], 0.49)
        self.assertIn(case["weir"]["pace_kept"], (True, False))

    def test_a_flat_run_shows_each_tenth(self):
        done = self.bench("--flat", "--hits", HITS * 10)
        counts = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("   ")]
        self.assertEqual(counts[1:], [f"{n * HITS:,}" for n in range(1, 11)])

    def test_hits_that_the_broker_refuses_end_it_without_figures(self):
        done = self.bench("--forms", "single", "--hits", 1000, "--rounds", 1, code=1,
                          WEIR_LIMITS_WORKERS_PER_RUN="1")
        self.assertIn("weir: bench: the broker rejected", done.stderr)
        self.assertIn("limit_workers", done.stderr)
        self.assertNotIn("hits/s", done.stdout)

    def test_a_folder_that_is_not_there_is_named(self):
        done = self.bench("--hits", 100, code=1, TMPDIR=self.folder.name + "/nowhere")
        self.assertIn("TMPDIR", done.stderr)

    def test_a_broker_that_cannot_start_ends_it(self):
        done = self.bench("--hits", 100, code=1, WEIR_FEED_SNDHWM="none")
        self.assertIn("weir: bench: ", done.stderr)

    def test_options_that_do_not_go_together_are_wrong_usage(self):
        self.bench("--flat", "--rate", 5, code=2)
        self.bench("--connections", 4, "--workers", 2, code=2)
        self.bench("--duration", "5s", code=2)
        self.bench("--forms", "double", code=2)

    def test_ctrl_c_ends_everything(self):
        process, parts = self.start("--forms", "single", "--hits", "1000000000")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=PATIENCE_S), 97)
        self.assertEqual([part for part in parts if exists(part)], [])
        self.assertEqual(os.listdir(self.folder.name), [])

    def test_a_broker_that_dies_ends_everything(self):
        process, parts = self.start("--forms", "single", "--hits", "1000000000")
        os.kill(next(part for part, line in parts.items() if "serve" in line), signal.SIGKILL)
        self.assertEqual(process.wait(timeout=PATIENCE_S), 1)
        self.assertIn("the broker ended before its time", process.stderr.read())
        self.assertEqual([part for part in parts if exists(part)], [])
        self.assertEqual(os.listdir(self.folder.name), [])

    def test_its_processes_do_not_outlive_it(self):
        process, parts = self.start("--forms", "single", "--hits", "1000000000")
        process.kill()
        process.wait(timeout=PATIENCE_S)
        eventually(lambda: not any(exists(part) for part in parts), "the end of its processes")


if __name__ == "__main__":
    unittest.main()
