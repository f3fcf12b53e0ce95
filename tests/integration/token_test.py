"""weir token: what it prints, keeps and refuses."""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import stat
import tempfile
import unittest

from acked_sender import Sender
from broker_process import BrokerProcess, eventually, weir

HIT = json.dumps({"data_type": "add_hit", "worker_id": "w", "run_id": "r", "url": "http://h/",
                  "method": "GET", "status": 200, "elapsed": 0.01})


class TokenTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.file = self.folder / "weir-data/tokens"

    def token(self, *arguments):
        return weir("token", *arguments, "--db", self.folder / "weir.db")

    def add(self, name, role="runner"):
        done = self.token("add", name, "--role", role)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"\Aweir_[A-Za-z0-9_-]{43}\n\Z")
        self.assertNotIn(done.stdout.strip(), done.stderr)
        return done.stdout.strip()

    def test_only_the_hash_of_a_token_is_kept(self):
        token = self.add("nightly")
        text = self.file.read_text()
        self.assertNotIn(token[5:], text)
        self.assertIn(hashlib.sha256(token.encode()).hexdigest() + " runner ", text)
        self.assertEqual(stat.S_IMODE(self.file.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(self.file.parent.stat().st_mode), 0o700)

    def test_the_list_has_names_and_roles_and_no_hash(self):
        token = self.add("nightly")
        self.add("a viewer", "viewer")
        done = self.token("list")
        self.assertEqual(re.sub(r"\d{4}-\S+Z", "<time>", done.stdout),
                         "runner  <time>  nightly\nviewer  <time>  a viewer\n")
        self.assertNotIn(hashlib.sha256(token.encode()).hexdigest(), done.stdout)

    def test_a_revoked_token_is_gone(self):
        self.add("one")
        self.add("two")
        self.assertEqual(self.token("revoke", "one").returncode, 0)
        self.assertIn("two", self.token("list").stdout)
        self.assertNotIn("one", self.token("list").stdout)
        again = self.token("revoke", "one")
        self.assertEqual((again.returncode, again.stderr),
                         (1, 'weir: token: there is no token "one"\n'))

    def test_two_that_are_added_at_once_are_both_kept(self):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            tokens = list(pool.map(lambda i: self.add(f"t{i}"), range(16)))
        self.assertEqual(len(set(tokens)), 16)
        self.assertEqual(len(self.token("list").stdout.splitlines()), 16)

    def test_wrong_usage_is_exit_2_and_one_line(self):
        for arguments in (["add", "x"], ["add", "x", "--role", "boss"], ["add", "a/b", "--role",
                          "viewer"], ["add", "a\x1b[2Jb", "--role", "viewer"], ["revoke"], []):
            with self.subTest(arguments):
                done = self.token(*arguments) if arguments else weir("token")
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertRegex(done.stderr, r"\Aweir: token: [^\n\x1b]*\n\Z")

    def test_a_file_that_others_can_read_is_refused(self):
        self.add("one")
        self.file.chmod(0o644)
        done = self.token("list")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("chmod 600", done.stderr)


class TokenAtTheBrokerTest(unittest.TestCase):
    """Of acknowledged ingest, while the broker runs and the tokens change."""

    def setUp(self):
        self.broker = BrokerProcess("--acked", "tcp://127.0.0.1:*", "--tick-ms", "100",
                                    "--log-level", "debug")
        self.addCleanup(self.broker.__exit__)

    def token(self, *arguments):
        done = weir("token", *arguments, "--db", self.broker.db)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def send(self, token=None):
        environment = {**os.environ, **({"WEIR_TOKEN": token} if token else {})}
        return weir("send", "--acked", "--to", self.broker.endpoints["acked"], "--timeout", "2s",
                    "-q", input=HIT + "\n", env=environment).returncode

    def test_a_token_opens_and_nothing_else_does(self):
        self.assertEqual(self.send(), 0)  # nobody has a token yet
        runner, viewer = (self.token("add", role, "--role", role) for role in ("runner", "viewer"))
        eventually(lambda: self.send() != 0, "a token is asked for")
        self.assertEqual(self.send(runner), 0)
        for wrong in (viewer, runner[:-1], "weir_" + "A" * 43):
            self.assertNotEqual(self.send(wrong), 0)
        self.token("revoke", "runner")
        eventually(lambda: self.send(runner) != 0, "the token is worthless")
        self.broker.status(lambda status: status["acked"]["denied"] >= 5)
        # By mistake a hello comes in at the wrong port, and is kept as a sample of what was refused.
        with self.broker.push() as push:
            push.send_string(json.dumps({"proto": "weir-ack/1", "token": runner}))
        eventually(lambda: self.broker.query("SELECT 1 FROM reject_samples"), "a sample")
        self.broker.stop()
        log = self.broker.read_log()
        with open(self.broker.db, "rb") as stored:
            database = stored.read()
        for secret in (runner[5:], viewer[5:]):
            self.assertNotIn(secret, log)
            self.assertNotIn(secret.encode(), database)

    def test_a_session_ends_with_its_token(self):
        token = self.token("add", "passing", "--role", "runner")
        sender, stranger = Sender(self.broker, "passing"), Sender(self.broker, "stranger")
        for each in (sender, stranger):
            self.addCleanup(each.socket.close)
        sender.welcome(token=token)
        eventually(lambda: stranger.hello()[1].get("code") == "denied", "a token is asked for")
        sender.batch(1, HIT)
        self.assertEqual(sender.hear()[:2], ("A", 2))
        self.token("revoke", "passing")
        self.assertEqual(sender.refusal(), (0, "denied"))
        sender.batch(2, HIT)
        self.assertEqual(sender.refusal(), (2, "out_of_order"))


if __name__ == "__main__":
    unittest.main()
