"""Every example of docs/http-api.md does what the page says, in its order."""
import json
import re
import subprocess
import sys
import tempfile
import unittest

from api_contract import SOURCE, routes_of_source
from broker_process import eventually
from contract_requests import HIT, start
from http_client import Http

PAGE = (SOURCE / "docs/http-api.md").read_text(encoding="utf-8")


def examples(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


class HttpDocsTest(unittest.TestCase):
    def setUp(self):
        self.broker = start()
        self.addCleanup(self.broker.__exit__)

    def here(self, text):
        """With the port of this broker."""
        return text.replace("http://127.0.0.1:7070", self.broker.endpoints["http"]).replace(
            "ws://127.0.0.1:7070", self.broker.endpoints["http"].replace("http", "ws", 1))

    def test_each_command_in_order(self):
        said = []
        with tempfile.TemporaryDirectory() as folder:
            for text in examples("sh"):
                done = subprocess.run(["bash", "-euc", self.here(text)], cwd=folder, text=True,
                                      capture_output=True, timeout=60, check=False)
                self.assertEqual((done.returncode, done.stderr), (0, ""), text + done.stdout)
                self.assertNotIn('{"error":{', done.stdout, text)
                said.append(done.stdout)
        sent, keyed, results, stopped, changed, live, metrics = said
        self.assertIn(sent, PAGE)
        self.assertEqual([part.count('"accepted":1') for part in keyed.split("}{")], [1, 1])
        self.assertEqual((keyed.count('"replayed":false'), keyed.count('"replayed":true')), (1, 1))
        for part in ('"total":1', '"99.99"', '"checkout"', '"buckets"', "demo-1"):
            self.assertIn(part, results)
        self.assertIn("aborted_by_user", stopped)
        self.assertIn('"points":[{', stopped)
        self.assertTrue(changed.endswith("409\n204\n"), changed)
        self.assertTrue(live.startswith("event: snapshot\n"), live[:100])
        self.assertIn("\nevent: broker\n", live)
        self.assertIn("\nweir_messages_decoded_total ", metrics)

    def test_the_viewer_in_python(self):
        Http(self.broker).post_messages([{**HIT, "run_id": "r"}])
        text, = examples("python")
        with subprocess.Popen([sys.executable, "-uc", self.here(text)], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as viewer:
            self.addCleanup(viewer.kill)
            for _ in range(3):
                self.assertEqual(viewer.stdout.readline(), "r 1 10.0\n")
            viewer.kill()

    def test_the_error_is_one_that_is_given(self):
        Http(self.broker).post_messages([{**HIT, "run_id": "r"}])
        answer = eventually(lambda: self.bad_step(), "the run")
        self.assertEqual(answer, json.loads(examples("json")[0]))

    def bad_step(self):
        answer = Http(self.broker).request("GET", "/api/runs/r/timeline?step=1ms")
        return answer.json() if answer.status == 400 else None

    def test_every_route_is_on_the_page(self):
        table = PAGE.partition("## Routes")[2].partition("## Messages")[0]
        listed = set()
        for line in table.splitlines():
            route = line.split("|")[1] if line.startswith("| `") else ""
            last = ""
            for path in re.findall(r"(/[\w{}./]*)`", route):
                is_part = path.count("/") == 1 and last.startswith("/api/runs/{run}/")
                last = path = "/api/runs/{run}" + path if is_part else path
                listed.add(path)
        self.assertEqual({path for _, path in routes_of_source()} - listed, set())


if __name__ == "__main__":
    unittest.main()
