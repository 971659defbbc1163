#!/usr/bin/python3
"""What neither clang-format nor clang-tidy looks at, for every text file of ours.

Rules: no file of code above 400 lines; headers guarded by their path; no marks of unfinished work; no
paths of the machine it was written on; no tabs, no trailing blanks, a final newline; Python parses,
JSON parses without duplicate keys.
"""

import argparse
import ast
import json
import re
import sys

import tree

CPP = (".h", ".cpp")
CODE = CPP + (".sv", ".svh", ".py", ".sh", ".cmake")
TEXT = CODE + (".md", ".json", ".txt", ".csv", ".tcl", ".v")
MOST_LINES = 400
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
MACHINE_PATH = re.compile(r"/(wor" r"k|far" r"m|hom" r"e|roo" r"t)/[a-z.]|/tmp/w" r"t")


def shell_scripts():
    return tree.files(".sh") + [".ci/run"]


def guard_of(path):
    return "BITSCALE_" + re.sub(r"[^A-Za-z0-9]", "_", path).upper() + "_"


def check_header(path, text):
    guard = guard_of(path)
    if f"#ifndef {guard}\n#define {guard}\n" not in text:
        yield 1, f"header guard must be {guard}"


def check_lines(path, lines):
    for number, line in enumerate(lines, 1):
        if path.endswith(CODE) and UNFINISHED.search(line):
            yield number, "mark of unfinished work"
        if MACHINE_PATH.search(line):
            yield number, "path of one machine"
        if not path.endswith(".csv") and line != line.rstrip():
            yield number, "trailing blank"
        if path.endswith(CODE) and "\t" in line:
            yield number, "tab"


def refuse_duplicates(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"duplicate key among {keys}")
    return dict(pairs)


def check_syntax(path, text):
    try:
        if path.endswith(".py"):
            ast.parse(text, path)
        elif path.endswith(".json"):
            json.loads(text, object_pairs_hook=refuse_duplicates)
    except (SyntaxError, ValueError) as error:
        yield getattr(error, "lineno", 1) or 1, str(error)


def check_file(path, root=tree.ROOT):
    """(line, message) of everything wrong with one file."""
    text = (root / path).read_text(encoding="utf-8")
    lines = text.split("\n")
    if path.endswith(CODE) and len(lines) - 1 > MOST_LINES:
        yield MOST_LINES + 1, f"{len(lines) - 1} lines; at most {MOST_LINES}"
    if text and not text.endswith("\n"):
        yield len(lines), "no final newline"
    if path.endswith(".h"):
        yield from check_header(path, text)
    yield from check_lines(path, lines)
    yield from check_syntax(path, text)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list-cpp", action="store_true", help="print the C++ files")
    parser.add_argument("--list-shell", action="store_true", help="print the shell scripts")
    options = parser.parse_args()
    if options.list_cpp:
        print("\n".join(tree.files(*CPP)))
        return
    if options.list_shell:
        print("\n".join(shell_scripts()))
        return
    found = 0
    for path in tree.files(*TEXT) + [".ci/run"]:
        for line, message in check_file(path):
            print(f"{path}:{line}: {message}")
            found += 1
    if found:
        sys.exit(f"check_style: {found} findings")


if __name__ == "__main__":
    main()
