"""Flipped bits in what a killed broker left: each is noticed, only the records that were hit are
lost, and the broker says how many."""
import collections
import json
import pathlib
import random
import shutil
import struct
import tempfile
import unittest

from rig import LONG, SEED, Rig, eventually, say
from sender import encode
from truth import Truth

FLIPS = 10_000 if LONG else 200
BATCHES = 150    # of each sender, in the journal alone
HEADER = struct.Struct("<4sIIIHHIQq")  # as in store/journal_format.cpp
SEGMENT_HEADER_BYTES = 512
ACKED_BATCH = 2
OPTIONS = ("--set", "journal.segment_bytes=65536")

# kind 0 is a marker, "segment" the header of a file; batch is (worker, index).
Entry = collections.namedtuple("Entry", "path begin end kind batch")


def entries_of(path, batch_of):
    """Reads a segment with a reader of our own."""
    bytes_ = path.read_bytes()
    yield Entry(path, 0, SEGMENT_HEADER_BYTES, "segment", None)
    at = SEGMENT_HEADER_BYTES
    while bytes_[at:at + 4] == b"\xf7WJ1":
        _, _, _, body, key, kind, _, _, _ = HEADER.unpack_from(bytes_, at)
        end = at + HEADER.size + body
        yield Entry(path, at, end, kind, batch_of.get(bytes_[at + HEADER.size + key:end]))
        at = end


class Journal:
    """A folder as kill -9 leaves it: everything that was acknowledged is in the journal only."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder) / "killed"
        with Rig(options=OPTIONS) as rig:
            # No checkpoint after those at the start.
            if not rig.start(tick_ms=60_000):
                raise AssertionError("the broker did not start")
            rig.watch("broker/", lambda now: now["seq"] > 1, "the second tick")
            rig.send(2, hits=5, pause_s=0.001, batches_max=BATCHES)
            eventually(lambda: all(sender.is_idle() for sender in rig.senders), "acknowledgements")
            rig.kill()
            shutil.copytree(rig.folder, self.folder)
            self.batches = {sender.worker_id: sender.batches for sender in rig.senders}
        batch_of = {b"\n".join(encode(message, worker, "faults") for message in batch): (worker, i)
                    for worker, batches in self.batches.items() for i, batch in enumerate(batches)}
        paths = sorted((self.folder / "data").glob("journal-*.log"))
        self.entries = [entry for path in paths for entry in entries_of(path, batch_of)]
        found = [entry.batch for entry in self.entries if entry.batch]
        if sorted(found) != sorted(batch_of.values()):
            raise AssertionError(f"{len(found)} of {len(batch_of)} batches are in the journal")
        # Between the first and the last record of each sender: beyond them nobody can tell from the
        # journal what is missing of his.
        of_workers = [[i for i, entry in enumerate(self.entries)
                       if entry.batch and entry.batch[0] == worker] for worker in self.batches]
        self.candidates = [i for i in range(min(map(max, of_workers)))
                           if i not in map(min, of_workers)]

    def choose(self, chance, count):
        """Entries apart from each other, so that each damage is one."""
        chosen = []
        while len(chosen) < count:
            at = chance.choice(self.candidates)
            if all(abs(at - other) > 2 for other in chosen):
                chosen.append(at)
        return [self.entries[at] for at in chosen]


class BitFlipTest(unittest.TestCase):
    def start_on(self, journal, chance, count):
        """Starts a broker on a copy with so many flipped bits, and checks what it says and stores."""
        hit = journal.choose(chance, count)
        with Rig(options=OPTIONS) as rig:
            shutil.copytree(journal.folder, rig.folder, dirs_exist_ok=True)
            for entry in hit:
                path = rig.data / entry.path.name
                bytes_ = bytearray(path.read_bytes())
                bytes_[chance.randrange(entry.begin, entry.end)] ^= 1 << chance.randrange(8)
                path.write_bytes(bytes_)
            lost = {entry.batch for entry in hit if entry.batch}
            self.assertTrue(rig.start())
            segments = {entry.path.name + ".damaged" for entry in hit}
            eventually(lambda: {path.name for path in rig.data.glob("*.damaged")} == segments,
                       f"set aside: {sorted(segments)}")
            status = rig.watch("broker/", lambda _: True, "broker status")
            rig.stop()
            self.check(rig, journal, hit, lost, status)
        return len(hit)

    def check(self, rig, journal, hit, lost, status):
        records_hit = sum(entry.kind not in ("segment", 0) for entry in hit)
        said = json.loads(rig.query("SELECT detail FROM events WHERE kind = 'broker_started' "
                                    "ORDER BY id DESC LIMIT 1")[0][0])
        self.assertEqual((said["damages"], said["records_lost"]), (len(hit), records_hit), hit)
        self.assertEqual(rig.read_log().count("event=journal_damaged"), len(hit))
        self.assertEqual(status["acked"]["lost"], len(lost))
        left = {worker: [message for i, batch in enumerate(batches) if (worker, i) not in lost
                         for message in batch] for worker, batches in journal.batches.items()}
        self.assertEqual(Truth(left).differences(rig.db, "faults"), [], hit)

    def test_each_is_noticed_and_costs_what_it_hit(self):
        chance, flips = random.Random(f"{SEED}-flips"), 0
        with tempfile.TemporaryDirectory(prefix="weir-faults-") as folder:
            journal = Journal(folder)
            while flips < FLIPS:
                flips += self.start_on(journal, chance, 10)
        say("bit flips", f"{flips} of {flips} detected, no other record lost")


if __name__ == "__main__":
    unittest.main()
