"""training.json of bitscale train is what its schema says; `validate` knows it and its likes."""

import copy
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from schemas import ROOT, validator

PROGRAM = pathlib.Path(os.environ.get("BITSCALE_PROGRAM", ROOT / "build/release/bitscale"))
TRAINER = PROGRAM.with_name("bitscale-train")
IMAGES = pathlib.Path("/usr/share/datasets/fashion-mnist")
RECIPE = {"schema_version": 1, "name": "record", "network": "mlp", "epochs": 2,
          "train_samples": 256, "validation_samples": 100}


@unittest.skipUnless(TRAINER.exists(), f"{TRAINER} is not built")
@unittest.skipUnless(IMAGES.exists(), "dataset-fashion-mnist is not installed")
class TrainingRecord(unittest.TestCase):
    def run_program(self, *words):
        return subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=False)

    def record(self, folder, **members):
        recipe = pathlib.Path(folder, "recipe.json")
        recipe.write_text(json.dumps({**RECIPE, **members}))
        run = self.run_program("train", "--recipe", str(recipe), "--seed", "7", "-o",
                               str(pathlib.Path(folder, "made")), "--restart")
        self.assertEqual(run.returncode, 0, run.stderr)
        return json.loads(pathlib.Path(folder, "made/training.json").read_text())

    def accepted(self, document):
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            json.dump(document, file)
            file.flush()
            run = self.run_program("validate", file.name)
        self.assertIn(run.returncode, (0, 2), run.stderr)
        return run.returncode == 0

    def test_is_what_the_schema_says(self):
        check = validator("training_record")
        for quantizers in ({"weights": "float", "activations": "float"},
                           {"weights": "sawb", "activations": "pact"},
                           {"weights": "max_abs", "activations": "pact", "density_schedule": {}}):
            with self.subTest(quantizers=quantizers), tempfile.TemporaryDirectory() as folder:
                document = self.record(folder, quantizers=quantizers)
                self.assertEqual([error.message for error in check.iter_errors(document)], [])
                self.assertEqual(document["seed"], 7)
                self.assertEqual("density" in document, "density_schedule" in quantizers)
                self.assertEqual("integer_top1" in document, quantizers["weights"] != "float")
                self.assertTrue(self.accepted(document))
                self.expect_wrong_ones_refused(check, document)

    def expect_wrong_ones_refused(self, check, document):
        for path, value in ((("no_such_key",), 1), (("test_top1",), 1.5), (("written_epoch",), 0),
                            (("epochs",), []), (("epochs", 0, "loss"), -1),
                            (("epochs", 1, "densities", 0), "much")):
            wrong = copy.deepcopy(document)
            at = wrong
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = value
            with self.subTest(path=path):
                self.assertFalse(check.is_valid(wrong))
                self.assertFalse(self.accepted(wrong))


if __name__ == "__main__":
    unittest.main()
