"""For every (method, path, status) of http/openapi.yaml the request that gets it."""
import contextlib
import json
import os
import sqlite3
import time

from api_run import Run
from broker_process import BrokerProcess, eventually, weir
from http_client import Answer, Http

# Slower, and their bookkeeping takes memory of its own.
SANITIZED = any(f"/{preset}/" in os.environ.get("WEIR", "") for preset in ("asan", "tsan"))
HIT = {"data_type": "add_hit", "worker_id": "w", "url": "http://h/", "method": "GET",
       "status": 200, "elapsed": 0.01}
UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13",
           "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ=="}
# Of these anything is a good request; what gets a 200 is {run} = nightly-7 and no parameter.
SUCCESSES = {
    ("GET", "/api/compare"): "/api/compare?base=nightly-7&run=nightly-8",
    ("GET", "/api/runs/{run}/timeline"): "/api/runs/{run}/timeline?step=10s&p=50,99.99",
    ("GET", "/api/runs"): "/api/runs?p=50",
}
WRONG = {("GET", "/api/compare"): "/api/compare?base=nightly-7",
         ("GET", "/api/runs/{run}/timeline"): "/api/runs/{run}/timeline?step=1ms"}
UNKNOWN = {("GET", "/api/compare"): "/api/compare?base=nightly-7&run=nobody"}
# A body that is in order, and one that is not.
BODIES = {("PATCH", "/api/runs/{run}"): (b'{"note": "slower"}', b'{"state": "finished"}'),
          ("POST", "/api/session"): (b'{"token": "x"}', b'{"token": 1}'),
          ("POST", "/api/messages"): (json.dumps(HIT).encode(), b" ")}


def start(*settings, **options):
    """A broker that takes messages over HTTP."""
    broker = BrokerProcess("--tick-ms", "100", "--set", "run.end_grace_s=0.2", *settings, **options)
    nothing = [{"data_type": "batch", "counts": {}}]
    eventually(lambda: Http(broker).post_messages(nothing).status in (200, 401), "it takes messages")
    return broker


def end(broker):
    """Stops it; it must not have anything to complain of, nor a sanitizer."""
    with broker:
        code, _ = broker.stop()
        if code != 0:
            raise AssertionError(f"weir serve ended with {code}: {broker.read_log()[-4_000:]}")


def fill(http, run):
    """Reports a run, and waits until it is stored whole."""
    answer = http.post_messages(run.messages + run.refused)
    http.post_messages(run.end)
    eventually(lambda: any(each["run_id"] == run.run_id
                           for each in http.get("/api/runs", state="finished")["runs"]),
               f"{run.run_id} is stored")
    return answer


class Stage:
    """Brokers in the states that the statuses are of. Each is started when first asked for."""

    def __init__(self):
        self.ends = contextlib.ExitStack()
        self.brokers = {}
        self.tokens = {}

    def close(self):
        self.ends.close()

    def broker(self, name):
        if name not in self.brokers:
            self.brokers[name] = None  # one that does not start is not waited for again
            self.brokers[name] = getattr(self, "start_" + name)()
        return self.brokers[name]

    def http(self, name, token=None):
        return Http(self.broker(name), token)

    def enter(self, broker):
        return self.ends.enter_context(broker)

    def start_filled(self):
        """Runs nightly-7 and nightly-8 have ended, open-1 goes on."""
        broker = start()
        self.ends.callback(end, broker)
        for run in (Run("nightly-7"), Run("nightly-8", slower=1.5, seed=2)):
            fill(Http(broker), run)
        self.open_run(Http(broker), "open-1")
        return broker

    @staticmethod
    def open_run(http, run_id):
        http.post_messages([{**HIT, "run_id": run_id}])
        eventually(lambda: http.request("GET", f"/api/runs/{run_id}").status == 200, run_id)

    def start_guarded(self):
        """Wants a token."""
        broker = self.enter(start())
        for role in ("viewer", "runner", "admin"):
            done = weir("token", "add", role, "--role", role, "--db", broker.db)
            self.tokens[role] = done.stdout.strip()
        http = Http(broker)
        eventually(lambda: http.request("GET", "/api/runs").status == 401, "a token is asked for")
        return broker

    def start_crowded(self):
        """Its only connection is somebody else's."""
        broker = self.enter(start("--set", "http.connections=1"))
        bare = self.ends.enter_context(Http(broker).connect())
        bare.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        bare.recv(1)
        return broker

    def start_blind(self):
        """Its results file has become something else, before it was read."""
        broker = self.enter(start())
        with open(broker.db, "r+b") as file:
            file.write(b"no database at all " * 10)
        return broker

    def start_locked(self):
        """Another program writes its results file and does not end."""
        broker = self.enter(start())
        other = sqlite3.connect(broker.db, isolation_level=None)
        self.ends.callback(other.close)
        other.execute("BEGIN IMMEDIATE")
        Http(broker).post_messages([HIT])
        eventually(lambda: Http(broker).request("GET", "/readyz").status == 503, "it is locked")
        return broker

    def start_narrow(self):
        """There is room for few bytes of bodies."""
        return self.enter(start("--set", "http.bodies_bytes=1024"))

    def start_small(self):
        return self.enter(start("--set", "http.body_bytes=1024"))

    # One method a status: the request, and the answer.

    def get(self, operation, status):
        """Returns the target and its answer."""
        special = getattr(self, f"{operation[0]}_{status}".lower(), None)
        name = SPECIAL.get((*operation, status))
        if name:
            return getattr(self, name)()
        method = special or getattr(self, f"any_{status}", None)
        return method(operation) if method else None

    @staticmethod
    def target(operation, run="nightly-7", among=None):
        return (among or {}).get(operation, SUCCESSES.get(operation, operation[1])).format(run=run)

    def ask(self, name, operation, target, body=None, token=None, **headers):
        method, _ = operation
        http = self.http(name, token)
        if method == "POST" and body is not None:
            headers.setdefault("Content_Type", "application/json")
        if operation == ("GET", "/api/live/sse"):
            return target, first_of_stream(http, target, **headers)
        return target, http.request(method, target, body, **headers)

    def any_200(self, operation):
        body = BODIES.get(operation, (None,))[0]
        return self.ask("filled", operation, self.target(operation), body)

    def any_400(self, operation):
        """What it does not know: a parameter, or a body."""
        if operation in BODIES:
            return self.ask("filled", operation, self.target(operation), BODIES[operation][1])
        if operation in WRONG:
            return self.ask("filled", operation, self.target(operation, among=WRONG))
        return self.ask("filled", operation, self.target(operation) + "?no_such=1")

    def any_401(self, operation):
        return self.ask("guarded", operation, self.target(operation),
                        BODIES.get(operation, (None,))[0])

    def any_403(self, operation):
        """A name that is led here by somebody else's DNS."""
        return self.ask("filled", operation, self.target(operation), Host="evil.example")

    def any_404(self, operation):
        body = BODIES.get(operation, (None,))[0]
        return self.ask("filled", operation, self.target(operation, "nobody", UNKNOWN), body)

    def any_503(self, operation):
        """Where the results file is read: it cannot be. Elsewhere: too many connections."""
        reads = operation[1] != "/api/broker" and "live" not in operation[1]
        return self.ask("blind" if reads else "crowded", operation, self.target(operation),
                        BODIES.get(operation, (None,))[0])

    def locked_readiness(self):
        return self.ask("locked", ("GET", "/readyz"), "/readyz")

    def deleted_run(self):
        self.open_run(self.http("filled"), "gone-1")
        self.http("filled").request("POST", "/api/runs/gone-1/stop")
        return self.ask("filled", ("DELETE", ""), "/api/runs/gone-1")

    def deleted_open_run(self):
        return self.ask("filled", ("DELETE", ""), "/api/runs/open-1")

    def deleted_wrongly(self):
        return self.ask("filled", ("DELETE", ""), "/api/runs/nightly-7?force=perhaps")

    def stopped_run(self):
        self.open_run(self.http("filled"), "open-2")
        return self.ask("filled", ("POST", ""), "/api/runs/open-2/stop")

    def stopped_twice(self):
        return self.ask("filled", ("POST", ""), "/api/runs/nightly-7/stop")

    def signed_in(self):
        self.broker("guarded")
        body = json.dumps({"token": self.tokens["viewer"]}).encode()
        return self.ask("guarded", ("POST", ""), "/api/session", body)

    def signed_out(self):
        return self.ask("filled", ("DELETE", ""), "/api/session")

    def large_body(self):
        return self.ask("small", ("POST", ""), "/api/messages", b" " * 1025)

    def other_type(self):
        return self.ask("filled", ("POST", ""), "/api/messages", b"<a/>", Content_Type="text/xml")

    def refused_messages(self):
        return self.ask("filled", ("POST", ""), "/api/messages", b'{"data_type": "add_hit"}')

    def no_room(self):
        return self.ask("narrow", ("POST", ""), "/api/messages", b" " * 1025)

    def upgraded(self):
        with self.http("filled").connect() as bare:
            bare.sendall(request_bytes("GET", "/api/live", Host="127.0.0.1", **UPGRADE))
            status = int(bare.recv(12).split()[1])
        return "/api/live", Answer(status, {}, b"")


# What is not said by any_<status>.
SPECIAL = {
    ("GET", "/readyz", 503): "locked_readiness",
    ("DELETE", "/api/runs/{run}", 204): "deleted_run",
    ("DELETE", "/api/runs/{run}", 400): "deleted_wrongly",
    ("DELETE", "/api/runs/{run}", 409): "deleted_open_run",
    ("POST", "/api/runs/{run}/stop", 200): "stopped_run",
    ("POST", "/api/runs/{run}/stop", 409): "stopped_twice",
    ("POST", "/api/session", 200): "signed_in",
    ("DELETE", "/api/session", 204): "signed_out",
    ("POST", "/api/messages", 413): "large_body",
    ("POST", "/api/messages", 415): "other_type",
    ("POST", "/api/messages", 422): "refused_messages",
    ("POST", "/api/messages", 503): "no_room",
    ("GET", "/api/live", 101): "upgraded",
}


def request_bytes(method, target, **headers):
    fields = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"{method} {target} HTTP/1.1\r\n{fields}\r\n".encode()


def first_of_stream(http, target, **headers):
    """The answer to a request whose body does not end: what came within a moment."""
    headers = {"Host": "127.0.0.1", **headers, **http.headers}
    with http.connect() as bare:
        bare.sendall(request_bytes("GET", target, **headers))
        head, text = b"", b""
        while b"\r\n\r\n" not in head:
            head += bare.recv(4096)
        head, _, text = head.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
        end = time.monotonic() + 5
        while len(text) < int(fields.get("Content-Length", 1)) and time.monotonic() < end:
            text += bare.recv(65536)
    return Answer(int(head.split()[1]), fields, text)
