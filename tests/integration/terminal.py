"""A program on a pseudo terminal, seen as what it writes."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

PATIENCE_S = 20
ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|\([A-B0]|[=>78M])|[\x0e\x0f]")


class Terminal:
    def __init__(self, command, columns=80, rows=24, **environment):
        self.raw = ""
        go, may_go = os.pipe()
        child, self.master = pty.fork()
        if child == 0:
            os.read(go, 1)
            os.execvpe(command[0], command, {**os.environ, "TERM": "xterm-256color",
                                             "COLUMNS": "", "LINES": "", **environment})
        self.pid = child
        self.code = None
        self.modes = termios.tcgetattr(self.master)
        self.resize(columns, rows)
        os.write(may_go, b"x")
        os.close(may_go)
        os.close(go)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.master)

    def resize(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, keys):
        os.write(self.master, keys.encode())

    def signal(self, number):
        os.kill(self.pid, number)

    def read(self, seconds):
        """Takes what comes within the time; false at the end of the output."""
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            chunk = os.read(self.master, 65536)
        except OSError:  # how Linux says that the other side has closed
            return False
        self.raw += chunk.decode(errors="replace")
        return bool(chunk)

    def text(self):
        return ESCAPES.sub("", self.raw)

    def expect(self, part, raw=False):
        """Waits until the part is written; forgets everything so far."""
        end = time.monotonic() + PATIENCE_S
        while part not in (self.raw if raw else self.text()):
            if time.monotonic() > end or not self.read(0.1):
                raise AssertionError(f"{part!r} not in {self.text()!r}")
        self.raw, seen = "", self.raw
        return seen

    def settle(self):
        """Forgets everything up to a pause, so that what is expected next was written later."""
        while select.select([self.master], [], [], 0.3)[0] and self.read(0.1):
            pass
        self.raw = ""

    def wait(self):
        """Reads to the end; returns the exit code."""
        end = time.monotonic() + PATIENCE_S
        while self.read(0.1):
            if time.monotonic() > end:
                raise AssertionError(f"does not end: {self.text()[-500:]!r}")
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                self.code = os.waitstatus_to_exitcode(status)
                while self.read(0):
                    if not select.select([self.master], [], [], 0)[0]:
                        break
                return self.code
        _, status = os.waitpid(self.pid, 0)
        self.code = os.waitstatus_to_exitcode(status)
        return self.code
