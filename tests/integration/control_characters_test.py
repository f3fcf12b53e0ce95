"""Whatever names and messages hold, no program lets them act on a terminal: nothing comes out but
what it means to write."""
import json
import os
import re
import unittest

from broker_process import BrokerProcess, eventually, weir
from terminal import ESCAPES, Terminal

# What a terminal may obey, or what hides or turns round what a person reads.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e"
                       "\u2060-\u206f\ufeff]")
EVIL = ("\x1b[66;66H\x1b]0;owned\x07\x1bP1$r\x1b\\\x9b31m\x9d0;c1\x9c\x08\x08\r\nforged=line"
        "\t\x00\x7f\u202edesrever\u2066\u200bx\ufeff\u061c\u2028")
# Sequences of ours that no program of weir writes itself.
INJECTED = ("\x1b[66;66H", "\x1b]0;", "\x1bP", "\x07")
CURSOR = "\b"  # curses moves left with it


def message(data_type, **fields):
    return json.dumps({"data_type": data_type, "worker_id": "w\u202ew", "run_id": "r\u2066un",
                       **fields})


class ControlCharactersTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = BrokerProcess("--tick-ms", "200", "--log-level", "debug", "--relay",
                                   "tcp://127.0.0.1:*", "--set", "run.end_grace_s=60")
        cls.addClassCleanup(cls.broker.__exit__)
        trace = f"Traceback {EVIL}\n  line 7 {EVIL}\n{EVIL}"
        cls.messages = [
            message("startTestRun", name=EVIL, project=EVIL, scenario=EVIL, tags={EVIL: EVIL}),
            message("add_hit", url=f"http://h/{EVIL}", method=f"G{EVIL}", status=500, elapsed=0.1,
                    error=EVIL),
            message("add_hit", url="/", method="GET", label=EVIL, status=200, elapsed=0.1),
            message("startTest", test=EVIL), message("addFailure", test=EVIL,
                                                     exc_info=[f"E{EVIL}", EVIL, trace]),
            message("addError", test=EVIL, exc_info=[EVIL, f"m{EVIL}", trace]),
            message(f"count{EVIL}", test=EVIL),
            # Refused: in the log, and in reject_samples.
            message("add_hit", url=7, **{EVIL: 1}), message(EVIL),
            json.dumps({"data_type": "add_hit", "worker_id": EVIL}), '{"data_type":"' + EVIL]
        with cls.broker.push() as push:
            for text in cls.messages:
                push.send_string(text)
            push.send(b"\x9b31m\xff\x1b]0;owned\x07")
        cls.broker.watch("summary/", lambda run: run["errors_total"] >= 3, "the run")
        eventually(lambda: cls.broker.query("SELECT 1 FROM errors"), "the run in the file")

    def expect_harmless(self, text, what, also=""):
        for part in INJECTED:
            self.assertFalse(part in text, f"{part!r} in the output of {what}")
        found = FORBIDDEN.search(ESCAPES.sub("", text).translate({ord(c): "" for c in also}))
        self.assertFalse(found, f"{what}: {found!r}")

    def on_terminal(self, *arguments, until, keys="", also=""):
        """What a command writes to a terminal, up to a text or its end."""
        terminal = Terminal([os.environ["WEIR"], *map(str, arguments)], columns=200, rows=60)
        self.addCleanup(terminal.__exit__)
        seen = terminal.expect(until, raw=True) if until else ""
        terminal.press(keys)
        terminal.wait()
        self.expect_harmless(seen + terminal.raw, arguments[0], also)
        return seen + terminal.raw

    def test_reports_and_lists(self):
        for arguments in (("report", "last"), ("runs",)):
            done = weir(*arguments, "--db", self.broker.db)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("desrever", done.stdout)
            self.expect_harmless(done.stdout + done.stderr, arguments)
            self.on_terminal(*arguments, "--db", self.broker.db, until="")

    def test_json_of_reports_and_lists(self):
        for arguments in (("report", "last"), ("runs",)):
            text = self.on_terminal(*arguments, "--db", self.broker.db, "--format", "json",
                                    until="")
            self.assertIn("\\u202e", text)

    def test_the_full_screen(self):
        feed = self.broker.endpoints["feed"]
        self.assertIn("desrever", self.on_terminal("top", "--feed", feed, until="desrever",
                                                   keys="q", also=CURSOR))

    def test_the_feed_on_a_terminal(self):
        text = self.on_terminal("tail", "--feed", self.broker.endpoints["feed"], "--topic",
                                "summary/", "--count", 2, until="")
        self.assertIn("\\u009b31m", text)
        self.assertIn("\\u202edesrever", text)

    def test_the_log(self):
        log = self.broker.read_log()
        self.assertIn("event=message_rejected", log)
        self.expect_harmless(log, "log")
        for line in log.splitlines():
            self.assertRegex(line, r"\Atime=\S+ level=\w+ event=\w+")

    def test_complaints(self):
        evil = EVIL.replace("\x00", "").replace("\n", "")
        for arguments in ((evil,), ("send", evil), ("send", "--to", evil), ("replay", evil),
                          ("run", evil), ("run", "http://h/", "-c", evil), ("runs", "--db", evil),
                          ("report", evil, "--db", self.broker.db), ("report", "x", "--db", evil),
                          ("serve", "--set", evil), ("serve", "--config", evil),
                          ("serve", "--feed", evil), ("tail", "--feed", evil),
                          ("token", "revoke", evil), ("keygen", "--client", evil),
                          ("send", "--" + evil), ("send", "--key", evil, "-")):
            with self.subTest(arguments):
                done = weir(*arguments, stdin=open(os.devnull, encoding="ascii"))
                self.expect_harmless(done.stdout + done.stderr, arguments)
                self.assertNotEqual(done.returncode, 0)
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)


if __name__ == "__main__":
    unittest.main()
