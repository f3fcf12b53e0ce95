"""A live feed in the hands of a test: it publishes what it is told, once somebody listens."""
import json
import os

import zmq

PATIENCE_MS = 20_000


def summary(run_id, seq=1, started_s=0, **fields):
    """A summary of a run that began started_s seconds after 20:00:00."""
    seconds = started_s + seq
    return {"type": "summary", "run_id": run_id, "number": 9, "seq": seq,
            "time": f"2026-11-21T20:{seconds // 60:02}:{seconds % 60:02}.000000Z",
            "state": "running", "final": False, "elapsed_s": seq,
            "workers": {"active": 2, "total": 3}, "users": 30,
            "hits": {"count": 1200 * seq, "failed": 3, "success_rate": 0.9975, "per_s": 1200.0,
                     "bytes_sent": None, "bytes_received": None},
            "response_ms": {"count": 1200 * seq, "mean": 12.3, "sd": 4.5, "min": 1.2, "max": 98.7,
                            "p50": 11.0, "p90": 20.1, "p95": 25.0, "p99": 60.2, "p999": 98.7},
            "labels": [{"label": "GET http://127.0.0.1:8080/items/{id}", "method": "GET",
                        "url": "http://127.0.0.1:8080/items/{id}", "count": 800, "failed": 1,
                        "per_s": 66.0, "status": {"200": 800},
                        "response_ms": {"count": 800, "p50": 11.0, "p95": 25.0, "p99": 60.2}}],
            "labels_total": 1,
            "errors": [{"kind": "failure", "class": "AssertionError", "message": "no basket",
                        "count": 2, "first": "2026-11-21T20:00:01.000000Z",
                        "last": "2026-11-21T20:00:02.000000Z"}],
            "errors_total": 1,
            "last_s": {"seconds": 1.0, "hits": 1200, "failed": 0, "per_s": 1200.0,
                       "response_ms": {"count": 1200, "p50": 11.0}}, **fields}


class FakeFeed:
    def __init__(self):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.XPUB)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.RCVTIMEO, PATIENCE_MS)
        port = self.socket.bind_to_random_port("tcp://127.0.0.1")
        self.endpoint = f"tcp://127.0.0.1:{port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.destroy(linger=0)

    def subscriptions(self, count):
        """The next topics that somebody asks for."""
        topics = []
        while len(topics) < count:
            frame = self.socket.recv()
            if frame[:1] == b"\x01":  # 0 is somebody who leaves
                topics.append(frame[1:].decode())
        return set(topics)

    def publish(self, topic, body):
        text = body if isinstance(body, str) else json.dumps(body)
        self.socket.send_multipart([topic.encode(), text.encode()])

    def publish_summary(self, *arguments, **fields):
        body = summary(*arguments, **fields)
        self.publish(f"summary/{body['run_id']}/", body)

    def send(self, *frames):
        self.socket.send_multipart([frame.encode() for frame in frames])


def command(*arguments):
    return [os.environ["WEIR"], *map(str, arguments)]
