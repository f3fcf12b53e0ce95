"""weir top: a full screen on a terminal, plain lines elsewhere."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import termios
import unittest

from broker_process import PATIENCE_S, eventually, weir
from fake_feed import FakeFeed, command
from terminal import Terminal

COLOUR = re.compile(r"\x1b\[3[1-7]m")
LEAVE_FULL_SCREEN = "\x1b[?1049l"


class TopOnATerminalTest(unittest.TestCase):
    def setUp(self):
        self.feed = FakeFeed()
        self.addCleanup(self.feed.__exit__)

    def top(self, *arguments, **options):
        terminal = Terminal(command("top", "--feed", self.feed.endpoint, *arguments), **options)
        self.addCleanup(terminal.__exit__)
        return terminal

    def assert_quits(self, terminal):
        terminal.press("q")
        self.assertEqual(terminal.wait(), 0)
        self.assertIn(LEAVE_FULL_SCREEN, terminal.raw)

    def test_it_waits_for_a_broker_then_shows_the_run(self):
        terminal = self.top()
        terminal.expect(f"waiting for {self.feed.endpoint} ...")
        self.assertEqual(self.feed.subscriptions(2), {"summary/", "broker/"})
        self.feed.publish_summary("checkout", 12)
        screen = terminal.expect("no basket")
        for part in ("checkout", "running", "0:12", "workers 2/3", "users 30", "14,400", "1,200",
                     "25.0", "60.2", "items/{id}", "AssertionError"):
            self.assertIn(part, screen)
        self.feed.publish("broker/", {"rejected": {"total": 4711}})
        terminal.expect("4,711")
        self.assert_quits(terminal)

    def test_q_gives_the_terminal_back_as_it_was(self):
        terminal = self.top()
        modes = terminal.modes
        terminal.expect("waiting")
        self.assertNotEqual(termios.tcgetattr(terminal.master), modes)
        self.assert_quits(terminal)
        self.assertEqual(termios.tcgetattr(terminal.master), modes)

    def test_signals_give_the_terminal_back_too(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            terminal = self.top()
            terminal.expect("waiting")
            terminal.signal(number)
            self.assertEqual(terminal.wait(), 0)
            self.assertIn(LEAVE_FULL_SCREEN, terminal.raw)
            self.assertEqual(termios.tcgetattr(terminal.master), terminal.modes)

    def test_ctrl_c_ends_it(self):
        terminal = self.top()
        terminal.expect("waiting")
        terminal.press("\x03")
        self.assertEqual(terminal.wait(), 0)

    def test_it_follows_the_size_of_the_window(self):
        terminal = self.top(columns=80, rows=24)
        self.feed.subscriptions(2)
        self.feed.publish_summary("checkout", 12)
        self.assertNotIn("p99.9 ms", terminal.expect("no basket"))
        terminal.settle()
        terminal.resize(140, 40)
        terminal.expect("p99.9 ms")
        terminal.settle()
        terminal.resize(40, 10)
        self.assertNotIn("p50 ms", terminal.expect("p95 ms"))
        terminal.resize(3, 2)
        terminal.resize(80, 24)
        terminal.expect("no basket")
        self.assert_quits(terminal)

    def test_tab_shows_the_next_run(self):
        terminal = self.top()
        self.feed.subscriptions(2)
        self.feed.publish_summary("first", 12)
        self.feed.publish_summary("second", 12, started_s=60)
        terminal.expect("run 2/2")
        terminal.press("\t")
        terminal.expect("first")
        terminal.press("\x1bOD")
        terminal.expect("second")
        self.assert_quits(terminal)

    def test_silence_is_shown(self):
        terminal = self.top()
        self.feed.subscriptions(2)
        self.feed.publish_summary("checkout", 12)
        terminal.expect("no basket")
        terminal.expect(f"nothing from {self.feed.endpoint} for ")
        self.assert_quits(terminal)

    def test_a_run_as_argument_is_all_it_asks_for(self):
        self.top("checkout")
        self.assertEqual(self.feed.subscriptions(2), {"summary/checkout/", "broker/"})

    def test_colours_only_if_wanted(self):
        for no_colour, wanted in (("", True), ("1", False)):
            terminal = self.top(NO_COLOR=no_colour)
            self.feed.subscriptions(2)
            self.feed.publish_summary("checkout", 12)
            self.assertEqual(bool(COLOUR.search(terminal.expect("no basket"))), wanted)
            self.assert_quits(terminal)

    def test_names_cannot_control_the_terminal(self):
        terminal = self.top()
        self.feed.subscriptions(2)
        self.feed.publish_summary("checkout", 12, counters={"\x1b]0;owned\x07": 1, "c\u009b2J": 2})
        screen = terminal.expect("no basket")
        self.assertIn("owned", screen)
        self.assertNotIn("\x1b]0;", screen)
        self.assertNotIn("\u009b", screen)
        self.assertNotIn("\x07", screen)

    def test_a_terminal_that_cannot_be_drawn_on_is_an_error(self):
        terminal = self.top(TERM="no-such-terminal")
        self.assertEqual(terminal.wait(), 1)
        self.assertIn("weir: top: cannot draw on terminal no-such-terminal", terminal.raw)

    def test_a_dumb_terminal_gets_plain_lines(self):
        terminal = self.top(TERM="dumb")
        self.feed.subscriptions(2)
        self.feed.publish_summary("checkout", 12)
        self.assertNotIn("\x1b", terminal.expect("hits 14,400"))


class TopElsewhereTest(unittest.TestCase):
    def setUp(self):
        self.feed = FakeFeed()
        self.addCleanup(self.feed.__exit__)

    def top(self, *arguments):
        process = subprocess.Popen(command("top", "--feed", self.feed.endpoint, *arguments),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        self.feed.subscriptions(2)
        return process

    def test_a_summary_is_a_plain_line(self):
        process = self.top()
        self.feed.publish("broker/", {"decoded": 1})
        self.feed.publish_summary("checkout", 12)
        self.assertEqual(process.stdout.readline(),
                         "2026-11-21 20:00:12  checkout  running  0:12  hits 14,400  per s 1,200  "
                         "failed 3  p50 11.0  p95 25.0  p99 60.2 ms  workers 2/3  users 30\n")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=PATIENCE_S), 0)

    def test_with_a_run_it_ends_with_the_run(self):
        process = self.top("checkout")
        self.feed.publish_summary("checkout", 12)
        self.feed.publish_summary("checkout", 13, state="finished", final=True)
        self.assertEqual(process.wait(timeout=PATIENCE_S), 0)
        self.assertEqual(len(process.stdout.read().splitlines()), 2)

    def test_help_has_an_example(self):
        self.assertIn("Example:", weir("top", "--help").stdout)


@unittest.skipUnless(shutil.which("tmux"), "tmux shows what a terminal makes of it")
class TopInTmuxTest(unittest.TestCase):
    def setUp(self):
        self.feed = FakeFeed()
        self.addCleanup(self.feed.__exit__)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.socket = os.path.join(folder.name, "tmux")
        self.addCleanup(lambda: self.tmux("kill-server", check=False))

    def tmux(self, *arguments, check=True):
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        environment.pop("TMUX", None)
        return subprocess.run(["tmux", "-S", self.socket, "-f", "/dev/null", *arguments],
                              check=check, capture_output=True, text=True, timeout=PATIENCE_S,
                              env=environment).stdout

    def screen(self):
        return self.tmux("capture-pane", "-p").split("\n")

    def test_the_screen_is_whole_in_each_size(self):
        self.tmux("new-session", "-d", "-x", "80", "-y", "24",
                  *command("top", "--feed", self.feed.endpoint))
        self.feed.subscriptions(2)
        self.feed.publish_summary("商品-checkout", 12)
        self.feed.publish("broker/", {})
        for columns, rows in ((80, 24), (120, 40), (60, 12)):
            self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

            def is_whole():
                lines = self.screen()
                return (lines[0].startswith(" 商品-checkout  running  0:12") and
                        "workers 2/3" in lines[0] and lines[rows - 1].endswith(" q quit") and
                        len(lines[rows - 1]) == columns)
            eventually(is_whole, f"a whole screen of {columns} x {rows}: {self.screen()}")
        self.tmux("send-keys", "q")
        eventually(lambda: subprocess.run(["tmux", "-S", self.socket, "ls"], check=False,
                                          capture_output=True).returncode != 0, "top has ended")


if __name__ == "__main__":
    unittest.main()
