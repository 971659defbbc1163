"""READMEs tell the truth: their examples run, the files they name exist, commands are complete."""

import json
import os
import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("BITSCALE_PROGRAM", ROOT / "build/release/bitscale"))
SKIPPED = {"build", ".git", "__pycache__"}
# `name.ext` or `folder/name.ext` in backticks; patterns and placeholders are no files.
FILE = re.compile(r"`([\w.-]+/[\w./-]+\.(?:md|json|h|cpp|py|sh|sv|txt|csv))`")
NETWORKS = {"ResNet-18": "resnet18", "ResNet-50": "resnet50", "VGG-16": "vgg16",
            "MobileNetV1": "mobilenet_v1", "BERT-base, 128 tokens": "bert_base_128"}
PRECISIONS = {"w8a8": "w8a8", "w4a4, first and last at 8": "w4a4_first_last_8"}
# Columns of the results table: member of the report's totals, factor to the column's unit.
RESULTS = (("latency_ms", 1), ("energy_pj", 1e-9), ("utilization", 100), ("dram_bytes", 1e-6),
           ("tops_per_watt", 1))
EXAMPLES = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def readmes():
    return sorted(path for path in ROOT.rglob("README.md")
                  if not SKIPPED & set(path.relative_to(ROOT).parts))


def examples(text):
    """The command lines of all ```sh blocks that call bitscale."""
    return [line for block in EXAMPLES.findall(text) for line in block.splitlines()
            if line.startswith("bitscale ")]


class Files(unittest.TestCase):
    def test_every_file_named_exists(self):
        for readme in readmes():
            for name in FILE.findall(readme.read_text(encoding="utf-8")):
                with self.subTest(readme=str(readme.relative_to(ROOT)), file=name):
                    self.assertTrue((ROOT / name).exists() or (readme.parent / name).exists() or
                                    name.startswith(("out", "build/")))

    def test_two_commands_come_first(self):
        lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
        self.assertTrue(lines[2].strip().startswith("scripts/run.sh"))
        self.assertTrue(lines[3].strip().startswith("scripts/test.sh"))


@unittest.skipUnless(PROGRAM.exists(), f"{PROGRAM} is not built")
class Examples(unittest.TestCase):
    def test_run_in_order_in_an_empty_folder(self):
        for readme in readmes():
            lines = examples(readme.read_text(encoding="utf-8"))
            with tempfile.TemporaryDirectory() as folder:
                for line in lines:
                    with self.subTest(readme=str(readme.relative_to(ROOT)), line=line):
                        words = shlex.split(line, comments=True)
                        run = subprocess.run([PROGRAM, *words[1:]], cwd=folder, check=False,
                                             capture_output=True, text=True)
                        self.assertEqual(run.returncode, 0, run.stderr)

    def test_results_table_is_the_programs(self):
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        table = text[text.index("| network | precision | latency ms"):].split("\n\n")[0]
        rows = [[cell.strip() for cell in line.strip("|").split("|")]
                for line in table.splitlines()[2:]]
        self.assertEqual(len(rows), 7)
        for network, precision, *cells in rows:
            with self.subTest(network=network, precision=precision):
                run = subprocess.run([PROGRAM, "run", "--network", NETWORKS[network],
                                      "--precision", PRECISIONS[precision], "--json"],
                                     check=True, capture_output=True, text=True)
                totals = json.loads(run.stdout)["totals"]
                decimals = [len(cell.partition(".")[2]) for cell in cells]
                measured = [f"{totals[key] * factor:.{places}f}"
                            for (key, factor), places in zip(RESULTS, decimals)]
                self.assertEqual(cells, measured)

    def test_command_table_is_the_programs(self):
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        table = text[text.index("## Command line"):]
        table = table[:table.index("\n## ", 1)]
        in_readme = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
        usage = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True)
        in_program = re.findall(r"^  (\w+) +\S", usage.stdout, re.MULTILINE)
        self.assertEqual(sorted(in_readme), sorted(in_program))


if __name__ == "__main__":
    unittest.main()
