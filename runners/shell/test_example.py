"""Run in this folder: python3 -m unittest. Stands in for `weir send`, which has tests of its own."""
import json
import os
import pathlib
import re
import stat
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent
TARGET = HERE.parent / "python" / "target.py"
FAKE_WEIR = """#!/bin/sh
echo "$@" > "$WEIR_ARGUMENTS"
exec cat
"""


class ExampleTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.arguments = pathlib.Path(folder.name, "arguments")
        self.weir = pathlib.Path(folder.name, "weir")
        self.weir.write_text(FAKE_WEIR)
        self.weir.chmod(stat.S_IRWXU)

    def run_example(self, *words):
        """The messages of each worker, in the order in which they were piped."""
        environment = {key: value for key, value in os.environ.items()
                       if not key.startswith("LOADS_")}
        environment.update(WEIR=str(self.weir), WEIR_ARGUMENTS=str(self.arguments))
        done = subprocess.run([HERE / "example.sh", *words], env=environment, timeout=60,
                              capture_output=True, check=True)
        workers = {}
        for line in done.stdout.decode().splitlines():
            message = json.loads(line)
            workers.setdefault(message["worker_id"], []).append(message)
        return workers

    def start_target(self):
        target = subprocess.Popen([sys.executable, TARGET, "--port", "0"], text=True,
                                  stdout=subprocess.PIPE)
        self.addCleanup(target.communicate)
        self.addCleanup(target.terminate)
        return re.fullmatch(r"listening (\S+)\n", target.stdout.readline())[1]

    def test_reports_every_request_that_it_made(self):
        url = self.start_target()
        workers = self.run_example("--target", url, "--users", "3", "--rounds", "10", "--to",
                                   "tcp://127.0.0.1:1", "--run-id", "r1")
        self.assertEqual(self.arguments.read_text(), "send - --to tcp://127.0.0.1:1\n")
        self.assertEqual(len(workers), 3)
        failures = 0
        for messages in workers.values():
            self.assertEqual([m["seq"] for m in messages], list(range(1, len(messages) + 1)))
            self.assertEqual({m["run_id"] for m in messages}, {"r1"})
            self.assertEqual(len({m["epoch"] for m in messages}), 1)
            types = [m["data_type"] for m in messages]
            self.assertEqual((types[0], types[-1]), ("startTestRun", "stopTestRun"))
            self.assertEqual([types.count(name) for name in ("startTest", "add_hit", "stopTest")],
                             [40, 40, 40])
            failures += types.count("addFailure")
            self.assertEqual(types.count("addSuccess") + types.count("addFailure"), 40)
            for hit in (m for m in messages if m["data_type"] == "add_hit"):
                self.assertRegex(hit["started"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
                parts = [hit["dns"], hit["connect"], hit["first_byte"]]
                self.assertTrue(min(parts) >= 0 and sum(parts) <= hit["elapsed"] < 10)
                self.assertTrue(hit["bytes_sent"] > 50 and hit["bytes_received"] > 100)
                self.assertNotIn("tls", hit)
                self.assertNotIn("time", hit)
            self.assertTrue(all("time" in m for m in messages if m["data_type"] != "add_hit"))
        self.assertEqual(failures, 30 // 20)

    def test_no_answer_is_an_error_and_any_text_is_json(self):
        name = 'a "quoted" \\ name\nof two lines & é'
        (messages,) = self.run_example("--target", "http://127.0.0.1:1/\"x\\", "--users", "1",
                                       "--rounds", "1", "--name", name).values()
        self.assertEqual(self.arguments.read_text(), "send -\n")
        self.assertEqual(messages[0]["name"], name.replace("\n", " "))
        hits = [m for m in messages if m["data_type"] == "add_hit"]
        self.assertEqual([hit["status"] for hit in hits], [0] * 4)
        self.assertEqual(hits[0]["url"], 'http://127.0.0.1:1/"x\\/')
        errors = [m for m in messages if m["data_type"] == "addError"]
        self.assertEqual([error["exc_info"][1] for error in errors],
                         [hit["error"] for hit in hits])
        self.assertTrue(all(error["exc_info"][1] for error in errors))


if __name__ == "__main__":
    unittest.main()
