"""The include checker: accepts this tree, refuses each kind of forbidden include."""

import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import check_includes  # noqa: E402  (the line above makes it importable)

TABLE = """# room | rooms | packages
arch/base  | | nlohmann_json
arch/spec  | arch/base |
sim/run    | arch/base arch/spec | systemc
"""


def problems_of(files, table=TABLE):
    """What the checker says about a tree of the given {path: text}."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in {"scripts/rooms.txt": table, **files}.items():
            target = pathlib.Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        return list(check_includes.check_tree(folder))


class ThisTree(unittest.TestCase):
    def test_has_no_forbidden_include(self):
        self.assertEqual(list(check_includes.check_tree(ROOT)), [])


class Rooms(unittest.TestCase):
    def test_downward_include_is_allowed(self):
        self.assertEqual(problems_of({
            "arch/base/error.h": "#include <string>\n",
            "arch/spec/memory.cpp": '#include "arch/base/error.h"\n#include <unistd.h>\n',
        }), [])

    def test_upward_include_is_refused_with_its_line(self):
        self.assertEqual(problems_of({
            "arch/spec/memory.h": "",
            "arch/base/error.cpp": '\n#include "arch/spec/memory.h"\n',
        }), ['arch/base/error.cpp:2: arch/base may not include arch/spec ("arch/spec/memory.h")'])

    def test_subfolder_belongs_to_its_room(self):
        found = problems_of({"arch/spec/a.h": "", "arch/base/deep/b.h": '#include "arch/spec/a.h"\n'})
        self.assertEqual(len(found), 1)

    def test_file_outside_every_room_is_refused(self):
        self.assertEqual(problems_of({"arch/other/a.h": ""}),
                         ["arch/other/a.h: stands in no room of scripts/rooms.txt"])

    def test_path_must_begin_at_the_root(self):
        found = problems_of({"arch/base/a.h": "", "arch/base/a.cpp": '#include "a.h"\n'})
        self.assertEqual(len(found), 1)
        self.assertIn("is no file", found[0])

    def test_headers_in_a_circle_are_refused(self):
        found = problems_of({"arch/base/a.h": '#include "arch/base/b.h"\n',
                             "arch/base/b.h": '#include "arch/base/a.h"\n'})
        self.assertEqual(len(found), 1)
        self.assertIn("arch/base/a.h -> arch/base/b.h -> arch/base/a.h", found[0])


class Packages(unittest.TestCase):
    def test_allowed_where_the_table_says(self):
        self.assertEqual(problems_of({"arch/base/a.cpp": "#include <nlohmann/json.hpp>\n",
                                      "sim/run/a.cpp": "#include <systemc>\n"}), [])

    def test_refused_elsewhere(self):
        for header, package in [("nlohmann/json.hpp", "nlohmann_json"), ("systemc", "systemc"),
                                ("boost/program_options.hpp", "boost"),
                                ("sqlite3.h", "sqlite3"), ("Vmac_array.h", "verilator"),
                                ("verilated.h", "verilator"), ("onnx/onnx_pb.h", "onnx"),
                                ("gtest/gtest.h", "gtest")]:
            with self.subTest(header=header):
                found = problems_of({"arch/spec/a.cpp": f"#include <{header}>\n"})
                self.assertEqual(found, [f"arch/spec/a.cpp:1: arch/spec may not use package "
                                         f"{package} (<{header}>)"])

    def test_unknown_system_header_is_refused(self):
        found = problems_of({"arch/base/a.cpp": "#include <fmt/core.h>\n"})
        self.assertEqual(len(found), 1)


class Tests(unittest.TestCase):
    FILES = {"arch/base/a.h": "", "sim/run/b.h": "", "tests/support/c.h": ""}

    def test_may_do_what_the_room_may_and_use_support(self):
        text = ('#include "arch/base/a.h"\n#include "tests/support/c.h"\n'
                "#include <gtest/gtest.h>\n")
        self.assertEqual(problems_of({**self.FILES, "tests/arch/spec/a_test.cpp": text}), [])

    def test_may_not_reach_above_the_room(self):
        text = '#include "sim/run/b.h"\n'
        found = problems_of({**self.FILES, "tests/arch/spec/a_test.cpp": text})
        self.assertEqual(len(found), 1)
        self.assertIn("a test of arch/spec may not include sim/run", found[0])

    def test_benchmarks_may_include_every_room(self):
        text = '#include "sim/run/b.h"\n#include <benchmark/benchmark.h>\n'
        self.assertEqual(problems_of({**self.FILES, "tests/bench/a.cpp": text}), [])


class Table(unittest.TestCase):
    def test_cycle_is_refused(self):
        found = problems_of({}, "a/x | a/y |\na/y | a/z |\na/z | a/x |\n")
        self.assertIn("scripts/rooms.txt: a cycle: a/x -> a/y -> a/z -> a/x", found)

    def test_room_follows_what_it_uses(self):
        found = problems_of({}, "a/x | a/y |\na/y | |\n")
        self.assertEqual(found, ["scripts/rooms.txt: a/x stands before a/y, which it uses"])

    def test_unknown_room_is_refused(self):
        found = problems_of({}, "a/x | a/q |\n")
        self.assertEqual(found, ["scripts/rooms.txt: a/x uses a/q, which is no room"])


if __name__ == "__main__":
    unittest.main()
