"""bitscale cosim as a user runs it: every named set agrees, and its JSON is what the schema says."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("BITSCALE_PROGRAM", ROOT / "build/release/bitscale"))
SETS = json.loads((ROOT / "rtl/named_sets.json").read_text(encoding="utf-8"))["sets"]
SCHEMA = json.loads((ROOT / "configs/schema/cosim.schema.json").read_text(encoding="utf-8"))


def cosim(*words):
    return subprocess.run([PROGRAM, "cosim", *words], capture_output=True, text=True, check=False)


@unittest.skipUnless(PROGRAM.exists(), "bitscale is not built")
class Cosim(unittest.TestCase):
    def setUp(self):
        probe = cosim("--only", "pim_4x2_w1_slice1", "-q")
        if "was not installed" in probe.stderr:
            self.skipTest("built without Verilator")
        self.assertEqual(probe.returncode, 0, probe.stderr)

    def check_document(self, document):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        jsonschema.Draft202012Validator(SCHEMA).validate(document)

    def test_every_named_set_agrees_in_bits_and_cycles(self):
        with tempfile.TemporaryDirectory() as folder:
            run = cosim("--json", "-q", "-o", folder)
            self.assertEqual(run.returncode, 0, run.stderr + run.stdout[-2000:])
            self.assertEqual(run.stdout, (pathlib.Path(folder) / "cosim.json").read_text(encoding="utf-8"))
            self.assertEqual(os.listdir(folder), ["cosim.json"])
        document = json.loads(run.stdout)
        self.check_document(document)
        self.assertEqual(document["mismatches"], 0)
        self.assertEqual(sorted(row["name"] for row in document["sets"]), sorted(row["name"] for row in SETS))
        for row in document["sets"]:
            with self.subTest(set=row["name"]):
                coverage = row["coverage"]
                self.assertEqual(coverage["not_reached"], [])
                self.assertEqual(coverage["corners_met"], coverage["corners_possible"])
                self.assertGreater(row["vectors"], 50000)
                if row["module"] in ("mac_array", "pim_array"):
                    self.assertEqual(row["rtl_cycles"], row["expected_cycles"])
                    self.assertGreater(row["rtl_cycles"], 10000)
                    self.assertGreaterEqual(row["layers"], 20)
                if "16x16" in row["name"]:  # a trained network's layers fit there
                    self.assertGreater(row["trained_vectors"], 500000)
                if "_w8" in row["name"] and "a4" not in row["name"]:
                    self.assertGreater(row["digits_vectors"], 9000)

    def test_the_seed_repeats_and_changes_the_operands(self):
        def counts(seed):
            run = cosim("--only", "mac_w8s_a8u_acc16_*", "--seed", seed, "--json", "-q")
            self.assertEqual(run.returncode, 0, run.stderr)
            return [row["coverage"] for row in json.loads(run.stdout)["sets"]]

        self.assertEqual(counts("5"), counts("5"))
        self.assertNotEqual(counts("5"), counts("6"))

    def test_the_example_mac_passes_and_is_characterized(self):
        with tempfile.TemporaryDirectory() as folder:
            run = cosim("--rtl", ROOT / "rtl/cosim/example/my_mac.sv", "--weight-bits", "4", "--act-bits", "4",
                        "--acc-bits", "16", "--overflow", "wrap", "--vectors", "200000", "--characterize",
                        "--json", "--cache", folder)
        self.assertEqual(run.returncode, 0, run.stderr)
        document = json.loads(run.stdout)
        self.check_document(document)
        self.assertEqual(document["sets"][0]["name"], "my_mac")
        self.assertGreaterEqual(document["vectors"], 200000)
        self.assertEqual(document["characterization"]["flip_flops"], 16)


if __name__ == "__main__":
    unittest.main()
