"""kill -9, at every place where it could hurt and at random: what was acknowledged counts once."""
import random
import time
import unittest

from rig import LONG, SEED, Rig, eventually, say

# Where to die, and how often the place is passed at most before.
POINTS = {"journal_write": 40, "journal_written": 40, "journal_synced": 40, "segment_created": 3,
          "ack": 60, "checkpoint": 6, "checkpointed": 2}
MOMENTS = ("any moment", "SIGTERM")
KILLS = 1000 if LONG else 20
# Small segments, so that they are begun and removed often.
OPTIONS = ("--set", "journal.segment_bytes=65536", "--set", "journal.group_ms=2")


def failpoint(chance, point):
    return f"{point}:{chance.randint(1, POINTS[point])}"


def acknowledged(rig):
    return sum(sender.base for sender in rig.senders)


def outlive(rig, chance, point):
    """One death under load; a broker that has to die early may not even come up."""
    if point in ("any moment", "SIGTERM"):
        if not rig.start():
            raise AssertionError("the broker did not start")
        time.sleep(chance.uniform(0.0, 0.8))
        rig.kill() if point == "any moment" else rig.stop()
    elif rig.start(WEIR_FAILPOINT=failpoint(chance, point)):
        if not rig.died(20):
            raise AssertionError(f"{point} was not passed often enough")
    else:
        rig.died(20)


def cycle(seed):
    """Up to three deaths on one file, then an orderly end. Returns (deaths, messages)."""
    chance = random.Random(seed)
    with Rig(options=OPTIONS) as rig:
        rig.send(chance.choice((2, 3)), hits=chance.choice((3, 20)))
        deaths = [chance.choice((*POINTS, *MOMENTS)) for _ in range(chance.randint(1, 3))]
        for point in deaths:
            outlive(rig, chance, point)
        if not rig.start():
            raise AssertionError("the broker did not start")
        before = acknowledged(rig)
        eventually(lambda: acknowledged(rig) > before + 5, "the senders go on")
        rig.finish_senders()
        rig.stop()
        wrong = rig.differences()
        if wrong:
            raise AssertionError(f"seed {seed!r}, {deaths}: " + "\n".join(wrong))
        return (len(deaths) - deaths.count("SIGTERM"),
                sum(len(batch) for sender in rig.senders for batch in sender.batches))


class KillTest(unittest.TestCase):
    def test_every_failpoint_and_any_moment(self):
        deaths = messages = cycles = 0
        while deaths < KILLS:
            died, sent = cycle(f"{SEED}-kill-{cycles}")
            deaths, messages, cycles = deaths + died, messages + sent, cycles + 1
        say("kill", f"{deaths} kills survived, {messages} messages, acknowledged lost 0, doubled 0")


if __name__ == "__main__":
    unittest.main()
