"""The live feed over HTTP: WebSocket and Server-Sent Events, to viewers that keep up and that do not."""
import asyncio
import json
import subprocess
import time
import unittest

import websockets

from broker_process import eventually, weir
from contract_requests import HIT, SANITIZED, start
from http_client import Http
from live_viewer import SlowViewer, events_of, topic_of

AT_ONCE_S = 1 if SANITIZED else 0.2
LARGE = 250  # labels of 4,000 bytes: summaries of more than a megabyte


def hit(run_id="r", **fields):
    return {**HIT, "run_id": run_id, **fields}


class Viewing(unittest.IsolatedAsyncioTestCase):
    settings = ()
    timeout_s = 1

    def setUp(self):
        self.broker = start("--set", f"http.viewer_timeout_s={self.timeout_s}", *self.settings)
        self.addCleanup(self.broker.__exit__)
        self.http = Http(self.broker)

    def begin(self, *run_ids):
        """Runs that are seen."""
        self.http.post_messages([hit(run_id) for run_id in run_ids])
        for run_id in run_ids:
            eventually(lambda: self.http.request("GET", f"/api/runs/{run_id}").status == 200, run_id)

    def end(self, run_id):
        self.assertEqual(self.http.request("POST", f"/api/runs/{run_id}/stop").status, 200)

    def watch(self, query="", **options):
        url = self.broker.endpoints["http"].replace("http", "ws", 1) + "/api/live" + query
        return websockets.connect(url, max_size=None, **options)

    async def hear(self, viewer, accept=lambda message: True):
        """The next message for which accept is true."""
        async with asyncio.timeout(20):
            while True:
                message = json.loads(await viewer.recv())
                if accept(message):
                    return message


class WebSocketTest(Viewing):
    async def test_the_first_frame_has_everything_and_comes_at_once(self):
        self.begin("r", "s")
        times = []
        for _ in range(5):
            began = time.monotonic()
            async with self.watch() as viewer:
                snapshot = json.loads(await viewer.recv())
                times.append(time.monotonic() - began)
        self.assertLess(min(times), AT_ONCE_S)
        self.assertEqual(snapshot["type"], "snapshot")
        topics = [topic_of(message) for message in snapshot["messages"]]
        self.assertEqual(sorted(topics), ["broker/", "run/r/", "run/s/", "runs/", "summary/r/",
                                          "summary/s/"])
        summary = snapshot["messages"][topics.index("summary/r/")]
        self.assertEqual(summary["hits"]["count"], 1)
        runs = snapshot["messages"][topics.index("runs/")]["runs"]
        self.assertEqual({run["run_id"] for run in runs}, {"r", "s"})
        recent = snapshot["recent"]["r"]
        self.assertEqual({len(column) for column in recent.values()}, {len(recent["t_ms"])})
        self.assertEqual(recent["t_ms"], sorted(recent["t_ms"]))

    async def test_then_comes_each_tick_as_on_the_feed(self):
        self.begin("r")
        async with self.watch("?topic=summary/r/") as viewer:
            snapshot = await self.hear(viewer)
            seqs = [message["seq"] for message in snapshot["messages"]]
            while len(seqs) < 10:
                seqs.append((await self.hear(viewer))["seq"])
            self.assertEqual(seqs, list(range(seqs[0], seqs[0] + 10)))
            self.http.post_messages([hit()])
            summary = await self.hear(viewer, lambda message: message["hits"]["count"] == 2)
        published = self.broker.watch("summary/r/", lambda each: each["seq"] >= summary["seq"], "it")
        self.assertEqual(set(published), set(summary))

    async def test_only_the_topics_that_are_asked_for(self):
        self.begin("r", "rr", "s")
        for query, expected in (("?topic=summary/r/", {"summary/r/"}),
                                ("?topic=summary/r", {"summary/r/", "summary/rr/"}),
                                ("?topic=runs/&topic=broker/", {"runs/", "broker/"}),
                                ("?topic=no/such/", set())):
            async with self.watch(query) as viewer:
                snapshot = await self.hear(viewer)
                found = {topic_of(message) for message in snapshot["messages"]}
                self.assertEqual(found, expected)
                if expected:
                    found = {topic_of(await self.hear(viewer)) for _ in range(2 * len(expected) + 2)}
                    self.assertEqual(found, expected)
        for target in ("/api/live?topics=x", "/api/live?" + "topic=x&" * 17):
            with SlowViewer(self.http, target) as refused:
                self.assertEqual(refused.status, 400)

    async def test_who_comes_late_sees_the_end_of_a_run(self):
        self.begin("r")
        self.end("r")
        async with self.watch("?topic=summary/r/&topic=run/r/") as viewer:
            snapshot = await self.hear(viewer)
        final = {message["type"]: message for message in snapshot["messages"]}
        self.assertEqual((final["summary"]["final"], final["summary"]["state"]),
                         (True, "aborted_by_user"))
        self.assertEqual(final["run"]["event"], "finished")

    async def test_the_end_is_told_when_the_broker_is_stopped(self):
        self.begin("r")
        async with self.watch("?topic=summary/r/") as viewer:
            await self.hear(viewer)
            self.broker.process.terminate()
            await self.hear(viewer, lambda message: message["final"])
            with self.assertRaises(websockets.ConnectionClosed) as closed:
                await self.hear(viewer, lambda message: False)
        self.assertEqual(closed.exception.rcvd.code, 1001)
        self.assertEqual(self.broker.process.wait(timeout=10), 0)

    async def test_what_viewers_say_is_answered_or_the_end(self):
        async with self.watch() as viewer:
            await asyncio.wait_for(await viewer.ping(), 5)
            await viewer.send("nothing is expected of it")
            await self.hear(viewer, lambda message: message["type"] == "broker")
            await viewer.send("x" * 5_000)
            with self.assertRaises(websockets.ConnectionClosed):
                await self.hear(viewer, lambda message: False)


class AccessTest(Viewing):
    async def refusal(self, status, **options):
        with self.assertRaises(websockets.InvalidStatusCode) as refused:
            await self.watch(**options)
        self.assertEqual(refused.exception.status_code, status)

    async def test_pages_of_others_see_nothing(self):
        own = self.broker.endpoints["http"]
        async with self.watch(origin=own) as viewer:
            await self.hear(viewer)
        for origin in ("http://evil.example", "null", own.replace("http:", "https:")):
            await self.refusal(403, origin=origin)

    async def test_a_token_in_the_header_or_a_session(self):
        tokens = {role: weir("token", "add", role, "--role", role, "--db", self.broker.db
                             ).stdout.strip() for role in ("viewer", "runner")}
        eventually(lambda: self.http.request("GET", "/api/runs").status == 401, "one is needed")
        await self.refusal(401)
        await self.refusal(401, extra_headers={"Cookie": "weir_session=x"})
        await self.refusal(403, extra_headers={"Authorization": f"Bearer {tokens['runner']}"})
        body = json.dumps({"token": tokens["viewer"]})
        cookie = self.http.request("POST", "/api/session", body).headers["Set-Cookie"]
        for headers in ({"Authorization": f"Bearer {tokens['viewer']}"},
                        {"Cookie": cookie.split(";")[0]}):
            async with self.watch(extra_headers=headers) as viewer:
                self.assertEqual((await self.hear(viewer))["type"], "snapshot")


class LargeViewing(Viewing):
    settings = ("--set", f"feed.labels_max={LARGE}", "--set", "limits.text_bytes=4096")

    def setUp(self):
        super().setUp()
        self.http.post_messages([hit(label=f"{number} " + "x" * 4_000) for number in range(LARGE)])
        eventually(lambda: self.http.request("GET", "/api/runs/r").status == 200,
                   "the run")

    def newest(self):
        return self.http.get("/api/runs/r/summary")["seq"]


class SlowViewerTest(LargeViewing):
    timeout_s = 20  # it is slow, and does not stand still

    async def test_a_slow_one_skips_to_the_newest(self):
        with SlowViewer(self.http, "/api/live?topic=summary/r/") as slow:
            first = slow.message()["messages"][0]["seq"]
            seqs = []
            for _ in range(6):
                before = self.newest()
                eventually(lambda: self.newest() >= before + 5, "five ticks")
                seqs.append(slow.message()["seq"])
            self.assertEqual(seqs, sorted(set(seqs)))
            self.assertGreater(seqs[-1] - first, 2 * len(seqs), "it missed some")
            # What was under way when it was asked for, and not what waits behind that.
            self.assertLess(before - seqs[-1], 15)


class StalledViewerTest(LargeViewing):
    async def test_a_stalled_one_is_dropped_and_nobody_else_is(self):
        before = self.http.metric("weir_memory_bytes")
        stalled = [SlowViewer(self.http, "/api/live?topic=summary/r/") for _ in range(20)]
        for each in stalled:
            self.addCleanup(each.__exit__)
        async with self.watch("?topic=summary/r/") as viewer:
            await self.hear(viewer)
            seqs = []
            end = time.monotonic() + 3
            while time.monotonic() < end:
                seqs.append((await self.hear(viewer))["seq"])
        self.assertEqual(len(seqs), len(set(seqs)))
        self.assertGreater(len(seqs), 5)
        newest = self.newest()
        for each in stalled:
            last = 0
            while (message := each.message()) is not None:
                last = message.get("seq", 0)
            self.assertLess(last, newest - 5, "it was dropped two seconds ago")
        grown = self.http.metric("weir_memory_bytes") - before
        self.assertLess(grown, 1_000e6 if SANITIZED else 100e6)

    async def test_those_who_go_without_a_word_are_noticed(self):
        for _ in range(50):
            SlowViewer(self.http, "/api/live?topic=summary/r/").__exit__()
        self.assertEqual(self.http.request("GET", "/healthz").status, 200)
        self.assertEqual(self.broker.stop()[0], 0)


class EventStreamTest(Viewing):
    def curl(self, query, seconds, *options):
        return subprocess.run(
            ["curl", "-sN", "-m", str(seconds), *options,
             self.broker.endpoints["http"] + "/api/live/sse" + query],
            capture_output=True, text=True, check=False).stdout

    def test_curl_sees_what_a_websocket_sees(self):
        self.begin("r")
        events = events_of(self.curl("", 2))
        kind, snapshot = events[0]
        self.assertEqual((kind, snapshot["type"]), ("snapshot", "snapshot"))
        self.assertEqual({topic_of(message) for message in snapshot["messages"]},
                         {"broker/", "run/r/", "runs/", "summary/r/"})
        for kind, message in events:
            self.assertEqual(kind, message["type"])
        seqs = [message["seq"] for kind, message in events if kind == "summary"]
        self.assertGreater(len(seqs), 5)
        self.assertEqual(seqs, list(range(seqs[0], seqs[0] + len(seqs))))
        self.assertEqual({kind for kind, _ in events[1:]} - {"run"}, {"summary", "broker", "runs"})

    def test_topics_and_headers(self):
        self.begin("r")
        text = self.curl("?topic=broker/", 1, "-i")
        head, _, stream = text.partition("\n\n")
        self.assertIn("200", head.splitlines()[0])
        self.assertIn("content-type: text/event-stream", head.lower())
        self.assertEqual({kind for kind, _ in events_of(stream)}, {"snapshot", "broker"})

    def test_the_end_is_told_and_the_stream_ends(self):
        self.begin("r")
        with subprocess.Popen(
                ["curl", "-sN", "-m", "20",
                 self.broker.endpoints["http"] + "/api/live/sse?topic=summary/r/"],
                stdout=subprocess.PIPE, text=True) as curl:
            self.assertEqual(curl.stdout.readline(), "event: snapshot\n")
            self.assertEqual(self.broker.stop()[0], 0)
            events = events_of("event: snapshot\n" + curl.stdout.read())
        self.assertTrue(events[-1][1]["final"])
        self.assertIn(curl.returncode, (0, 18))  # 18: without a length its end looks cut off


if __name__ == "__main__":
    unittest.main()
