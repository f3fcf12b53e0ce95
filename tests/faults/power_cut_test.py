"""Power cuts: only what was synced is there when the broker starts again."""
import random
import time
import unittest

from image import disk
from rig import LONG, SEED, Rig, say

CUTS = 200 if LONG else 10
OPTIONS = ("--set", "journal.segment_bytes=262144")


def cycle(seed, *options):
    """Up to three cuts on one file, then an orderly end. Returns (cuts, messages, what is wrong)."""
    chance = random.Random(seed)
    cuts = chance.randint(1, 3)
    with disk("power cut", 64) as own, Rig(own.path, (*OPTIONS, *options)) as rig:
        rig.send(2, hits=chance.choice((3, 20)))
        for _ in range(cuts):
            if not rig.start():
                raise AssertionError("the broker did not start")
            time.sleep(chance.uniform(0.1, 1.5))
            own.cut(rig.process)
        if not rig.start():
            raise AssertionError("the broker did not start after a power cut")
        rig.finish_senders()
        rig.stop()
        sent = sum(len(batch) for sender in rig.senders for batch in sender.batches)
        return cuts, sent, rig.differences()


class PowerCutTest(unittest.TestCase):
    def test_what_was_acknowledged_is_there(self):
        cuts = sent = cycles = 0
        while cuts < CUTS:
            seed = f"{SEED}-cut-{cycles}"
            more_cuts, more_sent, wrong = cycle(seed)
            self.assertEqual(wrong, [], seed)
            cuts, sent, cycles = cuts + more_cuts, sent + more_sent, cycles + 1
        say("power cut", f"{cuts} cuts survived, {sent} messages, acknowledged lost 0, doubled 0")

    def test_a_broker_that_does_not_wait_for_the_disk_is_found_out(self):
        """Else this rig would prove nothing."""
        _, _, wrong = cycle(f"{SEED}-control", "--set", "journal.acked=os")
        self.assertNotEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
