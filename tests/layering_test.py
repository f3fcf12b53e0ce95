"""The rules of docs/architecture.md that a compiler does not check: who may know whom, one door per
library, sizes, names. Runs alone: python3 tests/layering_test.py"""

import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Which folders a folder may include from and link with, besides itself.
MAY_KNOW = {
    "schema": set(),
    "aggregator": {"schema"},
    "store": {"schema"},
    "http": {"schema", "store"},
    "broker": {"schema", "aggregator", "store", "http"},
    "runners/cpp": {"schema"},
    "tools": {"schema", "aggregator", "store", "http", "broker", "runners/cpp"},
}
EVERYWHERE = set(MAY_KNOW) | {"tests"}  # what a test may know

# A library's headers, and the only files that may include them.
DOORS = {
    r"nlohmann/": r".*_json\.cpp|schema/.*_encode\.cpp|http/.*\.cpp",
    r"simdjson": r"schema/.*_decode.*",
    r"zmq": r"broker/(acked_intake|bind|connections|core|doorkeeper|intake|live_feed|relay|serve|socket_guard)"
            r"\.(hpp|cpp)|runners/cpp/curve\.cpp"
            r"|runners/cpp/(push|acked)_socket\.cpp|tools/feed_reader\.hpp"
            r"|tools/.*_socket\.(hpp|cpp)",
    r"sodium": r"broker/secret\.cpp",
    r"sqlite3": r"store/sqlite\.cpp",
    r"isa-l": r"store/crc32c\.cpp",
    r"spdlog/": r"broker/log\.cpp",
    r"toml\+\+/": r"broker/toml_file\.cpp",
    r"curl/": r"runners/cpp/.*",
    r"(n?curses|term)\.h": r"tools/top_.*\.cpp",
    r"CLI/": r"tools/.*",
    r"boost/": r"http/server(_.*)?\.(hpp|cpp)",
    r"openssl/": r"http/server(_.*)?\.(hpp|cpp)",
    r"zlib\.h": r"http/inflate\.cpp",
    r"cereal/": r"aggregator/run_bytes\.cpp",
}
PURE = ("schema/", "aggregator/")  # no I/O, clock, threads or logging
IMPURE = re.compile(
    r"#include <(iostream|fstream|mutex|thread|atomic|condition_variable|filesystem)>|clock::now\(")
SILENT = ("schema/", "aggregator/", "store/")
PRINTS = re.compile(r"std::(cerr|cout|clog)\b|\bf?printf\(")

CODE = {".cpp", ".hpp", ".py", ".mjs", ".js", ".sh", ".sql", ".cmake"}
MAX_LINES = 400
MAX_SCRIPT_LINES = 40
DATA = ("schema/examples/", "tests/contract/")  # recorded as it came
BAD_NAMES = {"utils", "util", "common", "helpers", "helper", "misc", "src", "include"}
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
HOME = re.compile(r"/(home|Users)/[a-z]")


def files():
    """What is in the repository, or will be: tracked and untracked, not ignored."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others",
         "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted({name for name in listed.split("\0") if name and (ROOT / name).is_file()})


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")


def folder_of(name):
    return next((f for f in EVERYWHERE if name.startswith(f + "/")), None)


def may_know(name):
    if name.startswith("tests/"):
        return EVERYWHERE
    folder = folder_of(name)
    return MAY_KNOW.get(folder, set()) | {folder}


FILES = files()
CPP = [name for name in FILES if name.endswith((".cpp", ".hpp"))]
SCRIPTS = [n for n in FILES
           if n == ".ci/run" or re.match(r"tools/(dev/)?[^/.]+(\.(ba)?sh)?$", n)]


class Layering(unittest.TestCase):
    def no_problems(self, problems):
        problems = list(problems)
        self.assertFalse(problems, "\n" + "\n".join(problems))

    def test_folders_are_there(self):
        self.no_problems(f for f in MAY_KNOW if not (ROOT / f).is_dir())
        self.assertGreater(len(CPP), 50)
        self.assertIn("tools/test", SCRIPTS)

    def test_includes_follow_the_order_of_folders(self):
        self.no_problems(
            f"{name} includes {included}" for name in CPP
            for included in re.findall(r'#include "([^"]+)"', text_of(name))
            if folder_of(included) not in may_know(name))

    def test_included_files_exist_or_are_made_from_one_that_does(self):
        self.no_problems(
            f"{name} includes {included}" for name in CPP
            for included in re.findall(r'#include "([^"]+)"', text_of(name))
            if not (ROOT / included).is_file()
            and not (ROOT / included.removesuffix(".hpp")).is_file())

    def test_link_lines_follow_the_order_of_folders(self):
        for name in (n for n in FILES if n.endswith("CMakeLists.txt") and folder_of(n)):
            linked = {target.replace("_", "/")
                      for target in re.findall(r"weir::(\w+)", text_of(name))}
            with self.subTest(name):
                self.assertLessEqual(linked, may_know(name))

    def test_each_library_has_one_door(self):
        product = [name for name in CPP if not name.startswith("tests/")]
        self.no_problems(
            f"{name} includes <{header}>" for name in product
            for header in re.findall(r"#include <([^>]+)>", text_of(name))
            for library, door in DOORS.items()
            if re.match(library, header) and not re.fullmatch(door, name))

    def test_pure_folders_have_no_clock_threads_or_io(self):
        self.no_problems(
            f"{name}: {found.group()}" for name in CPP if name.startswith(PURE)
            for found in IMPURE.finditer(text_of(name)))

    def test_schema_aggregator_and_store_do_not_print(self):
        self.no_problems(
            f"{name}: {found.group()}" for name in CPP if name.startswith(SILENT)
            for found in PRINTS.finditer(text_of(name)))

    def test_files_are_short(self):
        def too_long(name, limit):
            lines = text_of(name).count("\n")
            return [f"{name}: {lines} lines, at most {limit}"] if lines > limit else []

        self.no_problems(
            problem for name in FILES if pathlib.Path(name).suffix in CODE
            for problem in too_long(name, MAX_LINES))
        self.no_problems(
            problem for name in SCRIPTS for problem in too_long(name, MAX_SCRIPT_LINES))

    def test_names_say_what_things_are(self):
        self.no_problems(
            name for name in FILES
            if BAD_NAMES & {part.partition(".")[0] for part in pathlib.Path(name).parts})

    def test_nothing_is_left_unfinished_or_bound_to_one_machine(self):
        here = str(ROOT) + "/"
        bound = [here] if len(ROOT.parts) > 2 else []
        self.no_problems(
            f"{name}:{number}: {line.strip()}" for name in FILES if not name.startswith(DATA)
            for number, line in enumerate(text_of(name).splitlines(), 1)
            if UNFINISHED.search(line) or HOME.search(line) or any(p in line for p in bound))

    def test_shell_scripts_stop_at_errors(self):
        for name in SCRIPTS:
            text = text_of(name)
            if not text.startswith("#!"):
                continue  # a part of one
            with self.subTest(name):
                self.assertTrue((ROOT / name).stat().st_mode & 0o100, "not executable")
                if "bash" in text.split("\n", 1)[0]:
                    self.assertIn("set -euo pipefail", text)


if __name__ == "__main__":
    unittest.main()
