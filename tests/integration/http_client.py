"""Requests to a broker's HTTP port: one connection each, unless a test holds one open."""
import contextlib
import dataclasses
import http.client
import json
import socket
import urllib.parse

PATIENCE_S = 20


@dataclasses.dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        return self.json()["error"]


def target_of(path, **parameters):
    """/api/runs, state="running" -> /api/runs?state=running; lists repeat the parameter."""
    query = urllib.parse.urlencode(parameters, doseq=True)
    return f"{path}?{query}" if query else path


class Http:
    """Speaks to one broker, as the same somebody each time."""

    def __init__(self, broker, token=None):
        url = urllib.parse.urlsplit(broker.endpoints["http"])
        self.host, self.port = url.hostname, url.port
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def request(self, method, target, body=None, **headers):
        """Underscores in the names of headers stand for hyphens."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE_S)
        with contextlib.closing(connection):
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, target, body, {**self.headers, **named})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())

    def get(self, path, **parameters):
        """The JSON that a path answers; anything but 200 is a failure."""
        answer = self.request("GET", target_of(path, **parameters))
        if answer.status != 200:
            raise AssertionError(f"{path} {parameters}: {answer.status} {answer.body[:500]}")
        return answer.json()

    def post_messages(self, messages, parameters=None, **headers):
        """Messages as lines of JSON."""
        body = "\n".join(map(json.dumps, messages)).encode()
        headers.setdefault("Content_Type", "application/x-ndjson")
        return self.request("POST", target_of("/api/messages", **(parameters or {})), body,
                            **headers)

    def connect(self, receive_bytes=None):
        """A bare connection."""
        bare = socket.socket()
        if receive_bytes:
            bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        bare.settimeout(PATIENCE_S)
        bare.connect((self.host, self.port))
        return bare

    def metric(self, name):
        """A figure of /metrics without labels."""
        text = self.request("GET", "/metrics").body.decode()
        return next(float(line.split()[1]) for line in text.splitlines()
                    if line.startswith(name + " "))
