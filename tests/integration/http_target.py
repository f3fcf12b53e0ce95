"""An HTTP server for the tests of `weir run` that knows exactly what it was sent and what it
answered: bytes, connections, requests. Not a library's, so that it is an independent truth."""
import socket
import threading


class Request:
    def __init__(self, number, head, body):
        self.number = number
        line, *headers = head.decode().split("\r\n")
        self.method, self.path, _ = line.split(" ")
        self.headers = dict(header.split(": ", 1) for header in headers if header)
        self.body = body
        self.bytes = len(head) + 4 + len(body)


def response(status, body=b"ok", head=""):
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{head}\r\n".encode() + body


class HttpTarget:
    """answer(request) gives the bytes to answer with, or None to say nothing; it runs in the
    thread of its connection and may wait as long as it likes."""

    def __init__(self, answer=lambda request: response(200)):
        self.answer = answer
        self.lock = threading.Lock()
        self.requests, self.connections, self.bytes_answered = [], 0, 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection, connection.makefile("rb") as stream:
            try:
                while request := self.read(stream):
                    answer = self.answer(request)
                    if answer is not None:
                        self.bytes_answered += len(answer)
                        connection.sendall(answer)
            except OSError:
                pass  # the client has gone

    def read(self, stream):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = stream.readline()
            if not line:
                return None
            head += line
        head = head[:-4]
        length = next((int(header.split(b":")[1]) for header in head.split(b"\r\n")
                       if header.lower().startswith(b"content-length:")), 0)
        body = stream.read(length)
        with self.lock:
            request = Request(len(self.requests) + 1, head, body)
            self.requests.append(request)
        return request
