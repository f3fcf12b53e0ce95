"""The C++ example is a real load test: what it reports is what the server saw."""
import os
import subprocess
import unittest
from collections import Counter

from fake_broker import WEIR, FakeBroker
from http_target import HttpTarget, response

EXAMPLE = os.path.join(os.path.dirname(WEIR), "weir_cpp_example")


class CppExampleTest(unittest.TestCase):
    def test_it_reports_every_request_and_every_outcome(self):
        target = HttpTarget(lambda request: response(503 if request.path == "/checkout" else 200))
        self.addCleanup(target.close)
        broker = FakeBroker()
        self.addCleanup(broker.close)
        done = subprocess.run([EXAMPLE, target.url, "2", "1"], capture_output=True, text=True,
                              timeout=60,
                              env=os.environ | {"LOADS_ZMQ_RECEIVER": broker.endpoint})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        sent = int(done.stdout.split(": ")[1].split()[0])
        messages = [broker.message() for _ in range(sent)]
        self.assertFalse(broker.has_more())

        seen = Counter((request.method, request.path) for request in target.requests)
        hits = [message for message in messages if message["data_type"] == "add_hit"]
        self.assertEqual(Counter((hit["method"], hit["url"].removeprefix(target.url))
                                 for hit in hits), seen)
        types = Counter(message["data_type"] for message in messages)
        self.assertEqual((types["startTestRun"], types["stopTestRun"]), (2, 2))
        self.assertEqual(types["addFailure"], seen["POST", "/checkout"])
        self.assertEqual(types["addSuccess"], 3 * types["addFailure"])
        self.assertEqual(types["rounds"], types["addFailure"])
        self.assertEqual(len({message["worker_id"] for message in messages}), 2)
        self.assertEqual(len({message["run_id"] for message in messages}), 1)


if __name__ == "__main__":
    unittest.main()
