"""A full disk under the journal, the results file or both: nothing crashes, plain ingest goes on,
acknowledged ingest waits, and all resumes without a hand when there is room again."""
import contextlib
import signal
import threading
import time
import unittest

from image import disk
from plain import Pusher
from rig import Rig, SEED, eventually, say
from truth import Truth

RESUMES_S = STOPS_S = 5
FULL_S = 3
OPTIONS = ("--set", "journal.segment_bytes=65536", "--set", "store.checkpoint_s=0.5")


class Filler(threading.Thread):
    """Takes whatever room there is, and what becomes free."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.path, self.over = folder / "filler", threading.Event()
        self.start()

    def run(self):
        with open(self.path, "wb", buffering=0) as file:
            while not self.over.is_set():
                try:
                    file.write(bytes(4096))
                except OSError:
                    time.sleep(0.001)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()
        self.path.unlink(missing_ok=True)


class FullDiskTest(unittest.TestCase):
    def endure(self, rig, full, where):
        """Fills the disks in `full`, and makes room again. Returns how long it took to resume."""
        plain = Pusher(rig.endpoint("ingest"), "p0", "plain", f"{SEED}-plain")
        rig.send(2, hits=5)
        eventually(lambda: all(sender.base > 20 for sender in rig.senders), "acknowledgements")
        with contextlib.ExitStack() as fillers:
            for own in full:
                fillers.enter_context(Filler(own.path))
            self.check_full(rig, where)
        begin, before = time.monotonic(), [sender.base for sender in rig.senders]
        eventually(lambda: all(sender.base > then + 5 for sender, then in zip(rig.senders, before)),
                   "acknowledgements go on", RESUMES_S)
        rig.watch("broker/", lambda now: now["journal"]["state"] == "ok"
                  and now["store"]["last_error"] is None, "all is well", RESUMES_S)
        took = time.monotonic() - begin
        plain.stop()
        rig.watch("summary/plain/", lambda now: now["hits"]["count"] == len(plain.messages),
                  f"{len(plain.messages)} plain hits")
        rig.finish_senders()
        rig.stop()
        self.assertEqual(rig.differences(), [])
        self.assertEqual(Truth({"p0": plain.messages}).differences(rig.db, "plain"), [])
        return took

    def check_full(self, rig, where):
        def is_full(now):
            return (where == "results" or now["journal"]["state"] == "no_space") and \
                (where == "journal" or now["store"]["write_errors"] > 0)
        full = rig.watch("broker/", is_full, "the broker sees that the disk is full")
        plain = rig.watch("summary/plain/", lambda _: True, "live figures")["hits"]["count"]
        time.sleep(FULL_S)
        self.assertTrue(rig.is_up())
        later = rig.watch("broker/", lambda now: now["seq"] > full["seq"], "broker status")
        rig.watch("summary/plain/", lambda now: now["hits"]["count"] > plain + 50,
                  "plain ingest goes on")
        if where != "results":
            self.assertEqual(later["journal"]["state"], "no_space")
            self.assertGreater(later["acked"]["retry_later"], 0)
            self.assertTrue(all(sender.retry_later for sender in rig.senders))

    def test_room_comes_back(self):
        # Small file systems have blocks smaller than a page, of which mapped memory must beware.
        for where, block in (("journal", 4096), ("results", 1024), ("both", 4096), ("both", 1024)):
            with self.subTest(where, block_bytes=block), contextlib.ExitStack() as stack:
                data = stack.enter_context(disk("full disk", 24, block))
                results = stack.enter_context(disk("full disk", 24, block))
                full = {"journal": [data], "results": [results], "both": [data, results]}[where]
                rig = stack.enter_context(Rig(results.path, OPTIONS, data=data.path / "data"))
                self.assertTrue(rig.start())
                took = self.endure(rig, full, where)
                say("full disk", f"{where}, blocks of {block}: survived, resumed after {took:.1f} s, lost 0")

    def end_on_a_full_disk(self, end, block_bytes):
        """A broker that ends while the disk is full, is started, and gets room. Returns whether the
        start waited for that."""
        with disk("full disk", 24, block_bytes) as own, Rig(own.path, OPTIONS) as rig:
            self.assertTrue(rig.start())
            rig.send(2, hits=5)
            eventually(lambda: all(sender.base > 20 for sender in rig.senders), "acknowledgements")
            with Filler(own.path):
                rig.watch("broker/", lambda now: now["journal"]["state"] == "no_space"
                          and now["store"]["write_errors"] > 0, "the broker sees that it is full")
                end(rig)
                waits = rig.start()
                time.sleep(1)
                self.assertEqual(rig.process.poll(), None if waits else 1)
            self.assertTrue(waits or rig.start())
            before = [sender.base for sender in rig.senders]
            eventually(lambda: all(sender.base > then for sender, then in
                                   zip(rig.senders, before)), "acknowledgements go on", RESUMES_S)
            rig.finish_senders()
            rig.stop()
            self.assertEqual(rig.differences(), [])
            return waits

    def test_death_on_a_full_disk(self):
        for block in (1024, 4096):
            waits = self.end_on_a_full_disk(Rig.kill, block)
            say("full disk", f"blocks of {block}, killed and started while it was full: lost 0, "
                f"the start {'waited' if waits else 'was refused'}")

    def test_stop_on_a_full_disk(self):
        def stop(rig):
            rig.signal(signal.SIGTERM)
            self.assertEqual(rig.process.wait(timeout=STOPS_S), 1)
        waits = self.end_on_a_full_disk(stop, 1024)
        say("full disk", "stopped and started while it was full: lost 0, the start "
            f"{'waited' if waits else 'was refused'}")


if __name__ == "__main__":
    unittest.main()
