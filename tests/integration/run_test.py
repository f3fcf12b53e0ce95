"""weir run against an HTTP server that knows what it got and when it answered, and a broker's
socket that shows what was reported."""
import json
import re
import resource
import signal
import socket
import tempfile
import threading
import time
import unittest
from datetime import datetime

from fake_broker import FakeBroker, dead_endpoint, start_weir, weir
from http_target import HttpTarget, response


def of_type(messages, data_type):
    return [message for message in messages if message["data_type"] == data_type]


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class RunTest(unittest.TestCase):
    def setUp(self):
        self.broker = FakeBroker()
        self.addCleanup(self.broker.close)

    def target(self, answer=lambda request: response(200)):
        target = HttpTarget(answer)
        self.addCleanup(target.close)
        return target

    def load(self, url, *arguments, code=0):
        """Runs to the end. Returns what was printed, all messages, and the hits among them."""
        done = weir("run", url, "--to", self.broker.endpoint, *arguments)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        messages = self.broker.messages_until("stopTestRun")
        self.assertFalse(self.broker.has_more())
        return done, messages, of_type(messages, "add_hit")

    def test_each_request_is_a_test_with_one_hit(self):
        target = self.target()
        done, messages, hits = self.load(f"{target.url}/a?b=1", "-n", 60, "-c", 5,
                                         "--run-id", "r7", "--name", "nightly",
                                         "--tag", "branch=main", "--project", "p")
        self.assertEqual((len(target.requests), target.connections), (60, 5))
        self.assertEqual(len(messages), 2 + 4 * 60)
        for data_type in ("startTest", "add_hit", "addSuccess", "stopTest"):
            self.assertEqual(len(of_type(messages, data_type)), 60, data_type)
        self.assertEqual([message["seq"] for message in messages], list(range(1, 243)))
        self.assertEqual({message["run_id"] for message in messages}, {"r7"})
        self.assertEqual(len({(m["worker_id"], m["epoch"]) for m in messages}), 1)
        start = messages[0]
        self.assertEqual((start["data_type"], start["name"], start["project"], start["tags"]),
                         ("startTestRun", "nightly", "p", {"branch": "main"}))
        for hit in hits:
            self.assertEqual((hit["url"], hit["method"], hit["status"], hit["success"]),
                             (f"{target.url}/a?b=1", "GET", 200, True))
        self.assertEqual({hit["loads_status"][3] for hit in hits}, {1, 2, 3, 4, 5})
        self.assertEqual(sorted(hit["loads_status"][2] for hit in hits), list(range(1, 61)))
        self.assertEqual(of_type(messages, "startTest")[0]["test"], "GET /a")
        self.assertRegex(done.stdout, r"hits      60  failed 0 \(0 %\)")
        self.assertIn("reported  60 hits\n", done.stdout)
        self.assertIn("next      weir report r7 --wait\n", done.stdout)
        self.assertNotIn("\x1b", done.stdout + done.stderr)

    def test_bytes_are_those_on_the_wire(self):
        target = self.target(lambda request: response(200, b"x" * 5000, "X-More: y\r\n"))
        done, _, hits = self.load(target.url, "-n", 20, "-c", 2)
        self.assertEqual(sum(hit["bytes_sent"] for hit in hits),
                         sum(request.bytes for request in target.requests))
        self.assertEqual(sum(hit["bytes_received"] for hit in hits), target.bytes_answered)

    def test_a_body_of_any_size_arrives_and_its_bytes_count_once(self):
        for size in (0, 10, 3000, 70_000, 3_000_000):
            with self.subTest(size=size), tempfile.NamedTemporaryFile() as body:
                target = self.target()
                body.write(bytes(number % 251 for number in range(size)))
                body.flush()
                _, _, hits = self.load(target.url, "-n", 3, "-c", 1, "--data", f"@{body.name}",
                                       "-H", "Content-Type: application/x")
                for request, hit in zip(target.requests, hits):
                    self.assertEqual(request.method, "POST")
                    self.assertEqual(request.headers["Content-Type"], "application/x")
                    self.assertEqual(request.body, bytes(n % 251 for n in range(size)))
                    self.assertEqual(hit["bytes_sent"], request.bytes)
                    self.assertNotIn("Expect", request.headers)

    def test_a_method_and_a_body_can_be_given(self):
        target = self.target()
        self.load(target.url, "-n", 1, "-X", "PUT", "--data", '{"a":1}')
        self.assertEqual((target.requests[0].method, target.requests[0].body), ("PUT", b'{"a":1}'))

    def test_elapsed_and_first_byte_are_at_least_the_delay_of_the_server(self):
        def answer(request):
            time.sleep(0.08)
            return response(200)

        _, _, hits = self.load(self.target(answer).url, "-n", 8, "-c", 2)
        for hit in hits:
            self.assertGreaterEqual(hit["elapsed"], 0.08)
            self.assertGreaterEqual(hit["first_byte"], 0.08)
            self.assertLessEqual(hit["first_byte"], hit["elapsed"])

    def test_phases_of_connecting_are_there_only_for_requests_that_connected(self):
        _, _, hits = self.load(self.target().url, "-n", 30, "-c", 3)
        self.assertEqual(sum("connect" in hit for hit in hits), 3)
        self.assertEqual(sum("dns" in hit for hit in hits), 3)
        self.assertEqual(sum("tls" in hit for hit in hits), 0)
        self.assertEqual(sum("first_byte" in hit for hit in hits), 30)

    def test_a_rate_is_kept_and_starts_are_the_times_at_which_requests_were_due(self):
        target = self.target()
        done, _, hits = self.load(target.url, "-R", 100, "-n", 100)
        self.assertEqual(len(target.requests), 100)
        starts = sorted(moment(hit["started"]) for hit in hits)
        for number in range(100):
            self.assertAlmostEqual(starts[number] - starts[0], number / 100, places=4)
        self.assertRegex(done.stdout, r"sent_late \d+ more than 1 ms after they were due")

    def test_a_stall_is_felt_by_every_request_that_was_due_during_it(self):
        """Without the correction for coordinated omission only the ten requests that were under
        way would show it."""
        stalled = threading.Event()

        def answer(request):
            if request.number == 100:
                stalled.clear()
                threading.Timer(1.0, stalled.set).start()
            stalled.wait()
            return response(200)

        stalled.set()
        done, _, hits = self.load(self.target(answer).url, "-R", 100, "-n", 300, "-c", 10)
        self.assertEqual(len(hits), 300)
        slow = sorted(hit["elapsed"] for hit in hits if hit["elapsed"] > 0.1)
        self.assertGreaterEqual(len(slow), 85)
        self.assertGreaterEqual(slow[-1], 0.95)
        # Due evenly during the stall, they waited for evenly spread times.
        self.assertGreaterEqual(slow[len(slow) // 2], 0.4)
        self.assertGreaterEqual(
            int(re.search(r"sent_late ([\d,]+)", done.stdout)[1].replace(",", "")), 75)

    def test_requests_that_were_due_and_never_sent_are_counted(self):
        def answer(request):
            time.sleep(0.25)
            return response(200)

        done, _, hits = self.load(self.target(answer).url, "-R", 100, "-d", "1s", "-c", 2)
        not_sent = int(re.search(r"not sent +(\d+) that were due", done.stdout)[1])
        self.assertEqual(len(hits) + not_sent, 100)
        self.assertGreater(not_sent, 80)

    def test_a_ramp_lets_users_in_one_by_one(self):
        def answer(request):
            time.sleep(0.01)
            return response(200)

        target = self.target(answer)
        _, messages, hits = self.load(target.url, "-c", 5, "-n", 200, "--ramp", "500ms")
        opened = moment(messages[0]["time"])
        for user in range(1, 6):
            first = min(moment(hit["started"]) for hit in hits if hit["loads_status"][3] == user)
            self.assertGreaterEqual(first - opened, 0.1 * (user - 1))
        users = [hit["loads_status"][1]
                 for hit in sorted(hits, key=lambda hit: hit["loads_status"][2])]
        self.assertEqual(users, sorted(users))
        self.assertEqual(users[-1], 5)
        self.assertEqual(target.connections, 5)

    def test_a_ramped_rate_sends_half_during_the_ramp(self):
        target = self.target()
        _, _, hits = self.load(target.url, "-R", 100, "-n", 50, "--ramp", "1s")
        starts = sorted(moment(hit["started"]) for hit in hits)
        # The last of 50 is due at sqrt(2 * 49 / 100) s.
        self.assertAlmostEqual(starts[-1] - starts[0], 0.98995, places=4)

    def test_a_duration_ends_the_load_and_all_answers_are_awaited(self):
        def answer(request):
            time.sleep(0.2)
            return response(200)

        start = time.monotonic()
        target = self.target(answer)
        _, _, hits = self.load(target.url, "-c", 2, "-d", "500ms")
        self.assertGreaterEqual(time.monotonic() - start, 0.5)
        self.assertEqual(len(hits), len(target.requests))
        self.assertLessEqual(len(hits), 6)

    def test_a_status_outside_200_to_399_is_a_failed_test(self):
        target = self.target(lambda request: response(503 if request.number % 2 else 302))
        done, messages, hits = self.load(target.url, "-n", 10, "-c", 1)
        self.assertEqual([hit["success"] for hit in hits], [False, True] * 5)
        self.assertEqual({tuple(message["exc_info"]) for message in of_type(messages, "addFailure")},
                         {("HttpError", "status 503", "")})
        self.assertIn("status    302: 5  503: 5\n", done.stdout)
        self.assertIn("failed 5 (50.0 %)", done.stdout)

    def test_a_load_without_success_fails(self):
        target = self.target(lambda request: response(500))
        done, _, _ = self.load(target.url, "-n", 3, code=1)
        self.assertIn("\nweir: run: no request succeeded\n", done.stderr)

    def test_a_refused_connection_is_a_hit_without_status(self):
        done, messages, hits = self.load(f"http://127.0.0.1:{free_port()}/", "-n", 3, "-c", 1,
                                         code=1)
        for hit in hits:
            self.assertEqual((hit["status"], hit["success"], hit["error"]),
                             (0, False, "Couldn't connect to server"))
        self.assertEqual(of_type(messages, "addFailure")[0]["exc_info"],
                         ["TransportError", "Couldn't connect to server", ""])
        self.assertIn("no answer 3: Couldn't connect to server\n", done.stdout)

    def test_a_request_over_its_timeout_has_failed(self):
        target = self.target(lambda request: None)
        _, _, hits = self.load(target.url, "-n", 2, "-c", 2, "--timeout", "200ms", code=1)
        for hit in hits:
            self.assertEqual((hit["status"], hit["error"]), (0, "Timeout was reached"))
            self.assertGreaterEqual(hit["elapsed"], 0.2)

    def test_a_connection_closed_in_the_middle_of_an_answer_is_no_answer(self):
        target = self.target(lambda request: b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        target.read_one = target.read
        target.read = lambda stream: None if target.requests else target.read_one(stream)
        _, _, hits = self.load(target.url, "-n", 1, code=1)
        self.assertEqual((hits[0]["status"], hits[0]["success"]), (0, False))
        self.assertIn("error", hits[0])

    def test_user_and_password_are_sent_but_not_reported(self):
        target = self.target()
        done, messages, _ = self.load(target.url.replace("//", "//me:secret@"), "-n", 1)
        self.assertIn("Authorization", target.requests[0].headers)
        self.assertNotIn("secret", json.dumps(messages) + done.stdout + done.stderr)

    def test_a_load_that_the_system_refuses_is_no_run(self):
        allowed = (256, 256)  # more than the rest of it needs
        refused = weir("run", self.target().url, "-n", 500, "-c", 500, "--to", self.broker.endpoint,
                       preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, allowed))
        self.assertEqual((refused.returncode, refused.stdout), (1, ""))
        self.assertRegex(refused.stderr, r"^weir: .*500 users need 1600 open files")
        done = weir("run", self.target().url, "-n", 1, "--to", self.broker.endpoint,
                    "--run-id", "next")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(self.broker.message()["run_id"], "next")

    def test_there_are_no_more_users_than_hits(self):
        target = self.target()
        done, messages, _ = self.load(target.url, "-n", 3)
        self.assertEqual(target.connections, 3)
        self.assertEqual(messages[0]["scenario"], "3 users, 3 hits")
        self.assertIn("3 users, 3 hits\n", done.stdout)
        self.assertIn("3 users, 3 hits,", done.stderr)

    def test_without_a_broker_the_load_runs_and_the_end_says_so(self):
        target, endpoint = self.target(), dead_endpoint(self)
        done = weir("run", target.url, "-n", 50, "--to", endpoint)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(target.requests), 50)
        self.assertIn("reported  0 hits, not reported 50\n", done.stdout)
        self.assertIn(f"\nweir: run: nothing reported: no broker at {endpoint}\n", done.stderr)

    def test_an_interrupt_ends_the_load_and_the_run_properly(self):
        seen = threading.Event()

        def answer(request):
            seen.set()
            return response(200)

        process = start_weir("run", self.target(answer).url, "-d", "1h", "-c", "2", "-R", "50",
                             "--to", self.broker.endpoint)
        self.assertTrue(seen.wait(30))
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 97)
        self.assertIn("(stopped)\n", out)
        messages = self.broker.messages_until("stopTestRun")
        self.assertEqual(len(of_type(messages, "startTest")), len(of_type(messages, "stopTest")))

    def test_an_interrupt_does_not_wait_long_for_answers_that_do_not_come(self):
        seen = threading.Event()

        def answer(request):
            seen.set()

        process = start_weir("run", self.target(answer).url, "-d", "1h", "-c", "3",
                             "--to", self.broker.endpoint)
        self.assertTrue(seen.wait(30))
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=25)  # a request may take 30 s
        self.assertEqual(process.returncode, 97)
        self.assertRegex(out, r"cut off   \d unanswered when the test was stopped\n")
        self.assertEqual(len(self.broker.messages_until("stopTestRun")), 2)

    def test_a_run_gets_a_fresh_id_unless_loads_gives_one(self):
        target = self.target()
        ids = [self.load(target.url, "-n", 1)[1][0]["run_id"] for _ in range(2)]
        self.assertNotEqual(*ids)
        self.assertRegex(ids[0], r"^weir-run-\d{8}T\d{6}Z-[0-9a-f]{4}$")
        done = weir("run", target.url, "-n", 1, env={"LOADS_ZMQ_RECEIVER": self.broker.endpoint,
                                                     "LOADS_RUN_ID": "given"})
        self.assertEqual(done.returncode, 0)
        self.assertEqual(self.broker.message()["run_id"], "given")

    def test_wrong_usage_is_exit_2(self):
        for arguments in ([], ["ftp://h/"], ["http://h/", "-c", "0"], ["http://h/", "-d", "10"],
                          ["http://h/", "-d", "0s"], ["http://h/", "--timeout", "0s"],
                          ["http://h/", "-n", "-1"], ["http://h/", "-R", "0"], ["not a url"],
                          ["http://h/", "-H", "bad"], ["http://h/", "-X", "A B"],
                          ["http://h/", "--to", "h:1"], ["http://h/", "--tag", "x"],
                          ["http://h/", "--data", "@/nonexistent"], ["http://h/", "--run-id", "/"]):
            done = weir("run", *arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertRegex(done.stderr, r"^weir: run: .*\n$")
        self.assertIn("Example:", weir("run", "--help").stdout)


if __name__ == "__main__":
    unittest.main()
