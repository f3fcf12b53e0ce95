"""With security.curve nobody gets in without a known key whose role fits, and whoever is kept out is
counted."""
import json
import os
import stat
import subprocess
import tempfile
import unittest

import zmq

from broker_process import SOURCE, BrokerProcess, eventually, weir
from keys import KeyFolder, command, connect, greeting, read_keys, tcp

HIT = json.dumps({"data_type": "add_hit", "worker_id": "w", "run_id": "r", "url": "http://h/",
                  "method": "GET", "status": 200, "elapsed": 0.01})


class CurveTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.keys = KeyFolder(cls.scratch.name)
        cls.files = {role: cls.keys.client(role, role) for role in ("runner", "viewer", "admin")}
        cls.broker = BrokerProcess(*cls.keys.arguments, "--relay", "tcp://127.0.0.1:*", "--acked", "tcp://127.0.0.1:*",
                                   "--tick-ms", "100", "--set", "ingest.handshake_ivl_s=1",
                                   "--log-level", "debug")
        cls.addClassCleanup(cls.broker.__exit__)
        cls.pairs = {role: read_keys(path) for role, path in cls.files.items()}

    def socket(self, kind, name, keys, **options):
        made = connect(self.broker.context, kind, self.broker.endpoints[name], keys, **options)
        self.addCleanup(made.close)
        return made

    def status(self, accept=lambda status: True, what="broker status"):
        feed = self.socket(zmq.SUB, "feed", self.pairs["admin"])

        def look():
            topic, text = feed.recv_multipart()
            message = json.loads(text)
            return topic == b"broker/" and accept(message) and message
        return eventually(look, what)

    def refused(self, counter, before, count=1):
        self.status(lambda status: status["connections"][counter] >= before + count,
                    f"{counter} rose")

    def expect_no_way_in(self, kind, name, keys, counter, **options):
        """The connection is refused and counted, and nothing gets in or out."""
        before = self.status()
        made = self.socket(kind, name, keys, **options)
        self.refused(counter, before["connections"][counter])
        if kind == zmq.PUSH:
            with self.assertRaises(zmq.Again):
                made.send_string(HIT, zmq.NOBLOCK)
        else:
            self.assertEqual(made.poll(300), 0)

    def test_a_known_key_with_the_right_role_gets_in_everywhere(self):
        relay = self.socket(zmq.SUB, "relay", self.pairs["viewer"])
        feed = self.socket(zmq.SUB, "feed", self.pairs["viewer"])
        self.assertIn(feed.recv_multipart()[0].split(b"/")[0], (b"broker", b"summary", b"run"))
        before = self.status()["decoded"]
        for role in ("runner", "admin"):
            self.socket(zmq.PUSH, "ingest", self.pairs[role]).send_string(HIT)
        self.status(lambda status: status["decoded"] == before + 2, "both hits")
        runner = self.socket(zmq.PUSH, "ingest", self.pairs["runner"])

        def relayed():  # once the subscription has arrived
            runner.send_string(HIT)
            return relay.poll(100)
        eventually(relayed, "the hit comes out of the relay")
        self.assertEqual(relay.recv_string(), HIT)

    def test_a_key_that_is_not_known_is_refused(self):
        public, secret = (key.decode() for key in zmq.curve_keypair())
        stranger = {"public": public, "secret": secret, "server": self.keys.server}
        for kind, name in ((zmq.PUSH, "ingest"), (zmq.SUB, "feed"), (zmq.SUB, "relay")):
            with self.subTest(name):
                self.expect_no_way_in(kind, name, stranger, "refused_key")

    def test_a_public_key_without_its_secret_is_of_no_use(self):
        _, secret = (key.decode() for key in zmq.curve_keypair())
        self.expect_no_way_in(zmq.PUSH, "ingest", dict(self.pairs["runner"], secret=secret),
                              "handshakes_failed")

    def test_a_role_opens_its_own_sockets_only(self):
        for kind, name, role in ((zmq.PUSH, "ingest", "viewer"), (zmq.SUB, "feed", "runner"),
                                 (zmq.SUB, "relay", "runner")):
            with self.subTest(name):
                self.expect_no_way_in(kind, name, self.pairs[role], "refused_role")

    def test_a_wrong_server_key_is_noticed(self):
        wrong = dict(self.pairs["runner"], server=zmq.curve_keypair()[0].decode())
        self.expect_no_way_in(zmq.PUSH, "ingest", wrong, "handshakes_failed")

    def test_no_key_and_a_password_are_refused(self):
        for name, kind in (("ingest", zmq.PUSH), ("feed", zmq.SUB), ("relay", zmq.SUB)):
            with self.subTest(name):
                self.expect_no_way_in(kind, name, None, "handshakes_failed")
        self.expect_no_way_in(zmq.PUSH, "ingest", None, "handshakes_failed",
                              plain_username=b"admin", plain_password=b"admin")

    def test_hostile_handshakes_are_hung_up_on_and_counted(self):
        ready = command(b"READY", b"\x0bSocket-Type\0\0\0\4PUSH")
        hit = HIT.replace('"r"', '"h"').encode()  # would be a second run
        frame = b"\0" + bytes([len(hit)]) + hit
        hello = command(b"HELLO", b"\1\0" + os.urandom(192))
        attacks = [greeting(b"NULL") + ready + frame, greeting(b"CURVE") + ready + frame,
                   greeting(b"CURVE") + frame, greeting(b"CURVE") + hello + ready,
                   greeting(b"CURVE") + command(b"HELLO", b""),
                   greeting(b"CURVE") + command(b"INITIATE", os.urandom(300)),
                   greeting(b"CURVE") + command(b"ERROR", b"\x03200") * 2,
                   greeting(b"CURVE") + b"\x06" + b"\xff" * 8, greeting(os.urandom(20)),
                   b"GET / HTTP/1.1\r\n\r\n", os.urandom(1000), b"\xff"]
        before = self.status()
        for attack in attacks:
            with self.subTest(attack[:80]), tcp(self.broker.endpoints["ingest"]) as peer:
                try:
                    peer.sendall(attack)
                    while peer.recv(1000):
                        pass
                except ConnectionError:
                    pass
        after = self.status(lambda status: status["connections"]["disconnected"] >=
                            before["connections"]["disconnected"] + len(attacks), "all hung up on")
        self.assertGreaterEqual(after["connections"]["handshakes_failed"],
                                before["connections"]["handshakes_failed"] + len(attacks) - 3)
        self.assertLessEqual(after["runs"]["known"], 1)

    def test_a_key_added_while_the_broker_runs_gets_in_and_one_removed_does_not(self):
        path = self.keys.client("late", "runner")
        before = self.status()["decoded"]

        def get_in():  # within a second of the change; a refused client does not try again
            made = self.socket(zmq.PUSH, "ingest", read_keys(path), sndtimeo=500)
            try:
                made.send_string(HIT)
            except zmq.Again:
                return False
            return True
        eventually(get_in, "the new key is known")
        self.status(lambda status: status["decoded"] > before, "the hit")
        clients = self.keys.data / "curve-clients"
        clients.write_text("".join(line for line in clients.read_text().splitlines(True)
                                   if not line.endswith(" late\n")))
        eventually(lambda: not get_in(), "the key is not known any more")

    def test_the_commands_and_clients_take_the_keys(self):
        to, feed = self.broker.endpoints["ingest"], self.broker.endpoints["feed"]
        key = ("--key", self.files["runner"])
        before = self.status()["decoded"]
        sent = weir("send", "--to", to, *key, input=HIT + "\n")
        self.assertEqual((sent.returncode, sent.stdout), (0, "sent 1\n"), sent.stderr)
        environment = {**os.environ, "WEIR_CLIENT_KEY": str(self.files["runner"]),
                       "WEIR_SERVER_KEY": self.keys.server}
        sent = weir("send", "--to", to, input=HIT + "\n", env=environment)
        self.assertEqual(sent.returncode, 0, sent.stderr)
        self.status(lambda status: status["decoded"] == before + 2, "both hits")
        tail = weir("tail", "--feed", feed, "--key", self.files["viewer"], "--count", 1)
        self.assertEqual(tail.returncode, 0, tail.stderr)
        tail = weir("tail", "--relay", self.broker.endpoints["relay"], "--timeout", "500ms",
                   "--key", self.files["runner"])
        self.assertEqual(tail.returncode, 98)

    def test_the_python_and_node_clients_take_the_keys(self):
        program = {
            "python3": ["/usr/bin/python3", "-c", "import weir_client\nwith weir_client.Client() as c:"
                        "\n c.add_hit('http://h/', 'GET', 200, None, 0.01)"
                        "\nimport weir_acked_client\nwith weir_acked_client.AckedClient() as c:"
                        "\n c.add_hit('http://h/', 'GET', 200, None, 0.01)"],
            "node": ["node", "--input-type=module", "-e", "import { Client } from './weir_client.mjs';"
                     "const c = new Client(); c.add_hit('http://h/', 'GET', 200, undefined, 0.01);"
                     "await c.close();"
                     "import { AckedClient } from './weir_acked_client.mjs';"
                     "const a = new AckedClient(); a.add_hit('http://h/', 'GET', 200, undefined, 0.01);"
                     "await a.close();"]}
        for name, words in program.items():
            with self.subTest(name):
                if name == "node" and not (SOURCE / "runners/node/node_modules").exists():
                    self.skipTest("the Node runner's packages are not installed")
                before = self.status()["decoded"]
                done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False,
                                      cwd=SOURCE / "runners" / name.rstrip("3"), env={
                                          **os.environ, "WEIR_CLIENT_KEY": str(self.files["runner"]),
                                          "WEIR_ACKED": self.broker.endpoints["acked"],
                                          "LOADS_ZMQ_RECEIVER": self.broker.endpoints["ingest"]})
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.status(lambda status: status["decoded"] == before + 2, "both hits")

    def test_acknowledged_batches_need_a_key_that_may_send(self):
        for keys, code in ((("--key", self.files["runner"]), 0), (("--key", self.files["admin"]), 0),
                           (("--key", self.files["viewer"]), 1), ((), 1)):
            with self.subTest(keys):
                sent = weir("send", "--acked", "--to", self.broker.endpoints["acked"], *keys,
                            "--timeout", "2s", "-q", input=HIT + "\n")
                self.assertEqual(sent.returncode, code, sent.stderr)

    def test_a_command_with_keys_that_do_not_fit_says_so(self):
        to = self.broker.endpoints["ingest"]
        viewer = self.files["viewer"]
        for arguments, why in (
                (("--key", viewer), "or the keys are not those that it knows"),
                (("--key", self.keys.folder / "none"), "cannot be read"),
                (("--server-key", self.keys.server), "give a key file too"),
                (("--key", SOURCE / "README.md"), "is not that of a key")):
            with self.subTest(why):
                done = weir("send", "--to", to, "--timeout", "1s", *arguments, input=HIT)
                self.assertEqual(done.returncode, 1)
                self.assertIn(why, done.stderr)
                self.assertNotIn(read_keys(viewer)["secret"], done.stderr)

    def test_secrets_are_for_their_owner_and_in_no_log(self):
        for path in (*self.files.values(), self.keys.data / "curve-server.key"):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(self.keys.data.stat().st_mode), 0o700)
        log = self.broker.read_log()
        secrets = [pair["secret"] for pair in self.pairs.values()]
        secrets.append(read_keys(self.keys.data / "curve-server.key")["secret"])
        for secret in secrets:
            self.assertNotIn(secret, log)


class CurveStartTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.keys = KeyFolder(scratch.name)

    def refuse(self, *arguments):
        done = weir("serve", "--db", self.keys.folder / "weir.db", "--ingest", "tcp://127.0.0.1:*",
                    "--feed", "tcp://127.0.0.1:*", "--http", "127.0.0.1:0", *self.keys.arguments, *arguments)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, r"\Aweir: serve: [^\n]*\n\Z")
        return done.stderr

    def test_a_broker_without_its_key_does_not_start(self):
        (self.keys.data / "curve-server.key").unlink()
        self.assertIn("weir keygen makes it", self.refuse())

    def test_a_key_that_others_can_read_is_refused(self):
        (self.keys.data / "curve-server.key").chmod(0o640)
        self.assertIn("chmod 600", self.refuse())

    def test_a_broken_key_or_list_of_clients_is_refused_and_not_quoted(self):
        clients = self.keys.data / "curve-clients"
        clients.write_text("hunter2 runner x\n")
        clients.chmod(0o600)
        self.assertNotIn("hunter2", self.refuse())
        clients.chmod(0o666)
        self.assertIn("written by others", self.refuse())
        clients.unlink()
        key = self.keys.data / "curve-server.key"
        key.write_text('public = "hunter2"\n')
        self.assertNotIn("hunter2", self.refuse())

    def test_with_curve_it_may_listen_beyond_loopback(self):
        with BrokerProcess(*self.keys.arguments, "--relay", "tcp://0.0.0.0:*") as broker:
            self.assertTrue(broker.endpoints["relay"].startswith("tcp://0.0.0.0:"))

    def test_keys_are_not_replaced_by_mistake(self):
        before = (self.keys.data / "curve-server.key").read_text()
        done = weir("keygen", "--data", self.keys.data)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("--force", done.stderr)
        self.assertEqual((self.keys.data / "curve-server.key").read_text(), before)
        done = weir("keygen", "--data", self.keys.data, "--force")
        self.assertNotEqual(done.stdout.strip(), self.keys.server)
        self.assertEqual(read_keys(self.keys.data / "curve-server.key")["public"],
                         done.stdout.strip())


if __name__ == "__main__":
    unittest.main()
