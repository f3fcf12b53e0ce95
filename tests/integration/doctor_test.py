"""weir doctor: what it finds in the files of a broker that was killed, and what it makes of them."""
import os
import pathlib
import shutil
import sqlite3
import tempfile
import unittest

from broker_process import BrokerProcess, eventually, weir
from journal_files import crashed_store, hits, send_acked

HITS = 500


class DoctorTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.template = tempfile.TemporaryDirectory(prefix="weir-test-")
        cls.addClassCleanup(cls.template.cleanup)
        crashed_store(cls.template.name, hits_count=HITS)

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="weir-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        shutil.copytree(self.template.name, self.folder, dirs_exist_ok=True)
        self.db = self.folder / "weir.db"
        self.segment = self.folder / "weir-data" / "journal-00000000000000000001.log"

    def doctor(self, *arguments, code):
        finished = weir("doctor", "--db", self.db, *arguments)
        self.assertEqual(finished.returncode, code, finished.stdout + finished.stderr)
        return finished.stdout

    def remove_database(self):
        for path in self.folder.glob("weir.db*"):
            path.unlink()

    def counts(self, db=None):
        """Hits of each run: the run's own figure and the sum of its labels."""
        database = sqlite3.connect(f"file:{db or self.db}?mode=ro", uri=True)
        self.addCleanup(database.close)
        self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        self.assertEqual(database.execute("PRAGMA foreign_key_check").fetchall(), [])
        return {run_id: (count, labels) for run_id, count, labels in database.execute(
            "SELECT run_id, count, (SELECT sum(count) FROM labels WHERE run = runs.id) FROM runs")}

    def counts_after_serve(self):
        """The same once a broker has gone on with the files and has been stopped."""
        with BrokerProcess(db=str(self.db)) as broker:
            self.assertEqual(broker.stop()[0], 0, broker.read_log())
            return self.counts(), broker.read_log()

    BOTH = {"a": (HITS, HITS), "b": (HITS, HITS)}

    def test_files_of_a_crash_are_well_and_left_as_they_are(self):
        before = self.segment.read_bytes()
        said = self.doctor(code=0)
        self.assertNotIn("problem", said)
        self.assertIn("not in the results file yet; weir serve reads them", said)
        self.assertEqual(self.segment.read_bytes(), before)
        self.assertEqual(self.counts_after_serve()[0], self.BOTH)

    def test_the_journal_is_not_touched_while_a_broker_runs(self):
        with BrokerProcess(db=str(self.db)) as broker:
            self.assertIn(f"pid {broker.process.pid}", self.doctor(code=0))
            refused = weir("doctor", "--db", self.db, "--repair")
            self.assertEqual(refused.returncode, 1)
            self.assertIn("a broker is running", refused.stderr)

    def test_a_deleted_file_is_rebuilt_from_the_journal(self):
        self.remove_database()
        self.assertIn("problem results file", self.doctor(code=1))
        self.assertFalse(self.db.exists())
        self.assertIn("repaired results file", self.doctor("--repair", code=0))
        self.assertEqual(self.counts(), self.BOTH)
        counts, log = self.counts_after_serve()
        self.assertEqual(counts, self.BOTH)
        self.assertIn("event=recovered runs=2 records=0", log)

    def test_a_rebuilt_file_still_counts_each_batch_once(self):
        self.remove_database()
        self.doctor("--repair", code=0)
        with BrokerProcess("--tick-ms", "100", db=str(self.db)) as broker:
            send_acked(broker, hits("b", 10))
            eventually(lambda: broker.query("SELECT 1 FROM runs WHERE run_id = 'b' AND count = ?",
                                            HITS + 10), "more hits for a run that was rebuilt")

    def test_windows_of_many_labels_come_through_a_rebuild(self):
        labels = 200
        with BrokerProcess("--tick-ms", "100", db=str(self.db)) as broker:
            send_acked(broker, "".join(hits("many", 1).replace('"url"', f'"label": "l{label}", "url"')
                                       for label in range(labels)))
            broker.process.kill()
            broker.process.wait()
        self.remove_database()
        self.doctor("--repair", code=0)
        self.counts_after_serve()
        rebuilt = sqlite3.connect(self.db)
        self.addCleanup(rebuilt.close)
        self.assertEqual(rebuilt.execute(
            "SELECT count(DISTINCT label), sum(count) FROM intervals WHERE label > 0 AND run = "
            "(SELECT id FROM runs WHERE run_id = 'many')").fetchone(), (labels, labels))

    def test_a_file_that_is_no_database_is_set_aside_and_rebuilt(self):
        self.remove_database()
        self.db.write_bytes(b"no database at all " * 1000)
        said = self.doctor("--repair", code=0)
        self.assertIn("nothing of it could be read", said)
        self.assertEqual(self.counts(), self.BOTH)
        aside = list(self.folder.glob("weir.db.damaged-*Z"))
        self.assertEqual([path.read_bytes()[:11] for path in aside], [b"no database"])

    def test_a_file_given_by_mistake_stays_as_it_is(self):
        notes = self.folder / "notes.txt"
        notes.write_text("buy milk\n")
        self.db = notes
        self.assertIn("problem results file", self.doctor(code=1))
        self.assertIn("problem results file", self.doctor("--repair", code=1))
        self.assertEqual(notes.read_text(), "buy milk\n")

    def test_of_a_damaged_file_the_readable_tables_are_kept(self):
        database = sqlite3.connect(self.db)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        pages = [row[0] for row in database.execute(
            "SELECT pageno FROM dbstat WHERE name = 'hits' AND pagetype = 'leaf'")] \
            if self.has_dbstat(database) else []
        root, size = database.execute(
            "SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_schema "
            "WHERE name = 'hits'").fetchone()
        database.close()
        with open(self.db, "r+b") as file:
            file.seek((pages[-1] if pages else root) * size - size)
            file.write(b"\xff" * size)
        self.assertIn("problem results file", self.doctor(code=1))
        said = self.doctor("--repair", code=0)
        self.assertRegex(said, r"unreadable: hits after row \d+")
        self.assertEqual(self.counts(), self.BOTH)
        self.assertEqual(self.counts_after_serve()[0], self.BOTH)

    @staticmethod
    def has_dbstat(database):
        try:
            database.execute("SELECT 1 FROM dbstat LIMIT 1").fetchall()
            return True
        except sqlite3.OperationalError:
            return False

    def test_the_journal_of_a_file_that_is_gone_becomes_a_file_of_its_own(self):
        self.remove_database()
        with BrokerProcess("--data", str(self.folder / "other"), "--tick-ms", "100",
                           db=str(self.db)) as broker:
            send_acked(broker, hits("mine", 7))
            self.assertEqual(broker.stop()[0], 0)
        self.assertIn("of another results file", self.doctor(code=1))
        self.doctor("--repair", code=0)
        rebuilt = [path for path in self.folder.glob("weir.db.rebuilt-*Z")]
        self.assertEqual(self.counts(rebuilt[0]), self.BOTH)
        self.assertEqual(self.counts(), {"mine": (7, 7)})
        self.assertEqual(self.counts_after_serve()[0], {"mine": (7, 7)})

    def test_a_damaged_segment_is_set_aside_once_its_good_records_are_in_the_file(self):
        with open(self.segment, "r+b") as file:
            file.seek(600)
            file.write(os.urandom(64))
        self.assertIn("problem journal", self.doctor(code=1))
        self.assertIn("repaired journal", self.doctor("--repair", code=0))
        self.assertTrue(self.segment.with_name(self.segment.name + ".damaged").exists())
        # What the damage hit had been in the file.
        self.assertEqual(self.counts(), self.BOTH)

    def test_a_data_folder_open_to_others_and_a_key_are_found(self):
        key = self.folder / "weir-data" / "token"
        key.write_text("secret")
        key.chmod(0o644)
        key.parent.chmod(0o755)
        said = self.doctor(code=1)
        self.assertIn("problem data folder", said)
        self.assertIn("chmod 700", said)
        self.assertIn(f"problem key file: {key} may be read by others; chmod 600 {key}", said)
        self.doctor("--repair", code=0)
        self.assertEqual([path.stat().st_mode & 0o777 for path in (key.parent, key)],
                         [0o700, 0o600])

    def test_lists_that_a_broker_would_not_start_with_are_found(self):
        for name in ("tokens", "curve-clients"):
            with self.subTest(name):
                path = self.folder / "weir-data" / name
                path.write_text("no such line\n")
                path.chmod(0o600)
                said = self.doctor(code=1)
                self.assertIn("problem list: ", said)
                self.assertIn(name, said)
                path.unlink()

    def test_an_older_copy_of_the_file_is_found(self):
        store = self.folder / "small"
        store.mkdir()
        crashed_store(store, 20_000, settings=["journal.segment_bytes=1048576"])
        self.db = store / "weir.db"
        first = min((store / "weir-data").glob("journal-*.log"))
        if "00000000000000000001" in first.name:  # no segment went yet
            first.unlink()
        database = sqlite3.connect(self.db)
        database.execute("UPDATE checkpoint SET position = 1")
        database.commit()
        database.close()
        self.assertRegex(self.doctor(code=1), "problem journal: records 1 to [0-9]+ are lost")

    def test_nothing_there_yet_is_said(self):
        self.db = self.folder / "new" / "weir.db"
        self.db.parent.mkdir()
        said = self.doctor(code=1)
        self.assertIn("weir serve makes a new one", said)
        self.assertEqual(list(self.db.parent.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
