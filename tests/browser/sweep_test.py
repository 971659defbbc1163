#!/usr/bin/python3
"""sweep_test.py BITSCALE: what a sweep's page offers of a point, given back to the program, is it.

Every point: its configuration saved from the page, and its command copied from it.
"""

import csv
import json
import pathlib
import shlex
import subprocess
import sys
import tempfile
import unittest

from selenium.webdriver.common.by import By

from browser import Browser

ROOT = pathlib.Path(__file__).resolve().parents[2]
SWEEP = {
    "schema_version": 1, "name": "offered", "base": {"network": "resnet20_cifar10"},
    "axes": [
        {"name": "arch", "pointer": "/arch", "values": ["default", "bitfusion_like"]},
        {"name": "rows", "pointer": "/arch/mac_array/rows", "values": [8, 32]},
        {"name": "kind", "alternatives": [
            {"name": "w4", "set": {"/precision/default/weight_bits": 4,
                                   "/arch/description": "1",
                                   "/arch/mac_array/dataflow": "weight_stationary"}},
            {"name": "os", "set": {"/precision/default/weight_bits": 6,
                                   "/arch/description": "a b",
                                   "/arch/mac_array/dataflow": "output_stationary"}}]}],
    "objectives": [{"field": "latency_ms"}, {"field": "energy_pj"}], "engine": "analytic"}


class SweepPoints(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="bitscale_points_")
        cls.path = pathlib.Path(cls.folder.name)
        (cls.path / "sweep.json").write_text(json.dumps(SWEEP), encoding="utf-8")
        cls.bitscale("sweep", "sweep.json", "-o", "out", "-q")
        with (cls.path / "out/points.csv").open(encoding="utf-8", newline="") as file:
            cls.points = list(csv.DictReader(file))
        cls.browser = Browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.folder.cleanup()

    @classmethod
    def bitscale(cls, *words):
        done = subprocess.run([program, *words], cwd=cls.path, capture_output=True, text=True,
                              check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def energy_of(self, *words):
        self.bitscale("run", *words, "--analytic", "-o", "run", "-q")
        report = json.loads((self.path / "run/report.json").read_text(encoding="utf-8"))
        return report["totals"]["energy_pj"], report["totals"]["latency_ms"]

    def test_every_point_runs_again(self):
        self.assertEqual(len(self.points), 8)
        for place, point in enumerate(self.points):
            self.assertEqual(point["error"], "")
            self.browser.open(self.path / "out/sweep.html", fragment=f"#point-{point['point']}")
            wanted = (float(point["energy_pj"]), float(point["latency_ms"]))
            saved = self.browser.run("return configurationOf(arguments[0])", place)
            (self.path / "saved.json").write_text(saved, encoding="utf-8")
            self.assertEqual(self.energy_of("saved.json"), wanted, point)
            command = self.browser.driver.find_element(By.ID, "point-command").text
            words = shlex.split(command)
            self.assertEqual(words[:2], ["bitscale", "run"])
            self.assertEqual(words[-1], "--analytic")  # the engine of the row it stands beside
            self.assertEqual(self.energy_of(*words[2:-1]), wanted, command)
            (self.path / "resolved.json").write_text(
                self.bitscale("sweep", "config", "sweep.json", point["point"]), encoding="utf-8")
            self.assertEqual(self.energy_of("resolved.json"), wanted, point)

    def test_front_links_stand_without_javascript(self):
        page = (self.path / "out/sweep.html").read_text(encoding="utf-8")
        for point in self.points:
            link = f'href="points/{point["point"]}.json"'
            self.assertEqual(link in page, point["pareto"] == "1", point)
            if point["pareto"] == "1":
                self.assertTrue((self.path / f"out/points/{point['point']}.json").is_file())


if __name__ == "__main__":
    program = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main(verbosity=2)
