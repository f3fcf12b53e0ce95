"""An hour of load with a death every minute, on one file: exact to the message, in bounded memory."""
import random
import time
import unittest

from rig import LONG, SEED, Rig, say

SOAK_S, DEATH_S = 3600, 60
MEMORY_BYTES = 256 << 20


class SoakTest(unittest.TestCase):
    @unittest.skipUnless(LONG, "the long tier")
    def test_an_hour(self):
        chance, deaths, memory = random.Random(f"{SEED}-soak"), 0, 0
        end = time.monotonic() + SOAK_S
        with Rig(options=("--set", "journal.segment_bytes=1048576")) as rig:
            self.assertTrue(rig.start())
            rig.send(3, pause_s=0.05)
            while time.monotonic() < end:
                time.sleep(min(chance.uniform(0, 2 * DEATH_S), max(0, end - time.monotonic())))
                status = rig.watch("broker/", lambda _: True, "broker status")
                memory = max(memory, status["memory_bytes"])
                rig.kill() if chance.random() < 0.7 else rig.stop()
                deaths += 1
                self.assertTrue(rig.start())
            rig.finish_senders()
            rig.stop()
            self.assertEqual(rig.differences(), [])
            self.assertLess(memory, MEMORY_BYTES)
            sent = sum(len(batch) for sender in rig.senders for batch in sender.batches)
            say("soak", f"{SOAK_S} s, {deaths} deaths and stops, {sent} messages, at most "
                f"{memory >> 20} MiB, acknowledged lost 0, doubled 0")


if __name__ == "__main__":
    unittest.main()
