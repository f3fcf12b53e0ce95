"""A disk of our own to pull the plug of, or to fill: ext4 in a file. Needs root and loop devices."""
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from rig import LONG, say


def run(*command):
    """OSError: it failed, or is not there."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"{' '.join(map(str, command))}: {done.stderr.strip()}")


def missing(rig, why):
    """Where a rig cannot work: the short tier goes on without it, the long one fails."""
    say(rig, f"NOT RUN: {why}")
    if LONG:
        raise AssertionError(f"{rig}: {why}")
    raise unittest.SkipTest(why)


@contextlib.contextmanager
def disk(rig, size_mib, block_bytes=4096):
    """A mounted Disk, or none of the test."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-faults-disk-"))
    made = Disk(folder)
    try:
        try:
            made.make(size_mib, block_bytes)
        except OSError as error:
            missing(rig, f"no loop-mounted ext4 here: {error}")
        yield made
    finally:
        made.unmount()
        shutil.rmtree(folder)


class Disk:
    def __init__(self, folder):
        self.image, self.copy, self.path = folder / "image", folder / "copy", folder / "mounted"
        self.mounted = False

    def make(self, size_mib, block_bytes):
        if os.geteuid():
            raise OSError("not root")
        self.path.mkdir()
        with open(self.image, "wb") as image:
            image.truncate(size_mib << 20)
        run("/usr/sbin/mkfs.ext4", "-q", "-b", block_bytes, "-m", "0", "-E",
            "lazy_itable_init=0,lazy_journal_init=0", self.image)
        self.mount()

    def mount(self):
        # The file system writes by itself only every ten minutes, so that in between only what was
        # synced reaches the image, and a copy of the image is one moment's.
        run("mount", "-t", "ext4", "-o", "loop,commit=600", self.image, self.path)
        self.mounted = True

    def unmount(self):
        end = time.monotonic() + 10
        while self.mounted:
            try:
                run("umount", self.path)
                self.mounted = False
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def cut(self, process):
        """The power goes: what the image has now is what will be there. The process is killed."""
        stop_all_threads(process)
        run("cp", "--sparse=always", self.image, self.copy)
        process.kill()
        process.wait()
        self.unmount()
        os.replace(self.copy, self.image)
        self.mount()


def stop_all_threads(process):
    """Waits until no call of the process is under way in the kernel."""
    process.send_signal(signal.SIGSTOP)
    tasks = pathlib.Path(f"/proc/{process.pid}/task")

    def running():
        return [task for task in tasks.iterdir()
                if (task / "stat").read_text().rpartition(")")[2].split()[0] != "T"]
    end = time.monotonic() + 10
    while running():
        if time.monotonic() > end:
            raise AssertionError("the broker did not stop")
        time.sleep(0.001)
