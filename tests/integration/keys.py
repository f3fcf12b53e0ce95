"""Key files and encrypted sockets for tests; parsed here anew, so that it is an independent truth."""
import pathlib
import re
import socket
import struct

import zmq

from broker_process import PATIENCE_S, weir


def read_keys(path):
    return dict(re.findall(r'^(\w+) = "(.{40})"$', pathlib.Path(path).read_text(), re.M))


class KeyFolder:
    """A data folder with the broker's key; client(name, role) makes more."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        made = weir("keygen", "--data", self.data)
        assert made.returncode == 0, made.stderr
        self.server = made.stdout.strip()
        self.arguments = ("--data", self.data, "--set", "security.curve=true")

    def client(self, name, role):
        """The path of a new client's key file."""
        path = self.folder / f"{name}.key"
        made = weir("keygen", "--data", self.data, "--client", name, "--role", role, "--out", path)
        assert made.returncode == 0, made.stderr
        return path


def connect(context, kind, endpoint, keys=None, **options):
    """A connected socket; keys: public, secret and server, or none for the mechanism NULL."""
    made = context.socket(kind)
    made.linger = 0
    made.sndtimeo = made.rcvtimeo = PATIENCE_S * 1000
    made.immediate = 1
    for option, value in options.items():
        setattr(made, option, value)
    if keys:
        made.curve_publickey = keys["public"].encode()
        made.curve_secretkey = keys["secret"].encode()
        made.curve_serverkey = keys["server"].encode()
    if kind == zmq.SUB:
        made.subscribe("")
    made.connect(endpoint)
    return made


def tcp(endpoint):
    host, port = endpoint.removeprefix("tcp://").split(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE_S)


def greeting(mechanism):
    """What a ZMTP 3.0 peer says first."""
    return b"\xff" + bytes(8) + b"\x7f\x03\0" + mechanism.ljust(20, b"\0") + bytes(32)


def command(name, body):
    """A ZMTP command frame, its length in 8 bytes."""
    payload = bytes([len(name)]) + name + body
    return b"\x06" + struct.pack(">Q", len(payload)) + payload
