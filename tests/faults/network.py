"""A network namespace of its own for a broker, with one cable to it: nftables cut it, TBF makes it
thin. Needs root, nft, ip and tc."""
import os

from image import missing, run


class Namespace:
    def __init__(self, rig):
        self.rig, number = rig, os.getpid() % 16_000
        self.name, self.cable = f"weir-faults-{number}", (f"wfa{number}", f"wfb{number}")
        first = number * 4  # a /30 of 10.213.0.0/16
        self.near, self.host = (f"10.213.{(first + i) >> 8}.{(first + i) & 255}" for i in (1, 2))
        self.command = ("ip", "netns", "exec", self.name)

    def __enter__(self):
        near, far = self.cable
        try:
            if os.geteuid():
                raise OSError("not root")
            run("ip", "netns", "add", self.name)
            run("ip", "link", "add", near, "type", "veth", "peer", "name", far)
            run("ip", "link", "set", far, "netns", self.name)
            run("ip", "addr", "add", f"{self.near}/30", "dev", near)
            run("ip", "link", "set", near, "up")
            run("ip", "-n", self.name, "addr", "add", f"{self.host}/30", "dev", far)
            run("ip", "-n", self.name, "link", "set", far, "up")
            run("ip", "-n", self.name, "link", "set", "lo", "up")
            self.nft("add table inet weir; add chain inet weir input "
                     "{ type filter hook input priority 0; }; add chain inet weir output "
                     "{ type filter hook output priority 0; }")
        except OSError as error:
            self.__exit__()
            missing(self.rig, f"no network namespace with nftables here: {error}")
        return self

    def __exit__(self, *_):
        for command in (("ip", "link", "del", self.cable[0]), ("ip", "netns", "del", self.name)):
            try:
                run(*command)
            except OSError:
                pass  # it was never made, or went with the other

    def nft(self, commands):
        run(*self.command, "nft", commands)

    def refuse(self, hook, verdict):
        """What comes in, or goes out, over TCP is dropped or answered with a reset."""
        self.nft(f"add rule inet weir {hook} meta l4proto tcp {verdict}")

    def allow(self):
        self.nft("flush chain inet weir input; flush chain inet weir output")

    def limit(self, rate):
        """Of both directions."""
        self.qdisc("add", "tbf", "rate", rate, "burst", "4kb", "latency", "400ms")

    def unlimit(self):
        self.qdisc("del")

    def qdisc(self, verb, *what):
        near, far = self.cable
        run("tc", "qdisc", verb, "dev", near, "root", *what)
        run("tc", "-n", self.name, "qdisc", verb, "dev", far, "root", *what)
