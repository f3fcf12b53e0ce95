"""Changes over HTTP: what is stored after them, and after the broker was killed. Who may make them."""
import json
import signal
import sqlite3
import unittest

from api_contract import Contract
from broker_process import BrokerProcess, eventually, weir
from contract_requests import HIT, start
from http_client import Http, target_of


def hit(**fields):
    return {**HIT, "run_id": "r", **fields}


class Changes(unittest.TestCase):
    """A broker with a run r that goes on."""

    def setUp(self):
        self.broker = start()
        self.addCleanup(self.broker.__exit__)
        self.http, self.contract = Http(self.broker), Contract()
        self.http.post_messages([hit()])
        eventually(lambda: self.http.request("GET", "/api/runs/r").status == 200, "the run")

    def ask(self, method, target, body=None, http=None, **headers):
        """Asks for something that is described, and gets what is."""
        text = None if body is None else json.dumps(body).encode()
        answer = (http or self.http).request(method, target, text, **headers)
        self.contract.check(method, target, answer)
        return answer

    def stored(self, columns, run_id="r"):
        return self.broker.query(f"SELECT {columns} FROM runs WHERE run_id = ?", run_id)


class ChangeTest(Changes):
    def test_what_people_say_of_a_run_is_stored(self):
        said = {"name": "ein Läufchen", "note": "slow\n<b>x</b>", "baseline": True,
                "tags": {"branch": "main", "": "empty"}}
        changed = self.ask("PATCH", "/api/runs/r", said).json()
        self.assertEqual({key: changed[key] for key in said}, said)
        name, note, baseline, tags = self.stored("name, note, baseline, tags")[0]
        self.assertEqual((name, note, baseline, json.loads(tags)),
                         (said["name"], said["note"], 1, said["tags"]))
        # What is not given stays; tags are replaced as a whole.
        changed = self.ask("PATCH", "/api/runs/r", {"tags": {"a": "b"}}).json()
        self.assertEqual((changed["name"], changed["note"], changed["tags"]),
                         (said["name"], said["note"], {"a": "b"}))
        self.assertEqual(self.ask("PATCH", "/api/runs/r", {"tags": {}}).json()["tags"], {})

    def test_a_change_is_not_undone_by_what_comes_after(self):
        self.ask("PATCH", "/api/runs/r", {"name": "mine", "tags": {"a": "b"}})
        for number in range(3):
            self.http.post_messages([hit(time=None), {"data_type": "startTestRun", "run_id": "r",
                                                      "worker_id": "w"}])
            eventually(lambda: self.http.get("/api/runs/r")["hits"]["count"] == number + 2, "a hit")
        self.ask("POST", "/api/runs/r/stop")
        run = self.http.get("/api/runs/r")
        self.assertEqual((run["name"], run["tags"]), ("mine", {"a": "b"}))

    def test_a_wrong_change_changes_nothing_and_is_named(self):
        before = self.stored("*")
        for body, field in (({"name": 1}, "name"), ({"name": "x" * 1025}, "name"),
                            ({"note": "x" * 16385}, "note"), ({"note": None}, "note"),
                            ({"baseline": 1}, "baseline"), ({"tags": []}, "tags"),
                            ({"tags": {"a": 1}}, "tags.a"), ({"state": "finished"}, "state"),
                            ({"tags": {str(i): "" for i in range(101)}}, "tags"),
                            ({"name": "x", "no_such": 1}, "no_such")):
            with self.subTest(field=field):
                answer = self.ask("PATCH", "/api/runs/r", body)
                self.assertEqual((answer.status, answer.error["field"]), (400, field))
        for text in (b"", b"{}", b"[]", b"{", b"null", b'"name"', b"\xff"):
            self.assertEqual(self.http.request("PATCH", "/api/runs/r", text).status, 400, text)
        self.assertEqual(self.stored("name, note, baseline, tags"), [("", "", 0, "{}")], before)

    def test_a_run_is_stopped_once_and_what_comes_later_is_late(self):
        stopped = self.ask("POST", "/api/runs/r/stop").json()
        self.assertEqual(stopped["state"], "aborted_by_user")
        self.assertEqual(self.stored("state, ended_us IS NOT NULL"), [("aborted_by_user", 1)])
        self.assertEqual(self.ask("POST", "/api/runs/r/stop").status, 409)
        self.http.post_messages([hit()])
        eventually(lambda: self.http.get("/api/runs/r")["late"] == 1, "a late one")
        run = self.http.get("/api/runs/r")
        self.assertEqual((run["state"], run["hits"]["count"]), ("aborted_by_user", 2))

    def test_an_ended_run_is_deleted_with_its_rows(self):
        self.assertEqual(self.ask("DELETE", "/api/runs/r").status, 409)
        self.ask("POST", "/api/runs/r/stop")
        self.assertEqual(self.ask("DELETE", "/api/runs/r").status, 204)
        self.assertEqual(self.ask("GET", "/api/runs/r").status, 404)
        for table in ("runs", "labels", "workers", "hits", "events", "status_counts"):
            column = "id" if table == "runs" else "run"
            eventually(lambda: self.broker.query(f"SELECT 1 FROM {table} WHERE {column} = 1") == [],
                       f"{table} is empty")
        self.assertEqual(self.ask("DELETE", "/api/runs/r").status, 404)

    def test_a_baseline_is_deleted_by_force_only(self):
        self.ask("POST", "/api/runs/r/stop")
        self.ask("PATCH", "/api/runs/r", {"baseline": True})
        for force in ("", "?force=false"):
            self.assertEqual(self.ask("DELETE", "/api/runs/r" + force).status, 409)
        self.assertEqual(self.ask("GET", "/api/runs/r").status, 200)
        self.assertEqual(self.ask("DELETE", "/api/runs/r?force=true").status, 204)

    def test_changes_survive_a_kill(self):
        self.ask("PATCH", "/api/runs/r", {"name": "kept", "baseline": True})
        self.ask("POST", "/api/runs/r/stop")
        self.broker.stop(signal.SIGKILL)
        with BrokerProcess(db=self.broker.db) as again:
            run = Http(again).get("/api/runs/r")
        self.assertEqual((run["name"], run["baseline"], run["state"]),
                         ("kept", True, "aborted_by_user"))

    def test_changes_are_refused_while_the_results_file_is_locked_and_not_left_waiting(self):
        other = sqlite3.connect(self.broker.db, isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN IMMEDIATE")
        self.assertEqual(self.ask("PATCH", "/api/runs/r", {"note": "x"}).status, 503)


class IdempotencyTest(Changes):
    def post(self, key, *messages, http=None):
        answer = (http or self.http).post_messages(messages, Idempotency_Key=key)
        self.contract.check("POST", "/api/messages", answer)
        return answer

    def count(self, http=None):
        """Of all hits but one, which comes last: when it is stored, all before are."""
        http = http or self.http
        http.post_messages([hit(label="marker")])
        eventually(lambda: http.get("/api/runs/r/labels", q="marker")["total"] == 1, "the marker")
        return http.get("/api/runs/r")["hits"]["count"] - 1

    def test_a_key_counts_once(self):
        answers = [self.post("k-1", hit(), hit(), {"data_type": "add_hit"}) for _ in range(5)]
        self.assertEqual([answer.json()["replayed"] for answer in answers], [False] + [True] * 4)
        self.assertEqual([(each["accepted"], each["rejected"], each["reasons"])
                          for each in (answer.json() for answer in answers)],
                         [(2, 1, {"missing_field": 1})] * 5)
        self.post("k-2", hit(), hit(), {"data_type": "add_hit"})
        self.assertEqual(self.count(), 1 + 2 + 2)

    def test_a_key_with_another_body_is_refused(self):
        self.post("k", hit())
        other = self.post("k", hit(status=500))
        self.assertEqual((other.status, other.error["field"]), (422, "Idempotency-Key"))
        self.assertTrue(self.post("k", hit()).json()["replayed"])
        self.assertEqual(self.count(), 2)

    def test_a_key_counts_once_also_after_a_kill(self):
        self.post("k", hit(), hit())
        for _ in range(2):
            self.broker.stop(signal.SIGKILL)
            again = start(db=self.broker.db)
            self.addCleanup(again.__exit__)
            http = Http(again)
            self.assertTrue(self.post("k", hit(), hit(), http=http).json()["replayed"])
            self.assertEqual(self.post("k", hit(), http=http).status, 422)
            self.broker = again
        self.assertEqual(self.count(http), 3)

    def test_a_key_that_is_none(self):
        for key in ("x" * 256, "a b", "ä"):
            answer = self.http.post_messages([hit()], Idempotency_Key=key.encode())
            self.assertEqual((answer.status, answer.error["field"]), (400, "Idempotency-Key"))

    def test_ids_of_the_request_are_for_messages_that_have_none(self):
        nameless = {key: value for key, value in HIT.items() if key != "worker_id"}
        self.http.post_messages([nameless, hit(worker_id="own")],
                                {"run_id": "q", "worker_id": "by-request"})
        eventually(lambda: self.http.request("GET", "/api/runs/q").status == 200, "the run")
        workers = self.http.get("/api/runs/q/workers")["workers"]
        self.assertEqual([worker["worker_id"] for worker in workers], ["by-request"])
        for name in ("run_id", "worker_id"):
            for wrong in ("a/b", "x" * 129, "a\x01", ""):
                answer = self.http.post_messages([hit()], {name: wrong})
                self.assertEqual((answer.status, answer.error["field"]), (400, name), wrong)


class AccessTest(Changes):
    def setUp(self):
        super().setUp()
        self.tokens = {}
        for role in ("viewer", "runner", "admin"):
            done = weir("token", "add", role, "--role", role, "--db", self.broker.db)
            self.tokens[role] = done.stdout.strip()
        eventually(lambda: self.http.request("GET", "/api/runs").status == 401, "tokens are needed")

    def statuses(self, method, target, body=None):
        """By role."""
        return {role: self.ask(method, target, body, Http(self.broker, token)).status
                for role, token in {"nobody": None, **self.tokens}.items()}

    def test_each_role_may_what_it_may(self):
        look = {"nobody": 401, "viewer": 200, "runner": 403, "admin": 200}
        change = {"nobody": 401, "viewer": 403, "runner": 403, "admin": 200}
        for target in ("/api/runs", "/api/runs/r", "/metrics", "/api/broker", "/api/rejects"):
            self.assertEqual(self.statuses("GET", target), look, target)
        for target in ("/healthz", "/version", "/openapi.json", "/api/session"):
            self.assertEqual(set(self.statuses("GET", target).values()), {200}, target)
        self.assertEqual(self.statuses("PATCH", "/api/runs/r", {"note": "x"}), change)
        self.assertEqual(self.statuses("POST", "/api/messages", hit()),
                         {"nobody": 401, "viewer": 403, "runner": 200, "admin": 200})
        self.assertEqual(self.statuses("POST", "/api/runs/r/stop"), change)

    def test_a_token_in_each_of_its_places(self):
        token = self.tokens["viewer"]
        for name, value in (("Authorization", f"Bearer {token}"), ("Authorization", f"token {token}"),
                            ("X-Weir-Token", token), ("x-access-token", f" {token} ")):
            self.assertEqual(self.ask("GET", "/api/runs", **{name: value}).status, 200, name)
        for value in ("Bearer", "Bearer x", f"Basic {token}", f"Bearer {token}x", token):
            answer = self.ask("GET", "/api/runs", Authorization=value)
            self.assertEqual((answer.status, answer.headers["WWW-Authenticate"]), (401, "Bearer"))
        self.assertEqual(self.http.request("GET", target_of("/api/runs", token=token)).status, 401)

    def test_a_session_lasts_until_it_is_ended_or_its_token_is_revoked(self):
        for end in (lambda cookie: self.ask("DELETE", "/api/session", Cookie=cookie),
                    lambda _: weir("token", "revoke", "viewer", "--db", self.broker.db)):
            signed = self.ask("POST", "/api/session", {"token": self.tokens["viewer"]})
            self.assertEqual(signed.json(), {"role": "viewer", "name": "viewer",
                                             "token_required": True})
            given = signed.headers["Set-Cookie"]
            for part in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"):
                self.assertIn(part, given)
            cookie = given.split(";")[0]
            self.assertNotIn(self.tokens["viewer"], cookie)
            self.assertEqual(self.ask("GET", "/api/runs", Cookie=f"a=b; {cookie}").status, 200)
            self.assertEqual(self.ask("GET", "/api/session", Cookie=cookie).json()["role"], "viewer")
            end(cookie)
            eventually(lambda: self.ask("GET", "/api/runs", Cookie=cookie).status == 401, "its end")
        self.assertEqual(self.ask("POST", "/api/session", {"token": "weir_x"}).status, 401)
        self.assertIsNone(self.ask("GET", "/api/session").json()["role"])


class SourceTest(Changes):
    """Which pages and names are let in."""

    def test_a_name_that_is_not_ours_is_refused(self):
        for host, status in (("127.0.0.1", 200), ("localhost:1", 200), ("LOCALHOST", 200),
                             ("[::1]:7070", 200), ("10.0.0.7", 200), ("evil.example", 403),
                             ("127.0.0.1.evil.example", 403), ("localhost.evil.example", 403)):
            self.assertEqual(self.ask("GET", "/api/runs", Host=host).status, status, host)

    def test_pages_of_others_change_nothing(self):
        port = self.http.port
        for origin, status in ((f"http://127.0.0.1:{port}", 200), ("http://evil.example", 403),
                               ("null", 403), (f"https://127.0.0.1:{port}", 403),
                               ("http://127.0.0.1:1", 403)):
            answer = self.ask("PATCH", "/api/runs/r", {"note": origin}, Origin=origin)
            self.assertEqual(answer.status, status, origin)
            self.assertNotIn("Access-Control-Allow-Origin", answer.headers)

    def test_pages_that_are_allowed_may_read(self):
        ours = "https://grafana.example"
        with start("--set", f"http.origins={ours}", "--set", "http.hosts=weir.example") as broker:
            http = Http(broker)
            for origin, allowed in ((ours, ours), ("https://evil.example", None)):
                answer = http.request("GET", "/api/runs", Origin=origin, Host="weir.example")
                self.assertEqual(answer.headers["Access-Control-Allow-Origin"], allowed)
                self.assertIn("Origin", answer.headers["Vary"])
            asked = http.request("OPTIONS", "/api/messages", Origin=ours)
            self.assertEqual(asked.headers["Access-Control-Allow-Methods"], "POST")
            self.assertIn("Idempotency-Key", asked.headers["Access-Control-Allow-Headers"])
            self.assertEqual(asked.headers["Access-Control-Allow-Origin"], ours)

    def test_nothing_is_guessed_of_types_and_nothing_of_the_api_is_kept(self):
        answer = self.ask("GET", "/api/runs")
        self.assertEqual((answer.headers["X-Content-Type-Options"], answer.headers["Cache-Control"]),
                         ("nosniff", "no-store"))

    def test_a_file_that_is_known_is_not_sent_again(self):
        first = self.ask("GET", "/openapi.json")
        packed = self.http.request("GET", "/openapi.json", Accept_Encoding="gzip")
        self.assertEqual(packed.headers["Content-Encoding"], "gzip")
        self.assertLess(len(packed.body), len(first.body))
        again = self.http.request("GET", "/openapi.json", If_None_Match=first.headers["ETag"])
        self.assertEqual((again.status, again.body), (304, b""))


if __name__ == "__main__":
    unittest.main()
