"""A sender that speaks weir-ack/1 by hand on a DEALER socket."""
import json
import struct

import zmq

from broker_process import PATIENCE_S, eventually


class Sender:
    def __init__(self, broker, worker_id="w", epoch=1):
        self.worker_id, self.epoch = worker_id, epoch
        self.socket = broker.context.socket(zmq.DEALER)
        self.socket.rcvtimeo = PATIENCE_S * 1000
        self.socket.linger = 0
        self.socket.connect(broker.endpoints["acked"])

    def say(self, kind, fields=b""):
        self.socket.send_multipart([kind.encode(), fields])

    def hear(self):
        kind, fields = self.socket.recv_multipart()
        if kind == b"A":
            return ("A", *struct.unpack(">QI", fields))
        return (kind.decode(), json.loads(fields) if kind in (b"W", b"N") else fields)

    def hello(self, **fields):
        self.say("H", json.dumps({"proto": "weir-ack/1", "worker_id": self.worker_id,
                                  "epoch": self.epoch, **fields}).encode())
        return self.hear()

    def welcome(self, **fields):
        """Says hello until the broker has made its file safe."""
        def answer():
            kind, said = self.hello(**fields)
            return said if kind == "W" else None
        return eventually(answer, "a welcome")

    def batch(self, seq, payload, codec=0):
        self.say("B", struct.pack(">QB", seq, codec) + payload.encode())

    def refusal(self):
        kind, said = self.hear()
        assert kind == "N", (kind, said)
        return said["seq"], said["code"]
