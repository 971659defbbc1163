"""The source tree as the check scripts see it: which files are ours, what they include."""

import os
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
SKIPPED_FOLDERS = {"build", ".git", "__pycache__", ".cache", "obj_dir"}
FIXTURES = "tests/scripts/fixtures"  # holds files that break the rules on purpose
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def files(*suffixes, root=ROOT):
    """Paths relative to `root` of all files of ours with one of the suffixes, sorted."""
    found = []
    for folder, subfolders, names in os.walk(root):
        relative = pathlib.PurePosixPath(os.path.relpath(folder, root).replace(os.sep, "/"))
        subfolders[:] = sorted(
            name
            for name in subfolders
            if name not in SKIPPED_FOLDERS and str(relative / name) != FIXTURES
        )
        found += [str(relative / name) for name in names if name.endswith(suffixes)]
    return sorted(found)


def includes(path, root=ROOT):
    """(line number, quoted, name) of every #include directive in a file."""
    found = []
    text = (pathlib.Path(root) / path).read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            found.append((number, match.group(1) == '"', match.group(2)))
    return found
