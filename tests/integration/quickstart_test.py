"""tools/quickstart: the way it shows is the way it is."""

import json
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest

from broker_process import eventually

ROOT = pathlib.Path(__file__).resolve().parents[2]
WEIR = os.environ["WEIR"]


def is_running(pid):
    """Not even as a zombie, which a container without an init process keeps."""
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


class Quickstart(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.temporary = pathlib.Path(folder.name)

    def quickstart(self, *arguments):
        command = [ROOT / "tools/quickstart", "--weir", WEIR, "--seconds", "2", *arguments]
        process = subprocess.Popen(
            command, env={**os.environ, "TMPDIR": str(self.temporary)}, cwd=self.temporary,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
        try:
            output, errors = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGTERM)
            process.communicate()
            raise
        return subprocess.CompletedProcess(command, process.returncode, output, errors)

    def test_live_stored_and_reported_figures_agree(self):
        done = self.quickstart("--keep")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        pid, folder = re.search(r"kill (\d+); its results are in (.+)", done.stdout).groups()
        pid, db = int(pid), pathlib.Path(folder) / "weir.db"
        self.addCleanup(lambda: is_running(pid) and os.kill(pid, signal.SIGKILL))
        os.kill(pid, signal.SIGTERM)
        eventually(lambda: not is_running(pid), "the broker stops")

        report = json.loads(subprocess.run(
            [WEIR, "report", "quickstart", "--db", db, "--format", "json"],
            capture_output=True, check=True).stdout)
        with sqlite3.connect(db) as file:
            def one(query):
                return file.execute(query).fetchone()

            hits, failed, p95_us, not_kept = one(
                "SELECT count, failed, p95_us, hits_not_kept FROM runs")
            self.assertEqual(one("SELECT sum(count) FROM labels"), (hits,))
            self.assertEqual(one("SELECT sum(count) FROM intervals WHERE label = 0"), (hits,))
            self.assertEqual(one("SELECT count(*) FROM hits"), (hits - not_kept,))
            workers, late = one("SELECT count(*), sum(late) FROM workers")
        self.assertGreater(hits, 0)
        self.assertEqual(workers, 3)
        self.assertEqual(report["hits"]["count"], hits)
        self.assertEqual(report["hits"]["failed"], failed)
        self.assertAlmostEqual(report["response_ms"]["p95"], p95_us / 1000)
        if late == 0:  # else a starved machine: some was counted after the figures were shown
            self.assertRegex(done.stdout, rf"│ {hits} +│ {failed} +│")
        self.assertRegex(done.stdout, r"quickstart  finished .* hits [\d,]+ ")

    def test_nothing_is_left_behind(self):
        done = self.quickstart()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(done.stderr, "")
        self.assertEqual(list(self.temporary.iterdir()), [])

    def test_a_broker_that_cannot_start_is_an_error(self):
        self.addCleanup(os.environ.pop, "WEIR_FEED_TICK_MS", None)
        os.environ["WEIR_FEED_TICK_MS"] = "1"
        done = self.quickstart()
        self.assertEqual(done.returncode, 1)
        self.assertIn("quickstart: broker failed:\nweir: serve: WEIR_FEED_TICK_MS", done.stderr)
        self.assertEqual(list(self.temporary.iterdir()), [])

    def test_a_runner_that_fails_ends_it_at_once_with_its_log(self):
        start = time.monotonic()
        done = self.quickstart("--weir", self.fake_weir('[[ $1 != run ]] || { echo so >&2; exit 7; }'))
        self.assertLess(time.monotonic() - start, 40)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, "quickstart: cpp failed:\nso\n")
        self.assertEqual(list(self.temporary.iterdir()), [])

    def test_a_run_that_does_not_end_is_an_error(self):
        self.addCleanup(os.environ.pop, "QUICKSTART_PATIENCE_S", None)
        os.environ["QUICKSTART_PATIENCE_S"] = "1"
        done = self.quickstart("--weir", self.fake_weir('[[ $1 != top ]] || exec sleep 1000'))
        self.assertEqual((done.returncode, done.stderr),
                         (1, "quickstart: top failed:\nthe run did not end within 3 s\n"))

    def fake_weir(self, line):
        """weir, after a line of bash."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        fake = pathlib.Path(folder.name, "weir")
        fake.write_text(f'#!/usr/bin/env bash\n{line}\nexec {WEIR} "$@"\n', encoding="utf-8")
        fake.chmod(0o755)
        return fake

    def test_help_is_on_stdout(self):
        for flag in ("--help", "-h"):
            done = self.quickstart(flag)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("--keep", done.stdout)

    def test_wrong_usage_is_exit_2(self):
        for arguments in (["--nonsense"], ["--weir"], ["--weir", ""], ["--seconds"],
                          *(["--seconds", value] for value in ("0", "3601", "1.5", "x", "-1", "08"))):
            done = self.quickstart(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertRegex(done.stderr, r"\Aquickstart: .+\n")
            self.assertIn("--keep", done.stderr)


if __name__ == "__main__":
    unittest.main()
