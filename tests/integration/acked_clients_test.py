"""Every acked client against a real broker that is killed with -9 in the middle and started again:
each message counts once."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from broker_process import SOURCE, BrokerProcess, eventually
from http_target import HttpTarget

sys.path.insert(0, str(SOURCE / "runners" / "python"))
from weir_acked_client import AckedClient  # noqa: E402

PART = 2000  # hits before the kill, while there is no broker, and after
NODE_CLIENT = """
import { createInterface } from "node:readline";
import { AckedClient } from "CLIENT";
const [to, run_id] = process.argv.slice(1);
const client = new AckedClient(to, run_id, "node", { linger_ms: 30_000 });
client.start_test_run("node");
for await (const line of createInterface({ input: process.stdin })) {
  for (let i = 0; i < Number(line); ++i)
    client.add_hit("http://h/", "GET", 200, Date.now(), 0.001);
}
client.stop_test_run();
console.log(JSON.stringify(await client.close()));
"""


class AckedClientsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="weir-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.endpoint = "tcp://127.0.0.1:*"
        self.start_broker()
        self.endpoint = self.broker.endpoints["acked"]

    def start_broker(self):
        self.broker = BrokerProcess(
            "--acked", self.endpoint, "--data", os.path.join(self.folder, "data"), "--tick-ms",
            "200", "--set", "run.end_grace_s=0.5", db=os.path.join(self.folder, "weir.db"))
        self.addCleanup(self.broker.__exit__)

    def kill_broker(self):
        self.broker.process.send_signal(signal.SIGKILL)
        self.broker.process.wait()

    def eventually_counted(self, run_id, hits=1):
        """Waits until the broker shows so many hits, which are then safe."""
        self.broker.watch(f"summary/{run_id}/", lambda summary: summary["hits"]["count"] >= hits,
                          f"{hits} hits")

    def check_counts(self, run_id, hits, tests=0):
        def final():
            return self.broker.query("SELECT count, failed FROM runs WHERE run_id = ? AND "
                                     "state = 'finished'", run_id)
        self.assertEqual(eventually(final, "the end of the run"), [(hits, 0)])
        self.assertEqual(
            self.broker.query("SELECT coalesce(sum(i.count), 0) FROM intervals i JOIN runs r ON "
                              "r.id = i.run WHERE r.run_id = ? AND i.label = 0", run_id),
            [(hits,)])
        self.assertEqual(
            self.broker.query("SELECT coalesce(sum(t.started), 0), coalesce(sum(t.finished), 0) "
                              "FROM tests t JOIN runs r ON r.id = t.run WHERE r.run_id = ?",
                              run_id), [(tests, tests)])
        self.assertEqual(self.broker.query("SELECT reason, count FROM rejects"), [])

    def in_three_parts(self, run_id, add_hits):
        """Hits before the broker is killed, while there is none, and when it is back."""
        add_hits(PART)
        self.eventually_counted(run_id)
        add_hits(PART)
        self.kill_broker()
        add_hits(PART)
        self.start_broker()
        add_hits(PART)

    def test_python(self):
        client = AckedClient(self.endpoint, "python", "python", linger_ms=30_000)
        self.addCleanup(client.close)

        def add_hits(count):
            for _ in range(count):
                client.add_hit("http://h/", "GET", 200, time.time(), 0.001)
        client.start_test_run(name="python")
        self.in_three_parts("python", add_hits)
        client.stop_test_run()
        sent = 4 * PART + 2
        self.assertEqual(client.close(), {"sent": sent, "acknowledged": sent, "not_sent": 0,
                                          "refused": 0, "unacknowledged": 0})
        self.check_counts("python", 4 * PART)

    def start_with_pipes(self, *command):
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        return process

    @unittest.skipUnless((SOURCE / "runners/node/node_modules/zeromq").exists(),
                         "npm ci in runners/node")
    def test_node(self):
        client = (SOURCE / "runners" / "node" / "weir_acked_client.mjs").as_uri()
        process = self.start_with_pipes(shutil.which("node"), "--input-type=module", "-e",
                                        NODE_CLIENT.replace("CLIENT", client), self.endpoint,
                                        "node")

        def add_hits(count):
            process.stdin.write(f"{count}\n")
            process.stdin.flush()
        self.in_three_parts("node", add_hits)
        out, err = process.communicate(timeout=60)
        sent = 4 * PART + 2
        self.assertEqual((json.loads(out), err), ({
            "sent": sent, "acknowledged": sent, "not_sent": 0, "refused": 0,
            "unacknowledged": 0}, ""))
        self.check_counts("node", 4 * PART)

    def test_weir_send(self):
        process = self.start_with_pipes(os.environ["WEIR"], "send", "--acked", "--to",
                                        self.endpoint, "--timeout", "30s")

        def add(count, **message):
            line = json.dumps({"worker_id": "send", "run_id": "send", **message})
            process.stdin.write((line + "\n") * count)
            process.stdin.flush()

        def add_hits(count):
            add(count, data_type="add_hit", url="http://h/", method="GET", status=200,
                elapsed=0.001)
        add(1, data_type="startTestRun")
        self.in_three_parts("send", add_hits)
        add(1, data_type="stopTestRun")
        out, err = process.communicate(timeout=60)
        sent = 4 * PART + 2
        self.assertEqual((process.returncode, out, err),
                         (0, f"sent {sent}, acknowledged {sent}\n", ""))
        self.check_counts("send", 4 * PART)

    def test_weir_run(self):
        target = HttpTarget()
        self.addCleanup(target.close)
        process = self.start_with_pipes(os.environ["WEIR"], "run", target.url, "--acked", "--to",
                                        self.endpoint, "-n", "1500", "-R", "500", "-q",
                                        "--run-id", "run")
        self.eventually_counted("run", 100)
        self.kill_broker()
        seen = len(target.requests)
        eventually(lambda: len(target.requests) > seen + 100, "load without a broker")
        self.start_broker()
        out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, err), (0, ""))
        self.assertTrue(re.search(r"^reported  1,500 hits, acknowledged all of 6,002 messages$", out,
                                  re.MULTILINE), out)
        self.check_counts("run", 1500, tests=1500)


if __name__ == "__main__":
    unittest.main()
