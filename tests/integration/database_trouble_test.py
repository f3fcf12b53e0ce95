"""weir serve with a results file or data folder that it cannot use: one line on stderr says what,
where, and what to do, and the exit code is 1."""
import fcntl
import os
import pathlib
import shutil
import sqlite3
import tempfile
import unittest

from broker_process import ANYWHERE, BrokerProcess, weir
from journal_files import crashed_store

SOCKETS = [part for flag in ANYWHERE.items() for part in flag]
NOBODY = 65534


class DatabaseTroubleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """The files of a broker that was killed: 100 hits in the journal, some in the database."""
        cls.template = tempfile.TemporaryDirectory(prefix="weir-test-")
        cls.addClassCleanup(cls.template.cleanup)
        crashed_store(cls.template.name, hits_count=100)

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="weir-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        shutil.copytree(self.template.name, self.folder, dirs_exist_ok=True)
        self.db = self.folder / "weir.db"

    def refusal(self, *arguments, **options):
        """What serve says instead of starting."""
        finished = weir("serve", "--db", self.db, *SOCKETS, "--set", "store.busy_timeout_s=0.1",
                        *arguments, **options)
        self.assertEqual(finished.returncode, 1, finished.stdout + finished.stderr)
        self.assertEqual(finished.stderr.count("\n"), 1, finished.stderr)
        self.assertTrue(finished.stderr.startswith("weir: serve: "), finished.stderr)
        return finished.stderr

    def refusal_of_nobody(self):
        """The same for a user who may not do everything."""
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        return self.refusal(**user)

    def open_to_all(self):
        for path in (self.folder, *self.folder.rglob("*")):
            path.chmod(0o777 if path.is_dir() else 0o666)

    def remove_database(self):
        for path in self.folder.glob("weir.db*"):
            path.unlink()

    def assert_says(self, line, *parts):
        for part in (*parts, "weir.db"):
            self.assertIn(part, line)

    def test_a_deleted_file_of_which_there_is_a_journal(self):
        self.remove_database()
        for _ in range(2):  # and it stays so: no new file is made
            self.assert_says(self.refusal(), "is gone", "weir-data", "weir doctor --repair",
                             "--data")
        self.assertFalse(self.db.exists())

    def test_a_file_that_is_not_the_journals(self):
        self.remove_database()
        sqlite3.connect(self.db).close()
        with BrokerProcess("--data", str(self.folder / "other"), db=str(self.db)) as broker:
            broker.stop()
        self.assert_says(self.refusal(), "journal of another results file", "weir doctor --repair")

    def test_a_file_that_is_no_database(self):
        self.remove_database()
        self.db.write_bytes(b"no database at all " * 1000)
        self.assert_says(self.refusal(), "not a database", "--db", "weir doctor --repair")
        self.assertTrue(self.db.read_bytes().startswith(b"no database"))

    def test_a_file_of_another_program(self):
        self.remove_database()
        database = sqlite3.connect(self.db)
        database.execute("CREATE TABLE theirs (a)")
        database.close()
        self.assert_says(self.refusal(), "another program", "--db")

    def test_a_file_of_a_newer_weir(self):
        database = sqlite3.connect(self.db)
        database.execute("PRAGMA user_version = 99")
        database.close()
        self.assert_says(self.refusal(), "version 99", "newer weir")

    def test_a_damaged_file(self):
        sqlite3.connect(self.db).execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        with open(self.db, "r+b") as file:
            file.seek(100)
            file.write(os.urandom(4096))
        self.assert_says(self.refusal(), "malformed", "weir doctor")

    def test_a_folder(self):
        self.remove_database()
        self.db.mkdir()
        self.assert_says(self.refusal(), "is a folder", "--db")

    def test_a_missing_folder_around_it(self):
        self.db = self.folder / "nowhere" / "weir.db"
        self.assert_says(self.refusal(), "there is no folder", "make it")

    def test_a_file_that_another_program_has_locked(self):
        other = sqlite3.connect(self.db, isolation_level=None)
        self.addCleanup(other.close)
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        self.assert_says(self.refusal(), "locked", "another program", "store.busy_timeout_s")

    def test_a_file_that_another_broker_writes(self):
        with open(self.folder / "weir.db.lock", "w", encoding="utf-8") as lock:
            lock.write("4711\n")
            lock.flush()
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assert_says(self.refusal(), "another weir", "pid 4711", "stop it", "--db")

    def test_a_data_folder_that_another_broker_has(self):
        with open(self.folder / "weir-data" / "lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            line = self.refusal()
        self.assertIn("weir-data is used by another weir", line)
        self.assertIn("--data", line)

    def test_a_file_that_may_not_be_written(self):
        self.open_to_all()
        self.db.chmod(0o444)
        self.assert_says(self.refusal_of_nobody(), "may not write it", "--db")

    def test_a_folder_that_may_not_be_written(self):
        self.open_to_all()
        self.folder.chmod(0o555)
        self.addCleanup(self.folder.chmod, 0o755)
        self.assert_says(self.refusal_of_nobody(), "may not write in the folder", "--db")

    def test_a_journal_folder_that_may_not_be_written(self):
        self.open_to_all()
        data = self.folder / "weir-data"
        data.chmod(0o555)
        self.addCleanup(data.chmod, 0o755)
        line = self.refusal_of_nobody()
        self.assertIn("weir-data", line)
        self.assertIn("let this user write in it", line)


if __name__ == "__main__":
    unittest.main()
