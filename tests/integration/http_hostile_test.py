"""Clients that are slow, wrong or of ill will: each gets what HTTP has for it, and the broker goes on."""
import gzip
import json
import socket
import ssl
import struct
import time
import unittest

from broker_process import eventually
from contract_requests import HIT, SANITIZED, UPGRADE, request_bytes, start
from http_client import Http
from live_viewer import SlowViewer

MIB = 1 << 20
MEMORY_BYTES = (1_000 if SANITIZED else 64) * MIB  # more than any test here may leave behind
LINE = json.dumps(HIT).encode()


class Hostile(unittest.TestCase):
    settings = ()

    def setUp(self):
        self.broker = start("--set", "http.request_timeout_s=1", "--set", "http.idle_timeout_s=2",
                            *self.settings)
        self.addCleanup(self.broker.__exit__)
        self.http = Http(self.broker)
        self.memory = self.http.metric("weir_memory_bytes")
        self.addCleanup(self.goes_on)

    def goes_on(self):
        """It answers, takes messages, and holds nothing."""
        self.assertEqual(self.http.request("GET", "/healthz").status, 200)
        answer = self.http.post_messages([HIT])
        self.assertEqual((answer.status, answer.json()["accepted"]), (200, 1))
        self.assertLess(self.http.metric("weir_memory_bytes") - self.memory, MEMORY_BYTES)
        self.assertEqual(self.broker.stop()[0], 0)

    def talk(self, *pieces, pause_s=0.0):
        """All that is answered to these bytes, until it hangs up, and after how long."""
        began = time.monotonic()
        with self.http.connect() as bare:
            try:
                for piece in pieces:
                    bare.sendall(piece)
                    time.sleep(pause_s)
            except (BrokenPipeError, ConnectionResetError):
                pass
            return rest_of(bare), time.monotonic() - began

    def assert_refused(self, status, *pieces, **options):
        """And the connection ends. Returns the answer."""
        answer, took = self.talk(*pieces, **options)
        head, _, body = answer.partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.1 %d " % status), answer[:300])
        self.assertEqual(answer.count(b"HTTP/1.1 "), 1, answer[:1000])
        self.assertIn(b"Connection: close", head)
        self.assertIn("code", json.loads(body)["error"])
        self.assertLess(took, 10)
        return answer


def rest_of(bare):
    """What comes until it hangs up."""
    got = b""
    try:
        while piece := bare.recv(65536):
            got += piece
    except ConnectionResetError:
        pass
    return got


def get(target="/healthz", host="127.0.0.1", **headers):
    return request_bytes("GET", target, Host=host, **headers)


def post(body=b"", target="/api/messages", **headers):
    """A length is given unless the headers do."""
    if not {"Content_Length", "Transfer_Encoding"} & set(headers):
        headers["Content_Length"] = len(body)
    return request_bytes("POST", target, Host="127.0.0.1", **headers) + body


def chunked(*pieces):
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (*pieces, b""))


class SlowClientTest(Hostile):
    def test_a_header_that_comes_byte_by_byte(self):
        answer, took = self.talk(*(bytes([byte]) for byte in get(X="y" * 100)), pause_s=0.05)
        self.assertTrue(answer == b"" or answer.startswith(b"HTTP/1.1 408 "), answer)
        self.assertLess(took, 8)

    def test_a_header_without_an_end(self):
        answer, took = self.talk(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")
        self.assertTrue(answer == b"" or answer.startswith(b"HTTP/1.1 408 "), answer)
        self.assertTrue(0.8 < took < 4, took)

    def test_a_body_of_500_bytes_a_second(self):
        body = LINE * 40
        answer, took = self.talk(post(Content_Length=len(body)),
                                 *(body[at:at + 50] for at in range(0, len(body), 50)), pause_s=0.1)
        self.assertTrue(answer == b"" or answer.startswith(b"HTTP/1.1 408 "), answer)
        self.assertLess(took, 13)
        self.assertEqual(self.http.get("/api/broker")["decoded"], 0)

    def test_a_body_that_does_not_come(self):
        answer, took = self.talk(post(Content_Length=100) + LINE[:50])
        self.assertTrue(answer == b"" or answer.startswith(b"HTTP/1.1 408 "), answer)
        self.assertTrue(0.8 < took < 4, took)

    def test_who_hangs_up_in_the_middle(self):
        for piece in (b"", b"G", get()[:-2], post(Content_Length=100) + LINE[:50]):
            with self.http.connect() as bare:
                bare.sendall(piece)
        self.assertEqual(self.http.get("/api/broker")["decoded"], 0)

    def test_an_idle_connection_is_closed(self):
        answer, took = self.talk(get())
        self.assertTrue(answer.endswith(b'{"status":"ok"}'))
        self.assertTrue(1.8 < took < 5, took)
        answer, took = self.talk()
        self.assertEqual(answer, b"")
        self.assertTrue(1.8 < took < 5, took)

    def test_who_does_not_take_the_answer(self):
        asked = get("/openapi.json") * 30
        bares = [self.http.connect(receive_bytes=4096) for _ in range(30)]
        for bare in bares:
            bare.sendall(asked)
        time.sleep(3)
        for bare in bares:
            with bare:
                self.assertLess(len(rest_of(bare)), 10 * MIB)


class SizeTest(Hostile):
    settings = ("--set", "http.body_bytes=100000", "--set", "http.inflated_bytes=2000000")

    def test_headers_and_targets_beyond_their_limits(self):
        self.assert_refused(431, get(X="y" * 17_000))
        self.assert_refused(431, get(**{f"X{number}": "y" for number in range(101)}))
        self.assert_refused(431, b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * MIB)
        self.assert_refused(414, get("/" + "x" * 4_100))
        self.assertIn(b"HTTP/1.1 404", self.talk(get("/" + "x" * 4_000, Connection="close"))[0])

    def test_bodies_beyond_their_limit(self):
        self.assert_refused(413, post(b"x" * 100_001))
        self.assert_refused(413, post(Content_Length=100_001))
        self.assert_refused(413, post(Content_Length=10**18))
        self.assert_refused(413, post(Transfer_Encoding="chunked"), *[chunked(b"x" * 9_000)[:-5]] * 12)
        self.assert_refused(413, post(b"x" * 100_001, target="/api/session"))

    def test_a_body_that_is_announced_is_not_taken_before_it_may_come(self):
        refused = self.assert_refused(413, post(Content_Length=10**9, Expect="100-continue"))
        self.assertNotIn(b"100 Continue", refused)
        with self.http.connect() as bare:
            bare.sendall(post(Content_Length=len(LINE), Expect="100-continue"))
            self.assertEqual(bare.recv(65536), b"HTTP/1.1 100 Continue\r\n\r\n")
            bare.sendall(LINE)
            self.assertIn(b"HTTP/1.1 200", bare.recv(65536))

    def test_gzip(self):
        packed = gzip.compress(LINE)
        for body in (packed, packed + gzip.compress(b"\n" + LINE)):
            answer = self.http.request("POST", "/api/messages", body, Content_Encoding="gzip")
            self.assertEqual(answer.status, 200, answer.body)
        for broken in (b"", LINE, packed[:-1], packed[:12], packed + b"x",
                       packed[:-8] + bytes(8), packed[:10] + b"\xff" * 9):
            answer = self.http.request("POST", "/api/messages", broken, Content_Encoding="gzip")
            self.assertEqual((answer.status, answer.error["field"]), (400, "Content-Encoding"))
        for coding in ("br", "deflate", "gzip, gzip", "zstd", "x"):
            answer = self.http.request("POST", "/api/messages", packed, Content_Encoding=coding)
            self.assertEqual((answer.status, answer.error["field"]), (415, "Content-Encoding"))

    def test_a_gzip_bomb(self):
        bombs = [gzip.compress(bytes(50 * MIB)), gzip.compress(b" " * 2_000_001),
                 gzip.compress(bytes(MIB)) * 60]
        for bomb in bombs:
            for _ in range(5):
                answer = self.http.request("POST", "/api/messages", bomb, Content_Encoding="gzip")
                self.assertEqual(answer.status, 413)


class GarbageTest(Hostile):
    def test_requests_that_can_be_read_in_two_ways(self):
        line = b"POST /api/messages HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        size = str(len(LINE)).encode()
        for fields in (b"Content-Length: %b\r\nTransfer-Encoding: chunked\r\n" % size,
                       b"Transfer-Encoding: chunked\r\nContent-Length: %b\r\n" % size,
                       b"Content-Length: %b\r\nContent-Length: 3\r\n" % size,
                       b"Content-Length: %b, 3\r\n" % size, b"Content-Length: -1\r\n",
                       b"Content-Length: +5\r\n", b"Content-Length: 0x10\r\n",
                       b"Content-Length: 99999999999999999999999\r\n",
                       b"Transfer-Encoding: gzip, chunked\r\n", b"Transfer-Encoding: xchunked\r\n",
                       b"Transfer-Encoding: chunked, identity\r\n", b"Host: other\r\n",
                       b"Content-Length : 5\r\n"):
            with self.subTest(fields):
                self.assert_refused(400, line + fields + b"\r\n" + chunked(LINE))
        self.assertEqual(self.http.get("/api/broker")["decoded"], 0)

    def test_hosts(self):
        self.assert_refused(400, b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: 127.0.0.1\r\n\r\n")
        for request in (b"GET /healthz HTTP/1.1\r\n\r\n", b"GET /healthz HTTP/1.1\r\nHost:\r\n\r\n"):
            with self.http.connect() as bare:
                bare.sendall(request)
                self.assertTrue(bare.recv(65536).startswith(b"HTTP/1.1 400 "))

    def test_chunks_that_are_none(self):
        for body in (b"zz\r\nx\r\n", b"-1\r\nx\r\n", b"5\r\nabc", b"3\r\nabcd\r\n0\r\n\r\n",
                     b"fffffffffffffffff\r\n", b"\r\n\r\n", b"1;" + b"x" * 70_000 + b"\r\n"):
            with self.subTest(body[:20]):
                answer, took = self.talk(post(Transfer_Encoding="chunked") + body)
                self.assertRegex(answer, rb"\A(HTTP/1.1 (400|408|413|431) |\Z)")
                self.assertLess(took, 6)

    def test_chunks_that_are_some(self):
        body = chunked(LINE[:7], LINE[7:], b"\n" + LINE)
        answer, _ = self.talk(post(Transfer_Encoding="chunked", Connection="close") + body)
        self.assertIn(b'"accepted":2', answer)

    def test_what_is_no_http(self):
        for garbage in (b"GET /\r\n", b"GET\r\n\r\n", b"\x00" * 100, b"\r\n" * 50 + b"x\r\n\r\n",
                        b"GET /health\x00z HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
                        b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\x00b\r\n\r\n",
                        b"GET /healthz HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n",
                        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
                        b"GET  /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
                        b'{"data_type":"add_hit"}\n' * 10, b"\xff" * 5_000):
            with self.subTest(garbage[:40]):
                answer, took = self.talk(garbage)
                self.assertRegex(answer, rb"\A(HTTP/1.1 (400|408|431) |\Z)")
                self.assertLess(took, 6)

    def test_a_greeting_of_tls(self):
        with self.assertRaises((ssl.SSLError, ConnectionResetError)), self.http.connect() as bare:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.wrap_socket(bare)

    def test_targets_of_other_forms(self):
        for target, status in (("http://127.0.0.1/healthz", 400), ("*", 400), ("healthz", 400),
                               ("/healthz#x", 400), ("/healthz?%zz", 400), ("/api/runs/%ff", 400),
                               ("/api/runs/%00", 400), ("/api/runs?q=%c3%28", 400),
                               ("/..%2f..%2fetc/passwd", 404), ("/assets/..%2fx", 404),
                               ("/api/runs?" + "&".join(["a=b"] * 65), 400)):
            with self.subTest(target):
                answer, _ = self.talk(get(target, Connection="close"))
                self.assertTrue(answer.startswith(b"HTTP/1.1 %d " % status), answer[:200])

    def test_methods(self):
        for method, status in (("TRACE", 405), ("BREW", 405), ("CONNECT", 405), ("get", 405),
                               ("PUT", 405), ("PROPFIND", 405)):
            with self.subTest(method):
                answer, _ = self.talk(request_bytes(method, "/healthz", Host="127.0.0.1",
                                                    Connection="close"))
                self.assertTrue(answer.startswith(b"HTTP/1.1 %d " % status), answer[:200])

    def test_http_1_0(self):
        answer, took = self.talk(b"GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.1 200 ") and answer.endswith(b'"ok"}'), answer)
        self.assertLess(took, 1.5)

    def test_bodies_of_requests_that_have_none(self):
        answer, _ = self.talk(get(Content_Length=3) + b"abc" + get("/version", Connection="close"))
        self.assertEqual(answer.count(b"HTTP/1.1 200 "), 2, answer)

    def test_fifty_requests_at_once_are_answered_in_order(self):
        asked = b"".join(get("/version") if number % 3 else post(LINE) if number % 2 else
                         get("/api/runs") for number in range(49))
        answer, _ = self.talk(asked + get(Connection="close"))
        parts = answer.split(b"HTTP/1.1 ")[1:]
        self.assertEqual([part[:3] for part in parts], [b"200"] * 50)
        kinds = [next(name for name in (b'"version"', b'"accepted"', b'"runs"', b'"ok"')
                      if name in part) for part in parts]
        expected = [b'"version"' if number % 3 else b'"accepted"' if number % 2 else b'"runs"'
                    for number in range(49)]
        self.assertEqual(kinds, [*expected, b'"ok"'])


class WebSocketGarbageTest(Hostile):
    def test_frames_that_are_none(self):
        for kind, payload, size in ((1, b"", 10**12), (1, b"x" * 100, 2**63), (15, b"x", None),
                                    (9, b"x" * 126, None), (2, b"\xff" * 4_000, None)):
            with SlowViewer(self.http) as viewer:
                self.assertEqual(viewer.status, 101)
                viewer.say(kind, payload, size)
                viewer.message()
        with SlowViewer(self.http) as viewer:
            viewer.socket.sendall(b"GET / HTTP/1.1\r\n\r\n" * 1_000)
            eventually(lambda: viewer.message() is None, "it hangs up")

    def test_upgrades_that_are_none(self):
        keyless = {name: value for name, value in UPGRADE.items() if "Key" not in name}
        for headers in (keyless, {**UPGRADE, "Sec_WebSocket_Version": "12"},
                        {**UPGRADE, "Sec_WebSocket_Key": "x" * 100},
                        {**UPGRADE, "Upgrade": "h2c"}, {**UPGRADE, "Connection": "close"}):
            answer, _ = self.talk(get("/api/live", **headers))
            self.assertRegex(answer, rb"\AHTTP/1.1 4(00|26) ")
        answer, _ = self.talk(get("/healthz", **{**UPGRADE}))
        self.assertTrue(answer.startswith(b"HTTP/1.1 200 "), answer[:100])


class CrowdTest(Hostile):
    settings = ("--set", "http.connections=20")

    def test_connections_beyond_the_limit_are_told_and_room_is_made(self):
        bares = [self.http.connect() for _ in range(20)]
        for bare in bares:
            bare.sendall(get())
            self.assertIn(b"HTTP/1.1 200", bare.recv(65536))
        for _ in range(50):
            self.assert_refused(503, get())
        for bare in bares:
            bare.close()
        eventually(lambda: self.http.request("GET", "/healthz").status == 200, "there is room")

    def test_many_connects_in_a_row(self):
        for number in range(2_000):
            bare = socket.create_connection((self.http.host, self.http.port))
            if number % 2:  # hang up rudely
                bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            bare.close()
        eventually(lambda: self.http.request("GET", "/healthz").status == 200, "there is room")


if __name__ == "__main__":
    unittest.main()
