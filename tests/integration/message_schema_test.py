"""schema/json/message.schema.json accepts what the decoder accepts and refuses what it refuses."""

import json
import os
import pathlib
import unittest

import jsonschema

SCHEMA = pathlib.Path(os.environ["WEIR_SOURCE_DIR"]) / "schema"

# Faults that stand in no schema: in the text, or in the calendar.
BEYOND_A_SCHEMA = {
    "out_of_range.started_no_such_date.json",
    "too_deep.33_levels.json",
}


def parse(text):
    # weir reads NaN and Infinity as null.
    return json.loads(text, parse_constant=lambda word: None)


def objects(path):
    """The top-level objects of a frame: of an array its elements, of lines each line's."""
    text = path.read_bytes().decode("utf-8-sig")
    try:
        documents = [parse(text)]
    except json.JSONDecodeError:
        documents = [parse(line) for line in text.splitlines() if line.strip()]
    for document in documents:
        yield from document if isinstance(document, list) else [document]


class MessageSchema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        schema = json.loads((SCHEMA / "json" / "message.schema.json").read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        cls.validator = jsonschema.Draft202012Validator(schema)

    def examples(self, kind):
        paths = sorted((SCHEMA / "examples" / kind).iterdir())
        self.assertGreaterEqual(len(paths), 80)
        return paths

    def test_every_valid_example_is_accepted(self):
        for path in self.examples("valid"):
            with self.subTest(path.name):
                found = list(objects(path))
                self.assertTrue(found)
                for each in found:
                    self.validator.validate(each)

    def test_every_invalid_example_whose_fault_a_schema_can_say_is_refused(self):
        for path in self.examples("invalid"):
            with self.subTest(path.name):
                if path.name.startswith("not_json."):
                    with self.assertRaises((json.JSONDecodeError, UnicodeDecodeError)):
                        self.assertEqual([], list(objects(path)))
                        parse("")  # an empty file is no JSON either
                    continue
                accepted = all(self.validator.is_valid(each) for each in objects(path))
                self.assertEqual(path.name in BEYOND_A_SCHEMA, accepted)

    def test_every_captured_message_is_accepted(self):
        samples = SCHEMA.parent / "tests" / "contract" / "loads-samples.jsonl"
        lines = samples.read_text().splitlines()
        self.assertEqual(34, len(lines))
        for line in lines:
            with self.subTest(line[:80]):
                self.validator.validate(json.loads(json.loads(line)["raw"]))


if __name__ == "__main__":
    unittest.main()
