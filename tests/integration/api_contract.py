"""http/openapi.yaml as a judge of answers: which routes and statuses there are, and what each looks
like. A key that the page does not list is a failure, so that the page stays complete."""
import os
import pathlib
import re
import urllib.parse

import jsonschema
import yaml

SOURCE = pathlib.Path(os.environ.get("WEIR_SOURCE_DIR", pathlib.Path(__file__).parents[2]))
METHODS = ("get", "post", "patch", "delete")
# Pages for people, which are no API.
PAGES = ("/", "/runs/{run}", "/compare", "/trend", "/assets/{run}")
TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"


def load_page():
    return yaml.safe_load((SOURCE / "http/openapi.yaml").read_text(encoding="utf-8"))


def routes_of_source():
    """(method, path) -> access, as http/routes.cpp has them, without the pages."""
    text = (SOURCE / "http/routes.cpp").read_text(encoding="utf-8")
    found = re.findall(r'\{(\w+), "([^"]+)", (\w+), \w+, ', text)
    return {(method.strip("_").upper(), path): access for method, path, access in found
            if path not in PAGES}


class Contract:
    def __init__(self):
        self.page = load_page()

    def resolve(self, part):
        """What a $ref stands for."""
        while isinstance(part, dict) and "$ref" in part:
            place = self.page
            for key in part["$ref"].removeprefix("#/").split("/"):
                place = place[key]
            part = place
        return part

    def operations(self):
        """(method, path) -> operation."""
        return {(method.upper(), path): item[method] for path, item in self.page["paths"].items()
                for method in METHODS if method in item}

    def statuses(self):
        """Every (method, path, status) that is described."""
        return {(method, path, int(status))
                for (method, path), operation in self.operations().items()
                for status in operation["responses"]}

    def parameters(self, method, path):
        """Of a route, those of its path included."""
        listed = [*self.page["paths"][path].get("parameters", []),
                  *self.operations()[method, path].get("parameters", [])]
        return [self.resolve(parameter) for parameter in listed]

    def path_of(self, target):
        """The described path that a target is of."""
        asked = urllib.parse.urlsplit(target).path
        for path in sorted(self.page["paths"], key=lambda path: path.count("{")):
            if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)), asked):
                return path
        raise AssertionError(f"{target} is not described")

    def schema(self, part):
        """A schema without references, as JSON Schema has them, that allows no keys beyond its
        own."""
        part = self.resolve(part)
        if not isinstance(part, dict):
            return part
        out = {key: self.schema_of_key(key, value) for key, value in part.items()
               if key not in ("nullable", "allOf", "example", "description", "format")}
        for other in map(self.schema, part.get("allOf", [])):
            out = merged(out, other)
        if part.get("format") == "date-time":
            out["pattern"] = TIME
        if "properties" in out:
            out.setdefault("additionalProperties", False)
        return {"anyOf": [out, {"type": "null"}]} if part.get("nullable") else out

    def schema_of_key(self, key, value):
        if key == "properties":
            return {name: self.schema(part) for name, part in value.items()}
        if key in ("items", "additionalProperties"):
            return self.schema(value)
        return [self.schema(part) for part in value] if key in ("oneOf", "anyOf") else value

    def check(self, method, target, answer):
        """Raises AssertionError unless the answer is as described; returns the path."""
        path = self.path_of(target)
        responses = self.operations()[method, path]["responses"]
        what = f"{method} {target}: {answer.status}"
        if str(answer.status) not in responses:
            raise AssertionError(f"{what} is not described: {answer.body[:500]}")
        response = self.resolve(responses[str(answer.status)])
        for name, header in response.get("headers", {}).items():
            if name not in answer.headers:
                raise AssertionError(f"{what}: without {name}")
            if self.resolve(header)["schema"]["type"] == "integer":
                int(answer.headers[name])
        self.check_body(what, response.get("content"), answer)
        return path

    def check_body(self, what, content, answer):
        if content is None:
            if answer.body:
                raise AssertionError(f"{what}: has a body: {answer.body[:100]}")
            return
        essence = answer.headers["Content-Type"].split(";")[0]
        if essence not in content:
            raise AssertionError(f"{what}: is {essence}, not {', '.join(content)}")
        if essence != "application/json":
            return
        try:
            validator_of(self.schema(content[essence]["schema"])).validate(answer.json())
        except jsonschema.ValidationError as error:
            place = "/".join(map(str, error.absolute_path))
            raise AssertionError(f"{what}: at '{place}': {error.message[:2000]}") from None


def merged(one, other):
    """Both schemas of an object at once."""
    both = {**one, **other}
    both["properties"] = {**one.get("properties", {}), **other.get("properties", {})}
    both["required"] = [*one.get("required", []), *other.get("required", [])]
    return {key: value for key, value in both.items() if value != []}


def validator_of(schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)
