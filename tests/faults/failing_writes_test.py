"""The n-th call that changes a file fails, with a full disk (until there is room again) or with an
I/O error (once): nothing acknowledged is lost, and the broker goes on or can be started again."""
import errno
import itertools
import os
import pathlib
import random
import signal
import time
import unittest

from rig import LONG, PATIENCE_S, SEED, Rig, eventually, say

LIBRARY = os.environ.get("WEIR_FAILING_WRITES")
WHERE = {"journal": "data/journal-", "results": "weir.db", "both": ""}  # beginnings of names
LIKELY_CALLS = {"journal": 60, "results": 150, "both": 200}
OPTIONS = ("--set", "journal.segment_bytes=65536", "--set", "store.checkpoint_s=0.2")
BATCHES = 25  # that a sender has acknowledged before the end of an undisturbed run
RESUMES_S = 5
SHORT_S = 40


class Attempt:
    def __init__(self, where, code, at):
        self.code, self.what = code, f"{errno.errorcode[code]} at call {at} on {where}"
        self.rig = Rig(options=OPTIONS)
        self.began, self.until = (pathlib.Path(str(self.rig.folder) + end)
                                  for end in ".began .until".split())
        self.failing = {"LD_PRELOAD": LIBRARY, "WEIR_FAIL_PATH": f"{self.rig.folder}/{WHERE[where]}",
                        "WEIR_FAIL_AT": str(at), "WEIR_FAIL_ERRNO": str(code),
                        "WEIR_FAIL_BEGAN": str(self.began), "WEIR_FAIL_UNTIL": str(self.until)}
        if code != errno.ENOSPC:
            self.failing["WEIR_FAIL_ONCE"] = "1"

    def make(self):
        """Returns the call that failed; empty: the run was over before it came to that."""
        try:
            with self.rig:
                self.rig.send(2, hits=5, pause_s=0.02)
                self.undergo()
                wrong = self.rig.differences()
                call = self.began.read_text() if self.began.exists() else ""
                if wrong:
                    raise AssertionError(f"{self.what} ({call}): " + "\n".join(wrong))
                return call
        finally:
            self.began.unlink(missing_ok=True)
            self.until.unlink(missing_ok=True)

    def undergo(self):
        if not self.rig.start(**self.failing):
            return self.start_again({1}, "start")
        eventually(lambda: self.began.exists() or min(self.progress()) > BATCHES,
                   f"{self.what}: calls, or acknowledgements")
        if self.began.exists():
            time.sleep(0.3)
            self.must_be_up()
            self.until.touch()
            if self.failed_for_good():
                self.rig.signal(signal.SIGTERM)
                return self.start_again({0, 1}, "stop")
            before = self.progress()
            eventually(lambda: all(now > then for now, then in zip(self.progress(), before)),
                       f"{self.what}: acknowledgements go on", RESUMES_S)
        self.until.touch()
        self.rig.finish_senders()
        self.must_be_up()
        is_late = not self.began.exists()
        if is_late:
            self.until.unlink()
        self.rig.signal(signal.SIGTERM)
        if self.rig.process.wait(timeout=PATIENCE_S) or is_late:
            self.start_again({0, 1} if is_late else {0}, "stop")

    def progress(self):
        return [sender.base for sender in self.rig.senders]

    def must_be_up(self):
        if not self.rig.is_up():
            raise AssertionError(f"{self.what}: the broker died: {self.rig.process.returncode}")

    def failed_for_good(self):
        """An I/O error of the journal is final, and a failed sync of the results file."""
        if self.code == errno.ENOSPC:
            return False
        status = self.rig.watch("broker/", lambda _: True, f"{self.what}: broker status")
        return status["journal"]["state"] == "failed" or status["store"]["sync_failed"]

    def start_again(self, codes, what):
        """After an end with one of these exit codes, without failures, from what there is."""
        code = self.rig.process.wait(timeout=PATIENCE_S)
        if code not in codes:
            raise AssertionError(f"{self.what}: the {what} ended with {code}")
        if not self.rig.start():
            raise AssertionError(f"{self.what}: does not start again")
        self.rig.finish_senders()
        self.rig.stop()


@unittest.skipUnless(LIBRARY, "WEIR_FAILING_WRITES is not set: run it by ctest or tools/dev/faults")
class FailingWritesTest(unittest.TestCase):
    def test_a_sample_of_calls(self):
        if LONG:
            self.skipTest("the long tier makes every call fail")
        chance, made, end = random.Random(f"{SEED}-writes"), 0, time.monotonic() + SHORT_S
        while time.monotonic() < end:
            where = chance.choice(list(WHERE))
            at = chance.randint(1, LIKELY_CALLS[where])
            made += bool(Attempt(where, chance.choice((errno.ENOSPC, errno.EIO)), at).make())
        self.assertGreater(made, 0)
        say("failing writes", f"{made} survived, acknowledged lost 0, doubled 0")

    def test_every_call(self):
        if not LONG:
            self.skipTest("the short tier takes a sample")
        for where, code in itertools.product(WHERE, (errno.ENOSPC, errno.EIO)):
            made = self.make_each(where, code)
            say("failing writes", f"{errno.errorcode[code]} on {where}: each of {made} calls "
                "survived, acknowledged lost 0, doubled 0")

    def make_each(self, where, code):
        """Until there are no more calls, of which a run has now a few more, now a few less."""
        made, beyond = 0, 0
        for at in itertools.count(1):
            reached = bool(Attempt(where, code, at).make())
            made, beyond = made + reached, 0 if reached else beyond + 1
            if beyond == 5:
                return made


if __name__ == "__main__":
    unittest.main()
