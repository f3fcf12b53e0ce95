"""Viewers of the live feed: a WebSocket read by hand, that can be slow, and SSE as curl prints it."""
import base64
import json
import os
import struct

from contract_requests import request_bytes


class SlowViewer:
    """Takes what it is sent only when it is told to."""

    def __init__(self, http, target="/api/live", receive_bytes=4096, **headers):
        self.socket = http.connect(receive_bytes)
        self.file = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(request_bytes(
            "GET", target, Host="127.0.0.1", Connection="Upgrade", Upgrade="websocket",
            Sec_WebSocket_Version="13", Sec_WebSocket_Key=key, **headers))
        self.status = int(self.file.readline().split()[1])
        while self.file.readline() not in (b"\r\n", b""):
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def frame(self):
        """Its kind and bytes; None: the connection is over."""
        try:
            head = self.file.read(2)
            if len(head) < 2:
                return None
            kind, size = head[0] & 15, head[1] & 127
            for marker, form in ((126, ">H"), (127, ">Q")):
                if head[1] & 127 == marker:
                    size = struct.unpack(form, self.file.read(struct.calcsize(form)))[0]
            payload = self.file.read(size)
            return (kind, payload) if len(payload) == size else None
        except ConnectionResetError:
            return None

    def message(self):
        """The next text; None: the connection is over."""
        while (frame := self.frame()) is not None:
            if frame[0] == 1:
                return json.loads(frame[1])
        return None

    def say(self, kind, payload=b"", size=None):
        """A frame with a mask of zeros; `size` says more than there is."""
        size = len(payload) if size is None else size
        length = struct.pack(">BQ", 127 | 128, size) if size > 125 else bytes([128 | size])
        self.socket.sendall(bytes([128 | kind]) + length + bytes(4) + payload)


def events_of(text):
    """(type, message) of each whole event of a stream."""
    events = []
    for block in text.split("\n\n")[:-1]:
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            events.append((lines["event"], json.loads(lines["data"])))
    return events


def topic_of(message):
    run = message.get("run_id")
    return message["type"] + "/" + (f"{run}/" if run else "")
