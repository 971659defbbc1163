"""The style checker: accepts this tree, refuses each thing it looks for."""

import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import check_style  # noqa: E402  (the line above makes it importable)
import tree  # noqa: E402


def findings(path, text):
    """(line, message) of everything the checker says about a file with this text."""
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        return list(check_style.check_file(path, pathlib.Path(folder)))


class CheckStyle(unittest.TestCase):
    def test_this_tree_is_clean(self):
        for path in tree.files(*check_style.TEXT):
            self.assertEqual(list(check_style.check_file(path)), [], path)

    def test_file_of_400_lines_passes_and_401_does_not(self):
        self.assertEqual(findings("a.cpp", "int a;\n" * 400), [])
        self.assertEqual(findings("a.cpp", "int a;\n" * 401), [(401, "401 lines; at most 400")])

    def test_data_may_be_long(self):
        self.assertEqual(findings("a.csv", "1,2\n" * 5000), [])

    def test_header_guard_is_the_path(self):
        good = "#ifndef BITSCALE_ARCH_BASE_A_H_\n#define BITSCALE_ARCH_BASE_A_H_\n#endif\n"
        self.assertEqual(findings("arch/base/a.h", good), [])
        self.assertEqual(len(findings("arch/spec/a.h", good)), 1)

    def test_marks_paths_and_blanks(self):
        for line in ["// TO" "DO later", 'auto p = "/wor' 'k/main";', "int a; ", "\tint a;"]:
            with self.subTest(line=line):
                self.assertEqual([number for number, _ in findings("a.cpp", "\n" + line + "\n")], [2])

    def test_broken_python_and_json(self):
        self.assertEqual(len(findings("a.py", "def f(:\n")), 1)
        self.assertEqual(len(findings("a.json", '{"a": 1,}\n')), 1)
        self.assertEqual(len(findings("a.json", '{"a": 1, "a": 2}\n')), 1)
        self.assertEqual(findings("a.json", '{"a": 1}\n'), [])

    def test_final_newline(self):
        self.assertEqual(findings("a.md", "text"), [(1, "no final newline")])


if __name__ == "__main__":
    unittest.main()
