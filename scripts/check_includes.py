#!/usr/bin/python3
"""Refuses every #include that scripts/rooms.txt does not allow.

A room includes its own files, the rooms its line names and the headers of the packages its line
names. Tests of a room may do what the room may, and use tests/support and GoogleTest. Everything
else under tests/ (benchmarks, support) and sim/main.cpp may include any room. The table must be
acyclic, name only rooms it has, and headers must not include each other in circles.
"""

import argparse
import dataclasses
import pathlib
import re
import sys

import tree

# Packages by the headers they bring. First match wins.
PACKAGES = [
    ("nlohmann_json", re.compile(r"nlohmann/")),
    ("systemc", re.compile(r"systemc(\.h)?$|tlm|sysc/")),
    ("verilator", re.compile(r"verilated|V[A-Za-z0-9_]+\.h$|svdpi\.h$")),
    ("boost", re.compile(r"boost/")),
    ("sqlite3", re.compile(r"sqlite3\.h$")),
    ("onnx", re.compile(r"onnx/|google/protobuf/")),
    ("torch", re.compile(r"torch/|ATen/|c10/")),
    ("dnnl", re.compile(r"dnnl|oneapi/")),
    ("mpi", re.compile(r"mpi\.h$")),
    ("openssl", re.compile(r"openssl/")),
    ("zlib", re.compile(r"zlib\.h$")),
    ("libzip", re.compile(r"zip\.h$")),
    ("gtest", re.compile(r"gtest/|gmock/")),
    ("benchmark", re.compile(r"benchmark/")),
]
STANDARD = re.compile(r"[a-z_0-9]+$")  # <vector>; C headers are <cstdio>
SYSTEM = re.compile(r"(unistd|fcntl|signal|poll|dlfcn|spawn|pwd|glob|[a-z]*mmintrin|sys/[a-z]+)\.h$")
SOURCE_FOLDERS = ("arch/", "workloads/", "rtl/", "sim/", "tests/")


@dataclasses.dataclass(frozen=True)
class Room:
    uses: frozenset
    packages: frozenset


def read_rooms(text):
    """Room name → Room, from the text of scripts/rooms.txt."""
    rooms = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, uses, packages = (column.split() for column in line.split("|"))
        rooms[name[0]] = Room(frozenset(uses), frozenset(packages))
    return rooms


def find_cycle(edges):
    """A list of nodes that closes on itself, or None. `edges`: node → nodes it points to."""
    done, path = set(), []

    def visit(node):
        if node in path:
            return path[path.index(node):] + [node]
        if node in done:
            return None
        path.append(node)
        for target in sorted(edges.get(node, ())):
            cycle = visit(target)
            if cycle:
                return cycle
        path.pop()
        done.add(node)
        return None

    for start in sorted(edges):
        cycle = visit(start)
        if cycle:
            return cycle
    return None


def check_table(rooms):
    """Problems of the table itself. CMake builds in its order, so a room follows what it uses."""
    above = set()
    for name, room in rooms.items():
        for later in sorted((room.uses & rooms.keys()) - above):
            yield f"scripts/rooms.txt: {name} stands before {later}, which it uses"
        above.add(name)
        for unknown in sorted(room.uses - rooms.keys()):
            yield f"scripts/rooms.txt: {name} uses {unknown}, which is no room"
    cycle = find_cycle({name: room.uses for name, room in rooms.items()})
    if cycle:
        yield f"scripts/rooms.txt: a cycle: {' -> '.join(cycle)}"


def room_of(path, rooms):
    """The room a file stands in, or None. Subfolders belong to the room above them."""
    for folder in pathlib.PurePosixPath(path).parents:
        if str(folder) in rooms:
            return str(folder)
    return None


@dataclasses.dataclass(frozen=True)
class Rights:
    """What one file may include."""
    who: str
    rooms: frozenset
    packages: frozenset
    folders: tuple = ()


def rights_of(path, rooms):
    """Rights of a file, or None when it stands outside every room."""
    everything = frozenset(rooms)
    all_packages = frozenset(package for room in rooms.values() for package in room.packages)
    if path == "sim/main.cpp":
        return Rights(path, everything, all_packages)
    if not path.startswith("tests/"):
        name = room_of(path, rooms)
        if name is None:
            return None
        return Rights(name, rooms[name].uses | {name}, rooms[name].packages)
    name = room_of(path[len("tests/"):], rooms)
    if name is None:
        return Rights("tests", everything, all_packages | {"gtest", "benchmark", "dnnl"},
                      ("tests/",))
    return Rights(f"a test of {name}", rooms[name].uses | {name},
                  rooms[name].packages | {"gtest"}, ("tests/support/", f"tests/{name}/"))


def package_of(name):
    for package, pattern in PACKAGES:
        if pattern.match(name):
            return package
    return None


def check_include(rights, quoted, name, rooms, root):
    """What is wrong with one #include, or None."""
    package = package_of(name)
    if package is not None:
        allowed = package in rights.packages
        return None if allowed else f"{rights.who} may not use package {package} (<{name}>)"
    if not quoted:
        known = STANDARD.match(name) or SYSTEM.match(name)
        return None if known else f"<{name}> belongs to no package that scripts/rooms.txt knows"
    if not (root / name).is_file():
        return f'"{name}" is no file; write the path from the root of the tree'
    if name.startswith(rights.folders):
        return None
    target = room_of(name, rooms)
    if target is None:
        return f'"{name}" stands in no room'
    return None if target in rights.rooms else f'{rights.who} may not include {target} ("{name}")'


def check_tree(root):
    """All problems of the tree under `root`, one line each."""
    root = pathlib.Path(root)
    rooms = read_rooms((root / "scripts/rooms.txt").read_text(encoding="utf-8"))
    yield from check_table(rooms)
    edges = {}
    for path in tree.files(".h", ".cpp", root=root):
        if not path.startswith(SOURCE_FOLDERS):
            continue
        rights = rights_of(path, rooms)
        if rights is None:
            yield f"{path}: stands in no room of scripts/rooms.txt"
            continue
        for line, quoted, name in tree.includes(path, root):
            problem = check_include(rights, quoted, name, rooms, root)
            if problem:
                yield f"{path}:{line}: {problem}"
            if quoted:
                edges.setdefault(path, set()).add(name)
    cycle = find_cycle(edges)
    if cycle:
        yield f"{cycle[0]}: headers include each other: {' -> '.join(cycle)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", default=tree.ROOT, help="tree to check")
    options = parser.parse_args()
    problems = list(check_tree(options.root))
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(f"check_includes: {len(problems)} findings")


if __name__ == "__main__":
    main()
