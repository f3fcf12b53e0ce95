"""Somebody sets the machine's clock: runs neither end nor wait for that, nor change their times."""
import os
import time
import unittest

from rig import Rig, eventually, say

SET_BY_S = (7_200, -7_200, 0)
RUN_S = 600  # no run of this test lasts so long


class ClockTest(unittest.TestCase):
    def start(self, rig):
        self.clock = rig.folder / "clock"
        self.assertTrue(rig.start(LD_PRELOAD=os.environ["WEIR_SET_CLOCK"],
                                  WEIR_CLOCK=str(self.clock)))

    def set(self, seconds):
        new = self.clock.with_suffix(".new")
        new.write_text(str(seconds))
        os.replace(new, self.clock)

    def go_on(self, rig):
        before = [sender.base for sender in rig.senders]
        eventually(lambda: all(sender.base > then + 20 for sender, then in
                               zip(rig.senders, before)), "acknowledgements")
        summary = rig.watch("summary/faults/", lambda _: True, "the run")
        self.assertEqual(summary["state"], "running")

    def finish(self, rig, placed=True):
        rig.finish_senders()
        rig.stop()
        # What comes from another time, as far as the broker can tell, is placed by its arrival.
        wrong = [what for what in rig.differences()
                 if placed or not what.startswith(("second ", "ten seconds ", "test "))]
        self.assertEqual(wrong, [])
        self.assertEqual(rig.query("SELECT run_id FROM runs"), [("faults",)])

    def test_the_clock_is_set_while_a_run_goes_on(self):
        with Rig(options=("--set", "run.idle_timeout_s=30")) as rig:
            begin = time.time()
            self.start(rig)
            rig.send(2, hits=5)
            self.go_on(rig)
            for times, seconds in enumerate(SET_BY_S, 1):
                self.set(seconds)
                rig.watch("broker/", lambda _: rig.read_log().count("event=clock_set") == times,
                          "the broker sees it")
                self.go_on(rig)
            self.finish(rig)
            started, ended = rig.query("SELECT started_us / 1e6, ended_us / 1e6 FROM runs")[0]
            self.assertTrue(begin - 1 < started < ended < begin + RUN_S, (begin, started, ended))
            say("clock", "set by 2 hours, forwards and backwards: no run ended, lost 0")

    def test_the_clock_is_set_while_the_broker_is_dead(self):
        with Rig(options=("--set", "run.idle_timeout_s=30")) as rig:
            self.start(rig)
            rig.send(2, hits=5)
            self.go_on(rig)
            for seconds in SET_BY_S:
                rig.kill()
                self.set(seconds)
                self.start(rig)
                self.go_on(rig)
            self.finish(rig, placed=False)
            say("clock", "set by 2 hours while the broker was dead: the run went on, lost 0")


if __name__ == "__main__":
    unittest.main()
