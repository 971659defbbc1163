"""Schemas of networks, precision plans and configurations: they accept what is committed and give
the verdicts of the corpus to which the C++ readers are held too."""

import subprocess
import sys
import unittest

from schemas import ROOT, load, validator


class WorkloadSchemas(unittest.TestCase):
    def test_committed_files_are_valid(self):
        for name, folder in (("network", "workloads/networks"), ("precision", "configs/precision")):
            check = validator(name)
            files = sorted((ROOT / folder).glob("*.json"))
            self.assertGreater(len(files), 0)
            for path in files:
                with self.subTest(path=path.name):
                    check.validate(load(path))

    def test_corpus_verdicts(self):
        corpus = load("tests/workloads/model/schema_corpus.json")
        for name, part in corpus.items():
            check = validator(name)
            for verdict in ("accepted", "refused"):
                for index, members in enumerate(part[verdict]):
                    with self.subTest(format=name, case=f"{verdict}/{index}"):
                        document = {**part["head"], **members}
                        self.assertEqual(check.is_valid(document), verdict == "accepted")

    def test_configurations(self):
        check = validator("config")
        head = {"schema_version": 1}
        for good in ({}, {"arch": "a.json", "network": "n.json", "batch": 1},
                     {"tech": "t.json", "precision": "p.json", "mapping": "m.json"}):
            self.assertTrue(check.is_valid({**head, **good}), good)
        for bad in ({"arch": 1}, {"batch": 0}, {"network": ""}, {"archs": "a.json"},
                    {"schema_version": 2}):
            self.assertFalse(check.is_valid({**head, **bad}), bad)

    def test_networks_are_what_their_script_writes(self):
        script = ROOT / "scripts/make_networks.py"
        done = subprocess.run([sys.executable, "-B", script, "--check"], check=False,
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
