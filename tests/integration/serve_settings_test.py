"""weir serve: where settings come from, and what is refused before anything is bound."""

import os
import pathlib
import subprocess
import tempfile
import unittest

WEIR = os.environ["WEIR"]


def serve(*arguments, environment=None):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("WEIR")}
    return subprocess.run(
        [WEIR, "serve", *arguments],
        env={**clean, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


class ServeSettings(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / "weir.toml"

    def test_each_source_is_named_beside_its_value(self):
        self.file.write_text("[run]\nend_grace_s = 2.5\n[feed]\ntick_ms = 700\nsndhwm = 7\n")
        done = serve(
            "--print-config", "--config", self.file, "--tick-ms", "300", "--set", "log.level=warn",
            "--ingest", "tcp://127.0.0.1:1", "--ingest", "tcp://127.0.0.1:2",
            environment={"WEIR_FEED_SNDHWM": "9"},
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        lines = done.stdout.splitlines()
        for line in (
            f"end_grace_s = 2.5  # file:{self.file}:2",
            "tick_ms = 300  # flag --tick-ms",
            "sndhwm = 9  # environment WEIR_FEED_SNDHWM",
            'level = "warn"  # flag --set log.level',
            'endpoints = ["tcp://127.0.0.1:1", "tcp://127.0.0.1:2"]  # flag --ingest',
            "idle_timeout_s = 60  # default",
        ):
            self.assertIn(line, lines)

    def test_wrong_usage_is_exit_2_and_one_line(self):
        for arguments, why in (
            (["--tick-ms", "5"], "--tick-ms: must be a number from 100 to 60000, not 5"),
            (["--set", "feed.tick=5"], "did you mean feed.tick_ms?"),
            (["--set", "feed.tick_ms"], "not of the form section.key=value"),
            (["--feed", "7073"], "must be an endpoint such as"),
            (["--no-such-flag"], "--no-such-flag"),
            (["--tick-ms", "500", "--tick-ms", "600"], "--tick-ms"),
        ):
            with self.subTest(arguments):
                done = serve(*arguments)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertRegex(done.stderr, r"\Aweir: serve: [^\n]*\n\Z")
                self.assertIn(why, done.stderr)

    def test_all_problems_of_file_and_environment_are_printed(self):
        self.file.write_text("[feed]\ntick_ms = 5\ntock_ms = 5\n")
        done = serve("--config", self.file, environment={"WEIR_LOG_LEVEL": "loud"})
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        lines = done.stderr.splitlines()
        self.assertEqual(len(lines), 3, lines)
        self.assertTrue(lines[0].startswith(f"weir: serve: {self.file}:2: feed.tick_ms must be "))
        self.assertTrue(lines[1].startswith(f"weir: serve: {self.file}:3: unknown setting "))
        self.assertTrue(lines[2].startswith("weir: serve: WEIR_LOG_LEVEL must be one of "))

    def test_the_variables_of_clients_are_no_settings(self):
        done = serve("--print-config", environment={"WEIR_CLIENT_KEY": "k", "WEIR_SERVER_KEY": "k"})
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_listening_beyond_loopback_is_refused_unless_asked_for_twice(self):
        done = serve("--ingest", "tcp://*:0", "--print-config")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("--insecure-bind", done.stderr)
        done = serve("--ingest", "tcp://*:0", "--insecure-bind", "--print-config")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("insecure_bind = true  # flag --insecure-bind", done.stdout)
        done = serve("--ingest", "tcp://*:0", "--set", "security.curve=true", "--print-config")
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
