#!/usr/bin/python3
"""filter_test.py MAKE_PAGES: the filters of the pages keep what the files beside them say."""

import csv
import sys
import unittest

from selenium.webdriver.common.by import By

import sample_site
from sample_site import COLUMN, Page, page, read_json


def setUpModule():
    global browser
    browser = sample_site.start(make_pages)


def tearDownModule():
    sample_site.stop()


class LayerFilter(Page):
    def setUp(self):
        self.open_quietly("report.html")
        self.report = read_json("report.json")

    def test_layers_filter_by_text_and_by_number(self):
        field = browser.driver.find_element(By.ID, "layer-table-filter")
        field.send_keys("stage2 W=6")
        wanted = [layer["name"] for layer in self.report["layers"]
                  if "stage2" in layer["name"] and layer["weight_bits"] == 6]
        self.assertTrue(wanted)
        self.assertEqual(browser.run(COLUMN, "layer-table", 0), wanted)
        status = browser.driver.find_element(By.CSS_SELECTOR, "[data-filter-for=layer-table] [role=status]")
        self.assertEqual(status.text, f"{len(wanted)} of {len(self.report['layers'])} rows")
        self.assertEqual(self.filtered("nothing of the kind")[0], [])

    def filtered(self, text):
        """Names of the layers that are left, and what the page says beside the filter."""
        self.type_filter("layer-table-filter", text)
        status = browser.driver.find_element(By.CSS_SELECTOR, "[data-filter-for=layer-table] [role=status]")
        return browser.run(COLUMN, "layer-table", 0), status.text

    def named(self, holds):
        names = [layer["name"] for layer in self.report["layers"] if holds(layer)]
        self.assertTrue(0 < len(names) < len(self.report["layers"]), "the test says nothing")
        return names

    def test_layers_filter_by_every_sign(self):
        macs = sorted(layer["macs"] for layer in self.report["layers"])[20]
        for sign, holds in ((">=", lambda v: v >= macs), ("<=", lambda v: v <= macs), ("!=", lambda v: v != macs),
                            ("=", lambda v: v == macs), (">", lambda v: v > macs), ("<", lambda v: v < macs)):
            wanted = self.named(lambda layer: holds(layer["macs"]))
            for text in (f"MACs{sign}{macs}", f"macs {sign} {macs:,}", f"MACs {sign}{macs}"):
                left, status = self.filtered(text)
                self.assertEqual(left, wanted, text)
                self.assertEqual(status, f"{len(wanted)} of {len(self.report['layers'])} rows")
        for text, holds in (("DRAM<1000", lambda layer: layer["dram_bytes"] < 1000),  # not the stalls
                            ("dram stall >= 20000", lambda layer: layer["dram_stall_cycles"] >= 20000),
                            ("latency>50000 conv", lambda layer: layer["latency_cycles"] > 50000
                             and "conv" in layer["name"] + layer["kind"]),
                            ("utilization <= 80", lambda layer: layer["utilization"] <= 0.8),
                            ("W = 6", lambda layer: layer["macs"] > 0 and layer["weight_bits"] == 6),
                            ("MACs!=0 stage1", lambda layer: layer["macs"] != 0 and "stage1" in layer["name"]),
                            ("kind=gemm", lambda layer: layer["kind"] == "gemm"),
                            ("kind != conv", lambda layer: layer["kind"] != "conv")):
            self.assertEqual(self.filtered(text)[0], self.named(holds), text)

    def test_layers_filter_in_the_units_shown(self):
        energies = sorted(layer["energy_pj"] / 1000 for layer in self.report["layers"])
        between = (energies[30] + energies[31]) / 2
        self.assertEqual(self.filtered(f"energy>{between}")[0],
                         self.named(lambda layer: layer["energy_pj"] / 1000 > between))
        self.assertEqual(self.filtered(f"energy<={between}")[0],
                         self.named(lambda layer: layer["energy_pj"] / 1000 <= between))
        percents = sorted(100 * layer["utilization"] for layer in self.report["layers"])
        between = (percents[30] + percents[31]) / 2
        for text in (f"utilization>{between}", f"utilization > {between} %"):
            self.assertEqual(self.filtered(text)[0],
                             self.named(lambda layer: 100 * layer["utilization"] > between), text)
        shown = browser.run("return document.getElementById('layer-table').tBodies[0].rows[4].cells[12].textContent")
        name = self.report["layers"][4]["name"]
        self.assertIn(name, self.filtered("energy=" + shown)[0])  # rounded, as it stands there
        self.assertNotIn(name, self.filtered("energy!=" + shown)[0])

    def test_empty_cells_are_no_numbers(self):
        bits = [layer["name"] for layer in self.report["layers"] if layer["macs"] > 0]
        self.assertEqual(self.filtered("W<=99")[0], bits)
        self.assertEqual(self.filtered("W!=99")[0], bits)
        self.assertEqual(self.filtered("")[0], [layer["name"] for layer in self.report["layers"]])
        head = browser.driver.find_elements(By.CSS_SELECTOR, "#layer-table thead th button")[3]
        for _ in range(2):  # up and down: last both times
            head.click()
            self.assertEqual(browser.run(COLUMN, "layer-table", 3)[-1], "–")

    def test_a_filter_says_what_it_does_not_apply(self):
        count = len(self.report["layers"])
        for text, why in (("latency<", "nothing stands after"), ("foo > 3", 'no column is named "foo"'),
                          ("latency>many", '"many" is no number'), ("kind<3", "texts")):
            left, status = self.filtered(text)
            self.assertEqual(len(left), count, text)
            self.assertIn("not applied: ", status)
            self.assertIn(why, status)
        left, status = self.filtered("stage2 foo>3")
        self.assertEqual(left, self.named(lambda layer: "stage2" in layer["name"]))


class ComparedLayersFilter(Page):
    def setUp(self):
        self.open_quietly("compare.html")

    def test_energy_is_filtered_in_nanojoules(self):
        self.assertEqual(browser.run("return document.querySelectorAll('#layer-energy-table th')[2].textContent"),
                         "runs/w8a8 [nJ]")
        shown = [float(value) / 1000 for value in browser.run(COLUMN, "layer-energy-table", 2)]
        limit = (sorted(shown)[20] + sorted(shown)[21]) / 2
        self.type_filter("layer-energy-table-filter", f"runs/w8a8 >= {limit}")
        left = [float(value) / 1000 for value in browser.run(COLUMN, "layer-energy-table", 2)]
        self.assertEqual(left, [value for value in shown if value >= limit])


class PointFilter(Page):
    def setUp(self):
        self.open_quietly("sweep.html")
        with page("points.csv").open(encoding="utf-8", newline="") as file:
            self.points = list(csv.DictReader(file))

    def kept(self):
        return browser.run("return state.kept.map((place) => sweep.id[place])")

    def test_the_filter_compares_both_ways(self):
        rows = [float(p["rows"]) for p in self.points]
        limit = int(sorted(rows)[len(rows) // 2])
        for word, holds in ((">=", lambda v: v >= limit), ("<=", lambda v: v <= limit),
                            ("!=", lambda v: v != limit), ("=", lambda v: v == limit)):
            for text in (f"rows{word}{limit}", f"rows {word} {limit}", f"ROWS{word} {limit}"):
                self.type_filter("sweep-filter", text)
                self.assertEqual(self.kept(), [int(p["id"]) for p in self.points
                                               if holds(float(p["rows"]))], text)

    def test_a_filter_says_what_it_does_not_apply(self):
        status = browser.driver.find_element(By.CSS_SELECTOR, "#controls [role=status]")
        for text, why in (("latency_ms<", "nothing stands after"), ("foo>3", 'no column is named "foo"'),
                          ("rows>many", '"many" is no number'), ("pe<3", "texts")):
            self.type_filter("sweep-filter", text)
            self.assertEqual(len(self.kept()), len(self.points), text)
            self.assertIn(why, status.text)
        self.type_filter("sweep-filter", "weight bits != 4")
        self.assertEqual(self.kept(), [int(p["id"]) for p in self.points if p["weight_bits"] != "4"])
        self.assertNotIn("not applied", status.text)


if __name__ == "__main__":
    make_pages = sys.argv.pop(1)
    unittest.main(verbosity=2)
