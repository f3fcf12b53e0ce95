#!/usr/bin/env python3
"""A small HTTP server to try load tests on: its answers, delays and failures are the same every
time. Routes: / (at once), /api/items/<n> (1 to 5 ms, 1 to 16 KiB), /slow (50 to 150 ms), /error
(500), POST /login, POST /checkout (every 20th answers 503). Anything else is 404."""
import argparse
import itertools
import json
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MAX_BODY_BYTES = 1 << 20
FAILING_CHECKOUT = 20


class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one segment an answer, not one a header
    timeout = 60
    checkouts, slow_ones = itertools.count(1), itertools.count()

    def do_GET(self):
        path = self.path.partition("?")[0]
        item = path.removeprefix("/api/items/")
        if path == "/":
            self.answer(200, {"shop": "weir target", "items": 1000})
        elif path == "/slow":
            time.sleep(0.050 + next(self.slow_ones) % 11 * 0.010)
            self.answer(200, {"slow": True})
        elif path == "/error":
            self.answer(500, {"error": "this route always fails"})
        elif item != path and item.isdecimal() and len(item) <= 9:
            number = int(item)
            time.sleep(0.001 + number % 5 * 0.001)
            self.answer(200, {"item": number, "text": "x" * (number % 16 + 1) * 1000})
        else:
            self.answer(404, {"error": "no such route"})

    def do_POST(self):
        body = self.read_body()
        if body is None:
            return
        if self.path == "/login":
            known = isinstance(body, dict) and body.get("user")
            self.answer(*((200, {"token": f"t-{body['user']}"}) if known
                          else (401, {"error": "no user"})))
        elif self.path == "/checkout":
            failing = next(self.checkouts) % FAILING_CHECKOUT == 0
            self.answer(*((503, {"error": "out of stock"}) if failing else (200, {"order": "ok"})))
        else:
            self.answer(404, {"error": "no such route"})

    def read_body(self):
        """The request's JSON, or None after having refused it."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MAX_BODY_BYTES:
            self.close_connection = True  # where the next request starts is not known
            return self.answer(411 if not length else 413, {"error": "give a Content-Length"})
        try:
            return json.loads(self.rfile.read(int(length))) or {}
        except (ValueError, RecursionError):
            return self.answer(400, {"error": "not JSON"})

    def answer(self, status, body):
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_):
        pass


class Target(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True
    block_on_close = False


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080, help="0 picks a free one (%(default)s)")
    options = parser.parse_args()
    server = Target((options.host, options.port), Shop)
    print(f"listening http://{options.host}:{server.server_address[1]}", flush=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever(poll_interval=0.1)
    server.server_close()


if __name__ == "__main__":
    main()
