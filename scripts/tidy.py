#!/usr/bin/python3
"""Runs clang-tidy over every source file of ours, in parallel, remembering what was clean.

A file is clean for good as long as its own text, every file of ours it includes (directly or not),
its compile command, .clang-tidy and the installed packages stay the same; the hash of all that is
the name of an empty file in ~/.cache/bitscale-tidy. A warm run therefore takes a second.
"""

import argparse
import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

import tree

CACHE = pathlib.Path(os.environ.get("HOME", "/tmp")) / ".cache" / "bitscale-tidy"
FINDING = re.compile(r"^(?=/[^\n]*: (?:error|warning): )", re.MULTILINE)


def environment_digest():
    """Changes when clang-tidy, its rules or any header outside the tree may have changed."""
    packages = subprocess.run(
        ["dpkg-query", "-W", "-f=${Package} ${Version}\n", "*-dev", "clang-tidy*", "verilator"],
        capture_output=True, text=True, check=False).stdout
    rules = (tree.ROOT / ".clang-tidy").read_bytes()
    return hashlib.sha256(packages.encode() + rules).digest()


@functools.lru_cache(maxsize=None)
def rtl_digest():
    """Headers generated from RTL are not in the tree, but what they come from is."""
    digest = hashlib.sha256()
    for name in tree.files(".sv", ".svh"):
        digest.update(content_digest(name))
    return digest.digest()


@functools.lru_cache(maxsize=None)
def content_digest(path):
    return hashlib.sha256((tree.ROOT / path).read_bytes()).digest()


@functools.lru_cache(maxsize=None)
def includes_generated(path):
    return any(quoted and not (tree.ROOT / name).is_file() for _, quoted, name in tree.includes(path))


@functools.lru_cache(maxsize=None)
def direct_includes(path):
    return [name for _, quoted, name in tree.includes(path)
            if quoted and (tree.ROOT / name).is_file()]


def reachable(path):
    """The file and every file of ours it includes, directly or through others."""
    seen, todo = {path}, [path]
    while todo:
        for name in direct_includes(todo.pop()):
            if name not in seen:
                seen.add(name)
                todo.append(name)
    return sorted(seen)


def key_of(entry, path, environment):
    """The cache key; the checkout's own place is taken out of the compile command."""
    digest = hashlib.sha256(environment)
    digest.update(entry["command"].replace(str(tree.ROOT), "").encode())
    for name in reachable(path):
        digest.update(name.encode())
        digest.update(content_digest(name))
        if includes_generated(name):
            digest.update(rtl_digest())
    return digest.hexdigest()


def check(build, path):
    run = subprocess.run(["clang-tidy", "-p", build, "--quiet", str(tree.ROOT / path)],
                         capture_output=True, text=True, check=False)
    return run.returncode == 0, run.stdout


def our_entries(build):
    """path → compile command of every file of ours that the build compiles."""
    entries = {}
    for entry in json.loads(pathlib.Path(build, "compile_commands.json").read_text()):
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        if tree.ROOT in path.parents:
            relative = path.relative_to(tree.ROOT).as_posix()
            if not relative.startswith("build/"):
                entries.setdefault(relative, entry)
    return entries


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build/release", help="folder of compile_commands.json")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("files", nargs="*", help="only these files")
    options = parser.parse_args()

    entries = our_entries(options.build)
    if options.files:
        entries = {path: entry for path, entry in entries.items() if path in options.files}
    environment = environment_digest()
    keys = {path: key_of(entry, path, environment) for path, entry in entries.items()}
    CACHE.mkdir(parents=True, exist_ok=True)
    todo = [path for path, key in keys.items() if not (CACHE / key).exists()]
    print(f"tidy: {len(entries)} files, {len(todo)} to check", file=sys.stderr)

    failed, shown = [], set()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for path, (clean, output) in zip(todo, pool.map(
                functools.partial(check, options.build), todo)):
            if clean:
                (CACHE / keys[path]).touch()
            else:
                failed.append(path)
                for finding in FINDING.split(output):
                    if finding.strip() and finding not in shown:  # headers show up many times
                        shown.add(finding)
                        print(finding, end="", flush=True)
    if failed:
        sys.exit(f"tidy: findings in {len(failed)} files: {' '.join(failed)}")


if __name__ == "__main__":
    main()
