"""The published schema of a summary against the sample that weir itself writes.

tests/unit/schema/summary_json_test.cpp proves that weir writes exactly this sample.
"""

import copy
import json
import os
import pathlib
import unittest

import jsonschema

SOURCE = pathlib.Path(os.environ.get("WEIR_SOURCE_DIR", pathlib.Path(__file__).parents[2]))
SCHEMA = json.loads((SOURCE / "schema/json/summary.schema.json").read_text())
SAMPLE = json.loads((SOURCE / "tests/contract/summary-sample.json").read_text())


def places(value, path=()):
    """Every (path, value) inside a JSON value, the value itself included."""
    yield path, value
    items = value.items() if isinstance(value, dict) else []
    if isinstance(value, list):
        items = enumerate(value)
    for key, item in items:
        yield from places(item, path + (key,))


def at(value, path):
    for key in path:
        value = value[key]
    return value


class SummarySchemaTest(unittest.TestCase):
    def setUp(self):
        self.validator = jsonschema.Draft202012Validator(SCHEMA)

    def refuses(self, sample, why):
        self.assertFalse(self.validator.is_valid(sample), why)

    def test_the_schema_is_a_schema(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def test_the_sample_is_valid(self):
        self.validator.validate(SAMPLE)

    def test_every_key_of_the_sample_is_described(self):
        closed = copy.deepcopy(SCHEMA)
        for _, part in places(closed):
            if isinstance(part, dict) and "properties" in part and "required" in part:
                part["additionalProperties"] = False
        jsonschema.Draft202012Validator(closed).validate(SAMPLE)

    def test_a_summary_without_data_is_valid(self):
        sample = copy.deepcopy(SAMPLE)
        sample.update(users=None, last_s=None, labels=[], errors=[])
        sample.update(counters={}, status={}, method={})
        for key in ("success_rate", "per_s", "bytes_sent", "bytes_received"):
            sample["hits"][key] = None
        for key in SAMPLE["response_ms"]:
            sample["response_ms"][key] = 0 if key == "count" else None
        self.validator.validate(sample)

    def test_keys_of_later_versions_are_allowed(self):
        sample = copy.deepcopy(SAMPLE)
        sample["later"] = {"x": 1}
        sample["labels"][0]["later"] = 1
        self.validator.validate(sample)

    def test_no_key_may_be_missing(self):
        optional = {"name", "bytes_sent", "bytes_received"}
        for path, _ in list(places(SAMPLE)):
            if not path or isinstance(path[-1], int):
                continue
            if path[0] in ("counters", "status", "method") and len(path) > 1:
                continue
            if path[0] == "labels" and ("status" in path[:-1] or path[-1] in optional):
                continue
            with self.subTest(path=path):
                sample = copy.deepcopy(SAMPLE)
                del at(sample, path[:-1])[path[-1]]
                self.refuses(sample, path)

    def test_no_value_may_have_another_type(self):
        for path, _ in list(places(SAMPLE)):
            if not path:
                continue
            with self.subTest(path=path):
                sample = copy.deepcopy(SAMPLE)
                at(sample, path[:-1])[path[-1]] = [1]
                self.refuses(sample, path)

    def test_values_out_of_range_are_refused(self):
        for path, value in [
            (("run_id",), ""),
            (("run_id",), "x" * 129),
            (("seq",), -1),
            (("time",), "2026-11-21T20:00:12Z"),
            (("state",), "walking"),
            (("hits", "success_rate"), 1.1),
            (("hits", "count"), 1.5),
            (("response_ms", "p50"), -0.001),
            (("status",), {"2x": 1}),
            (("errors", 0, "kind"), "other"),
            (("labels", 1, "name"), ""),
        ]:
            with self.subTest(path=path, value=value):
                sample = copy.deepcopy(SAMPLE)
                at(sample, path[:-1])[path[-1]] = value
                self.refuses(sample, path)


if __name__ == "__main__":
    unittest.main()
