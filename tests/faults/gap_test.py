"""Plain PUSH with seq and epoch: what was lost or came twice is counted exactly, per worker, also
across a broker that is killed."""
import os
import re
import subprocess
import time
import unittest

import zmq

from plain import Numbered, Pusher
from rig import LONG, SEED, Rig, eventually, say
from truth import Truth

WORKERS = 3
MESSAGES = 20_000 if LONG else 2_000  # of each worker
KILLS = 50 if LONG else 2


class GapTest(unittest.TestCase):
    def push(self, rig, workers, part):
        """The first or second half of what they have, taking turns."""
        halves = [worker.frames[:len(worker.frames) // 2] if part == 0 else
                  worker.frames[len(worker.frames) // 2:] for worker in workers]
        socket = rig.context.socket(zmq.PUSH)
        socket.linger = socket.sndtimeo = 20_000
        socket.connect(rig.endpoint("ingest"))
        for i in range(max(map(len, halves))):
            for half in halves:
                if i < len(half):
                    socket.send(half[i])
        socket.close()
        return sum(map(len, halves))

    def check_report(self, rig, true):
        report = subprocess.run([os.environ["WEIR"], "report", "faults", "--db", str(rig.db)],
                                capture_output=True, text=True, check=True,
                                env={**os.environ, "NO_COLOR": "1"}).stdout
        for worker, (missing, duplicate) in true.items():
            line = re.search(rf"^ *{worker} .*$", report, re.MULTILINE)
            self.assertIsNotNone(line, report)
            numbers = [int(number.replace(",", "")) for number in re.findall(r"[\d,]+", line[0])]
            self.assertIn(missing, numbers[1:], line[0])
            self.assertIn(duplicate, numbers[1:], line[0])

    def check_known_gaps(self, dies):
        workers = [Numbered(f"w{i}", "faults", f"{SEED}-gaps-{i}", MESSAGES)
                   for i in range(WORKERS)]
        with Rig(options=("--set", "journal.plain=os")) as rig:
            self.assertTrue(rig.start())
            sent = self.push(rig, workers, 0)
            if dies:
                rig.watch("broker/", lambda now: now["received"]["frames"] == sent and
                          now["journal"]["queue_bytes"] == 0, f"{sent} frames in the journal")
                rig.kill()
                self.assertTrue(rig.start())
            self.push(rig, workers, 1)
            true = {worker.worker_id: (worker.missing, worker.duplicate) for worker in workers}
            totals = [sum(column) for column in zip(*true.values())]
            hits = sum(len(worker.messages) for worker in workers)
            last = rig.watch("summary/faults/", lambda now: now["hits"]["count"] >= hits and
                             now["duplicate"] >= totals[1], f"{hits} hits")
            self.assertEqual([last["missing"], last["duplicate"]], totals)
            status = rig.watch("broker/", lambda _: True, "broker status")
            self.assertEqual([status["missing"], status["duplicate"]], totals)
            rig.stop()
            stored = {row[0]: row[1:] for row in
                      rig.query("SELECT worker_id, missing, duplicate FROM workers")}
            self.assertEqual(stored, true)
            truth = Truth({worker.worker_id: worker.messages for worker in workers})
            self.assertEqual(truth.differences(rig.db, "faults"), [])
            self.check_report(rig, true)
        return totals

    def test_known_gaps(self):
        missing, duplicate = self.check_known_gaps(dies=False)
        say("gaps", f"{missing} left out and {duplicate} repeated, all counted")

    def test_known_gaps_across_a_kill(self):
        missing, duplicate = self.check_known_gaps(dies=True)
        say("gaps", f"{missing} left out and {duplicate} repeated across a kill, all counted")

    def test_what_a_kill_costs_is_counted(self):
        for plain in ("off", "os"):
            with self.subTest(plain), Rig(options=("--set", f"journal.plain={plain}")) as rig:
                self.assertTrue(rig.start())
                pushers = [Pusher(rig.endpoint("ingest"), f"w{i}", "faults", f"{SEED}-{plain}-{i}",
                                  0.001) for i in range(WORKERS)]
                for _ in range(KILLS):
                    rig.watch("summary/faults/", lambda now: now["workers"]["total"] == WORKERS,
                              "all workers")
                    time.sleep(0.25)
                    rig.kill()
                    self.assertTrue(rig.start())
                before = [len(pusher.messages) for pusher in pushers]
                eventually(lambda: all(len(pusher.messages) > then + 100
                                       for pusher, then in zip(pushers, before)), "messages")
                for pusher in pushers:
                    pusher.stop()
                sent = sum(len(pusher.messages) for pusher in pushers)
                rig.watch("summary/faults/", lambda now: now["hits"]["count"] + now["missing"] ==
                          sent, f"{sent} hits or losses")
                rig.stop()
                stored = {row[0]: row[1:] for row in
                          rig.query("SELECT worker_id, messages + missing, duplicate FROM workers")}
                self.assertEqual(stored, {pusher.worker_id: (len(pusher.messages), 0)
                                          for pusher in pushers})
                lost = sent - rig.query("SELECT count FROM runs")[0][0]
                say("gaps", f"journal.plain={plain}: {KILLS} kills, {lost} of {sent} messages lost, "
                    "all counted")


if __name__ == "__main__":
    unittest.main()
