"""HTTPS and its WebSocket: with the certificate it is given, to those who speak TLS and at their pace."""
import json
import pathlib
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
import urllib.request

import websockets

from broker_process import BrokerProcess, eventually, weir

NAME = "weir.example"


def certificate(folder):
    """Self-signed, for NAME and 127.0.0.1."""
    files = [folder / name for name in ("cert.pem", "key.pem")]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME},IP:127.0.0.1",
                    "-out", files[0], "-keyout", files[1]], check=True, capture_output=True)
    return files


class TlsTest(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.cert, self.key = certificate(pathlib.Path(scratch.name))
        self.trust = ssl.create_default_context(cafile=self.cert)
        self.broker = BrokerProcess(
            "--tick-ms", "100", "--set", f"http.tls_cert={self.cert}", "--set",
            f"http.tls_key={self.key}", "--set", "http.request_timeout_s=1")
        self.addCleanup(self.broker.__exit__)
        self.url = self.broker.endpoints["http"]
        self.port = int(self.url.rsplit(":", 1)[1])

    def ask(self, path, body=None):
        request = urllib.request.Request(self.url + path, data=body)
        return urllib.request.urlopen(request, context=self.trust, timeout=20)

    def bare(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    async def test_requests_and_the_live_feed(self):
        self.assertTrue(self.url.startswith("https://"))
        with self.ask("/healthz") as answer:
            self.assertEqual(json.load(answer), {"status": "ok"})
        address = self.url.replace("https", "wss", 1) + "/api/live"
        async with websockets.connect(address, ssl=self.trust, origin=self.url) as viewer:
            self.assertEqual(json.loads(await viewer.recv())["type"], "snapshot")
            self.assertIn("seq", json.loads(await viewer.recv()))
        with self.assertRaises(websockets.InvalidStatusCode):
            await websockets.connect(address, ssl=self.trust,
                                     origin=self.url.replace("https", "http"))

    def test_the_cookie_goes_over_tls_only(self):
        done = weir("token", "add", "ci", "--role", "viewer", "--db", self.broker.db)
        body = json.dumps({"token": done.stdout.strip()}).encode()

        def sign_in():
            with self.ask("/api/session", body) as answer:
                return answer.headers["Set-Cookie"]
        self.assertIn("; Secure", eventually(sign_in, "a session"))

    def test_old_versions_are_refused(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaises((ssl.SSLError, ConnectionError)), self.bare() as plain:
            context.wrap_socket(plain)

    def test_who_speaks_no_tls_or_nothing_is_hung_up_on(self):
        for said in (b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"", b"\x16\x03\x01\x02"):
            began = time.monotonic()
            with self.bare() as plain:
                plain.sendall(said)
                try:
                    while plain.recv(4096):
                        pass
                except ConnectionResetError:
                    pass
            self.assertLess(time.monotonic() - began, 5, said)
        with self.ask("/healthz") as answer:
            self.assertEqual(answer.status, 200)

    def test_a_certificate_that_cannot_be_used_is_told_at_the_start(self):
        for cert, key in ((self.key, self.key), ("/no/such.pem", self.key)):
            with self.assertRaisesRegex(AssertionError, "http.tls_cert"):
                BrokerProcess("--set", f"http.tls_cert={cert}", "--set", f"http.tls_key={key}")


if __name__ == "__main__":
    unittest.main()
