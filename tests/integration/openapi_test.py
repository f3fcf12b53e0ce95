"""http/openapi.yaml against a real broker: each route and status that it describes is asked for, and
each answer looks as described. What it does not describe is a failure too."""
import json
import unittest

from api_contract import Contract, PAGES, load_page, routes_of_source
from contract_requests import Stage

# (method, path, status) -> why no test can have it. Nothing at present.
OUT_OF_REACH = {}


class ContractTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.contract = Contract()
        cls.stage = Stage()
        cls.addClassCleanup(cls.stage.close)

    def test_every_status_that_is_described_is_given_and_looks_as_described(self):
        for method, path, status in sorted(self.contract.statuses()):
            if (method, path, status) in OUT_OF_REACH:
                continue
            with self.subTest(f"{method} {path} {status}"):
                asked = self.stage.get((method, path), status)
                self.assertIsNotNone(asked, "there is no request for this: contract_requests.py")
                target, answer = asked
                self.assertEqual(answer.status, status, answer.body[:500])
                self.assertEqual(self.contract.check(method, target, answer), path)

    def test_what_cannot_be_reached_is_described(self):
        self.assertEqual(set(OUT_OF_REACH) - self.contract.statuses(), set())

    def test_every_route_is_described_and_every_description_is_a_route(self):
        routes = routes_of_source()
        self.assertEqual(set(self.contract.operations()), set(routes))
        for (method, path), operation in self.contract.operations().items():
            with self.subTest(f"{method} {path}"):
                is_open = operation.get("security") == []
                self.assertEqual(is_open, routes[method, path] == "open")
                self.assertEqual("401" in operation["responses"],
                                 not is_open or (method, path) == ("POST", "/api/session"))
                self.assertIn("403", operation["responses"])

    def test_the_page_that_is_served_is_the_one_in_the_source(self):
        answer = self.stage.http("filled").request("GET", "/openapi.json")
        self.assertEqual(answer.json(), json.loads(json.dumps(load_page())))

    def test_what_is_in_the_source_is_routed(self):
        http = self.stage.http("filled")
        for method, path in routes_of_source():
            with self.subTest(f"{method} {path}"):
                answer = http.request("OPTIONS", path.format(run="nightly-7"))
                self.assertEqual(answer.status, 204)
                self.assertIn(method, answer.headers["Allow"].split(", "))
        for path in PAGES:
            self.assertNotEqual(http.request("GET", path.format(run="nightly-7")).status, 405, path)

    def test_every_route_refuses_other_methods_and_says_which_it_has(self):
        http = self.stage.http("filled")
        methods = {}
        for method, path in self.contract.operations():
            methods.setdefault(path, set()).add(method)
        for path, known in methods.items():
            if "GET" in known:
                known.add("HEAD")
            for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - known:
                with self.subTest(f"{method} {path}"):
                    answer = http.request(method, path.format(run="nightly-7"))
                    self.assertEqual((answer.status, answer.error["code"]),
                                     (405, "method_not_allowed"))
                    self.assertEqual(set(answer.headers["Allow"].split(", ")), known)

    def test_an_unknown_parameter_is_named(self):
        http = self.stage.http("filled")
        for (method, path), operation in self.contract.operations().items():
            if operation.get("security") == []:
                continue
            with self.subTest(f"{method} {path}"):
                target = path.format(run="nightly-7") + "?no_such=1"
                body = b'{"note": ""}' if method == "PATCH" else b" "
                answer = http.request(method, target, None if method == "GET" else body)
                if path != "/api/compare":  # it misses base first
                    self.assertEqual((answer.status, answer.error["field"]), (400, "no_such"))
                self.contract.check(method, target, answer)

    def test_a_parameter_beyond_its_range_is_named(self):
        http = self.stage.http("filled")
        for (method, path), operation in self.contract.operations().items():
            for parameter in self.contract.parameters(method, path):
                for value in values_beyond(parameter):
                    target = f"{path.format(run='nightly-7')}?{parameter['name']}={value}"
                    if path == "/api/compare":
                        target += "&base=nightly-7&run=nightly-8"
                    with self.subTest(f"{method} {target}"):
                        answer = http.request(method, target)
                        self.assertEqual((answer.status, answer.error["field"]),
                                         (400, parameter["name"]))
                        self.contract.check(method, target, answer)

    def test_head_is_get_without_the_body(self):
        http = self.stage.http("filled")
        for (method, path), operation in self.contract.operations().items():
            if method != "GET" or "live" in path or path in ("/api/broker", "/metrics", "/readyz"):
                continue  # these differ from one moment to the next
            with self.subTest(path):
                target = self.stage.target((method, path))
                got, head = http.request("GET", target), http.request("HEAD", target)
                self.assertEqual((head.status, head.body), (200, b""))
                self.assertEqual(sorted(head.headers.items()), sorted(got.headers.items()))

    def test_what_is_not_there_is_404(self):
        http = self.stage.http("filled")
        for path in ("/api", "/api/", "/api/runs/", "/api/runs/nightly-7/", "/api/runs/a/b",
                     "/api/run", "/API/runs", "/healthz/", "//healthz", "/assets/no-such.js",
                     "/assets/../healthz", "/.git/config"):
            for method in ("GET", "POST", "OPTIONS"):
                with self.subTest(f"{method} {path}"):
                    answer = http.request(method, path)
                    if path.startswith("/assets/") and method != "GET" and ".." not in path:
                        self.assertIn(answer.status, (204, 405))
                    else:
                        self.assertEqual((answer.status, answer.error["code"]), (404, "not_found"))


def values_beyond(parameter):
    """Values of a query parameter that its schema does not allow."""
    schema = parameter.get("schema", {})
    if parameter["in"] != "query":
        return []
    if schema.get("type") == "integer":
        return ["x", "-1", "1.5", "", "99999999999999999999"] + [
            str(schema[edge] + step) for edge, step in (("minimum", -1), ("maximum", 1))
            if edge in schema]
    if schema.get("type") == "boolean":
        return ["maybe", "TRUE"]
    if schema.get("format") == "date-time":
        return ["yesterday", "2026-02-30T00:00:00Z"]
    return ["no_such"] if "enum" in schema else []


if __name__ == "__main__":
    unittest.main()
