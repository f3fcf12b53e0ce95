"""Writes a C++ file with the files that the executable serves:
embed.py OUT.cpp PATH=FILE... (a path as it is asked for; YAML becomes JSON)"""
import gzip
import hashlib
import json
import pathlib
import sys

import yaml

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".yaml": "application/json"}


def read(file):
    data = file.read_bytes()
    return json.dumps(yaml.safe_load(data)).encode() if file.suffix == ".yaml" else data


def literal(data):
    """Adjacent string literals: a compiler takes them far faster than a list of numbers."""
    # Octal escapes have three digits at most, so that no following digit can join them.
    lines = ("".join(f"\\{byte:03o}" for byte in data[i:i + 64]) for i in range(0, len(data), 64))
    return "\n".join(f'    "{line}"' for line in lines) or '    ""'


def main():
    out, *pairs = sys.argv[1:]
    entries, parts = [], []
    for number, pair in enumerate(sorted(pairs)):
        path, _, name = pair.partition("=")
        file = pathlib.Path(name)
        data = read(file)
        etag = hashlib.sha256(data).hexdigest()[:16]
        packed = gzip.compress(data, 9, mtime=0)
        parts.append(f"constexpr char kText{number}[] =\n{literal(data)};\n"
                     f"constexpr char kGzip{number}[] =\n{literal(packed)};\n")
        entries.append(f'    EmbeddedFile{{"{path}", "{TYPES[file.suffix]}", "\\"{etag}\\"",\n'
                       f"                 {{kText{number}, {len(data)}}},"
                       f" {{kGzip{number}, {len(packed)}}}}},\n")
    pathlib.Path(out).write_text(
        '#include "http/embedded.hpp"\n\n#include <array>\n\n#ifdef __clang__\n'
        '#pragma clang diagnostic ignored "-Woverlength-strings"\n#endif\n\nnamespace weir::http {\nnamespace {\n\n'
        + "".join(parts) + "\nconstexpr std::array kFiles{\n" + "".join(entries)
        + "};\n\n}  // namespace\n\nstd::span<const EmbeddedFile> embedded_files()"
        " { return kFiles; }\n\n}  // namespace weir::http\n")


if __name__ == "__main__":
    main()
