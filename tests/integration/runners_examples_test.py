"""Each runner's example loads its small server, and the broker has every message of it."""
import os
import re
import shutil
import subprocess
import sys
import unittest

from broker_process import SOURCE, BrokerProcess

RUNNERS = SOURCE / "runners"


class RunnersExamplesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = BrokerProcess("--set", "run.end_grace_s=0.5", "--tick-ms", "200")
        cls.addClassCleanup(cls.broker.__exit__)
        target = subprocess.Popen([sys.executable, RUNNERS / "python" / "target.py", "--port", "0"],
                                  stdout=subprocess.PIPE, text=True)
        cls.addClassCleanup(target.communicate)
        cls.addClassCleanup(target.terminate)
        cls.target = re.fullmatch(r"listening (\S+)\n", target.stdout.readline())[1]

    def run_example(self, run_id, *command):
        """Runs an example to its end; returns what it printed and the run's last summary."""
        environment = {key: value for key, value in os.environ.items()
                       if not key.startswith("LOADS_")}
        done = subprocess.run(
            [*command, "--target", self.target, "--to", self.broker.endpoints["ingest"],
             "--run-id", run_id, "--name", f"the {run_id} example"],
            capture_output=True, text=True, timeout=60, env=environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        final = self.broker.watch(f"summary/{run_id}/", lambda summary: summary["final"], "the end")
        return done.stdout, final

    def check(self, final, hits, workers):
        """What holds for any runner that made so many hits."""
        self.assertEqual(final["state"], "finished")
        self.assertEqual(final["workers"], {"active": 0, "total": workers})
        self.assertEqual((final["missing"], final["duplicate"], final["late"], final["skewed"]),
                         (0, 0, 0, 0))
        self.assertEqual(final["hits"]["count"], hits)
        self.assertGreater(final["hits"]["bytes_received"], hits * 100)
        self.assertEqual(final["method"].keys(), {"GET", "POST"})
        tests = final["tests"]
        self.assertEqual([tests["started"], tests["finished"]], [hits, hits])
        self.assertEqual([tests["success"], tests["failure"], tests["error"]],
                         [hits - final["hits"]["failed"], final["hits"]["failed"], 0])
        self.assertGreater(final["response_ms"]["p50"], 0)
        self.assertIn(f"GET {self.target}/api/items/{{id}}",
                      {label["label"] for label in final["labels"]})
        self.assertEqual(final["labels_total"], 4)
        for error in final["errors"]:
            self.assertIn("503, not 200", error["message"] or "503, not 200")
        rejected = self.broker.query("SELECT reason, count FROM rejects")
        self.assertEqual(rejected, [])

    def test_python(self):
        output, final = self.run_example("python", sys.executable, RUNNERS / "python/example.py",
                                         "--users", "4", "--hits", "400", "--pause", "0")
        self.check(final, 400, workers=1)
        self.assertIn(f"400 hits, {final['hits']['failed']} failed", output)
        self.assertIn(" 0 not sent", output)
        self.assertEqual(final["counters"].keys(), {"orders"})

    @unittest.skipUnless((RUNNERS / "node/node_modules/zeromq").exists(), "npm ci in runners/node")
    def test_node(self):
        output, final = self.run_example("node", shutil.which("node"), RUNNERS / "node/example.mjs",
                                         "--users", "4", "--hits", "400", "--pause", "0")
        self.check(final, 400, workers=1)
        self.assertIn(f"400 hits, {final['hits']['failed']} failed", output)
        self.assertIn(" 0 not sent", output)
        self.assertEqual(final["counters"].keys(), {"orders"})

    def test_shell(self):
        _, final = self.run_example("shell", RUNNERS / "shell/example.sh",
                                    "--users", "3", "--rounds", "10")
        self.check(final, 120, workers=3)


if __name__ == "__main__":
    unittest.main()
