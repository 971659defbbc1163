#!/usr/bin/python3
"""pages_test.py MAKE_PAGES: the HTML pages in chromium hold what report.json holds, and work."""

import csv
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

import jsonschema
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser import Browser

COLOURS_IN = """
  const canvas = document.getElementById(arguments[0]);
  const { width, height } = canvas;
  const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  const seen = new Set();
  for (let i = 0; i < pixels.length; i += 4) {
    if (pixels[i + 3] > 200) seen.add((pixels[i] << 16) | (pixels[i + 1] << 8) | pixels[i + 2]);
  }
  return seen.size;
"""
COLUMN = """
  return [...document.querySelectorAll(`#${arguments[0]} tbody tr`)].filter((row) => !row.hidden)
    .map((row) => row.cells[arguments[1]].dataset.v ?? row.cells[arguments[1]].textContent);
"""


def setUpModule():
    global folder, browser
    folder = tempfile.TemporaryDirectory(prefix="bitscale_pages_")
    subprocess.run([make_pages, folder.name], check=True)
    browser = Browser()


def tearDownModule():
    browser.close()
    folder.cleanup()


def page(name):
    return pathlib.Path(folder.name) / name


def read_json(name):
    return json.loads(page(name).read_text(encoding="utf-8"))


class Page(unittest.TestCase):
    """What holds for every page."""

    def check_quiet(self, name):
        self.assertEqual(browser.console(), [], name)
        inside = ("data:", "blob:", "about:", "chrome:")  # the browser's own first tab is chrome:
        asked = [url for url in browser.requests() if not url.startswith(inside)]
        self.assertEqual(asked, [page(name).resolve().as_uri()], name)

    def open_quietly(self, name, **settings):
        browser.requests()
        browser.console()
        browser.open(page(name), **settings)
        self.check_quiet(name)

    def check_charts(self, names):
        for name in names:
            self.assertGreater(browser.run(COLOURS_IN, name), 3, f"{name} is blank")

    def check_fits(self):
        width = browser.run("return [document.documentElement.scrollWidth, innerWidth]")
        self.assertLessEqual(width[0], width[1], "the page scrolls sideways")

    def check_accessible(self):
        """Controls, canvases and headings have names in the accessibility tree."""
        for node in browser.accessibility():
            role = node.get("role", {}).get("value")
            if role in ("button", "link", "searchbox", "combobox", "checkbox", "img", "table", "region"):
                if role == "table":
                    continue
                name = node.get("name", {}).get("value", "")
                self.assertTrue(name, f"a {role} has no name: {node.get('properties')}")
        repeated = browser.run(
            "const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);"
            "return ids.filter((id, place) => ids.indexOf(id) !== place);"
        )
        self.assertEqual(repeated, [])


class RunPage(Page):
    CHARTS = (
        "energy-parts", "area-parts", "time-parts", "layer-latency", "layer-energy",
        "roofline-chart", "gain-chart", "timeline-chart",
    )

    def setUp(self):
        self.open_quietly("report.html")
        self.report = read_json("report.json")

    def test_charts_are_drawn_in_both_themes(self):
        self.check_charts(self.CHARTS)
        self.open_quietly("report.html", color_scheme="dark")
        self.check_charts(self.CHARTS)
        dark = browser.run("return getComputedStyle(document.body).backgroundColor")
        browser.driver.find_element(By.ID, "theme").click()
        self.assertNotEqual(browser.run("return getComputedStyle(document.body).backgroundColor"), dark)
        self.check_charts(self.CHARTS)

    def test_fits_wide_and_narrow_screens(self):
        self.check_fits()
        browser.driver.set_window_size(520, 900)
        try:
            self.open_quietly("report.html")
            self.check_fits()
        finally:
            browser.driver.set_window_size(1280, 900)

    def test_numbers_equal_report_json(self):
        self.assertEqual(browser.run("return readData('data')"), self.report)
        layers = self.report["layers"]
        for column, key in ((3, "weight_bits"), (4, "act_bits"), (5, "acc_bits"), (6, "macs"),
                            (7, "latency_cycles"), (8, "compute_cycles"), (9, "dram_stall_cycles"),
                            (10, "other_stall_cycles"), (12, "energy_pj"), (13, "dram_bytes")):
            shown = [text if text == "–" else float(text)
                     for text in browser.run(COLUMN, "layer-table", column)]
            wanted = ["–" if column < 6 and layer["macs"] == 0 else layer[key] for layer in layers]
            self.assertEqual(shown, wanted, key)
        charted = browser.run(
            "return liveCharts.get('layer-latency').data.datasets.map((one) => one.data)"
        )
        self.assertEqual([sum(values) for values in zip(*charted)],
                         [layer["latency_cycles"] for layer in layers])
        summary = browser.driver.find_element(By.ID, "summary").text
        self.assertIn(f"{self.report['totals']['latency_cycles']:,} cycles", summary)
        self.assertIn(f"{self.report['totals']['macs']:,}", summary)

    def test_texts_are_escaped(self):
        self.assertEqual(browser.driver.title, "resnet<50> on demo 32×32")
        self.assertIn("w4a4 <mixed>", browser.driver.find_element(By.ID, "summary").text)

    def test_layers_sort_by_number_and_by_name(self):
        heads = browser.driver.find_elements(By.CSS_SELECTOR, "#layer-table thead th button")
        heads[7].click()
        cycles = [int(text) for text in browser.run(COLUMN, "layer-table", 7)]
        self.assertEqual(cycles, sorted(layer["latency_cycles"] for layer in self.report["layers"]))
        heads[7].click()
        self.assertEqual(
            browser.run("return document.querySelectorAll('#layer-table th')[7].ariaSort"),
            "descending",
        )
        cycles = [int(text) for text in browser.run(COLUMN, "layer-table", 7)]
        self.assertEqual(cycles, sorted(cycles, reverse=True))
        heads[0].send_keys(Keys.ENTER)  # the keyboard sorts too
        names = browser.run(COLUMN, "layer-table", 0)
        self.assertLess(names.index("stage1.conv2"), names.index("stage1.conv10"))

    def test_layers_filter_by_text_and_by_number(self):
        field = browser.driver.find_element(By.ID, "layer-table-filter")
        field.send_keys("stage2 W=6")
        wanted = [layer["name"] for layer in self.report["layers"]
                  if "stage2" in layer["name"] and layer["weight_bits"] == 6]
        self.assertTrue(wanted)
        self.assertEqual(browser.run(COLUMN, "layer-table", 0), wanted)
        status = browser.driver.find_element(By.CSS_SELECTOR, "[data-filter-for=layer-table] [role=status]")
        self.assertEqual(status.text, f"{len(wanted)} of {len(self.report['layers'])} rows")
        energies = sorted(layer["energy_pj"] for layer in self.report["layers"])
        limit = energies[len(energies) // 2] / 1e3  # in nJ, as the column shows it
        for words, holds in (
                (f"energy >= {limit:.1f}", lambda one: one["energy_pj"] / 1e3 >= float(f"{limit:.1f}")),
                ("utilization<=20", lambda one: one["utilization"] <= 0.2),
                ("MACs!=0", lambda one: one["macs"] != 0),
                ("W = 6", lambda one: one["macs"] > 0 and one["weight_bits"] == 6)):
            field.clear()
            field.send_keys(words)
            self.assertEqual(browser.run(COLUMN, "layer-table", 0),
                             [one["name"] for one in self.report["layers"] if holds(one)], words)
        field.clear()
        field.send_keys("nothing>3")
        self.assertEqual(status.text, 'no column "nothing"')
        field.clear()
        field.send_keys("DRAM<1000")  # the column of bytes, not the one of stalls
        self.assertEqual(
            browser.run(COLUMN, "layer-table", 0),
            [layer["name"] for layer in self.report["layers"] if layer["dram_bytes"] < 1000],
        )
        field.clear()
        field.send_keys("latency>50000")
        self.assertEqual(
            browser.run(COLUMN, "layer-table", 0),
            [layer["name"] for layer in self.report["layers"] if layer["latency_cycles"] > 50000],
        )
        field.clear()
        field.send_keys("nothing of the kind")
        self.assertEqual(browser.run(COLUMN, "layer-table", 0), [])

    def test_csv_link_holds_layers_csv(self):
        link = browser.driver.find_element(By.CSS_SELECTOR, "a[download='layers.csv']")
        content = urllib.parse.unquote(link.get_attribute("href").split(",", 1)[1])
        self.assertEqual(content, page("layers.csv").read_text(encoding="utf-8"))
        rows = list(csv.DictReader(io.StringIO(content)))
        self.assertEqual(len(rows), len(self.report["layers"]))

    def test_timeline_zooms_by_keyboard(self):
        canvas = browser.driver.find_element(By.ID, "timeline-chart")
        status = browser.driver.find_element(By.ID, "timeline-status")
        canvas.send_keys("+")
        zoomed = status.text
        self.assertRegex(zoomed, r"Cycles [\d,]+ to [\d,]+")
        canvas.send_keys(Keys.ARROW_RIGHT)
        self.assertNotEqual(status.text, zoomed)
        canvas.send_keys("0")
        self.assertIn("Cycles 0 to", status.text)

    def test_controls_have_names(self):
        self.check_accessible()

    def test_prints(self):
        self.assertGreater(len(browser.pdf()), 50_000)
        self.assertEqual(browser.console(), [])


    def test_print_keeps_headings(self):
        browser.media(media="print")
        try:
            self.assertTrue(browser.driver.find_element(By.CSS_SELECTOR, "th button").is_displayed())
            self.assertFalse(browser.driver.find_element(By.ID, "theme").is_displayed())
        finally:
            browser.media(media="")

    def test_report_json_obeys_its_schema(self):
        tree = pathlib.Path(__file__).resolve().parents[2]
        schema = json.loads((tree / "configs/schema/report.schema.json").read_text("utf-8"))
        validator = jsonschema.Draft202012Validator(schema)
        self.assertEqual([error.message for error in validator.iter_errors(self.report)], [])
        self.report["totals"]["stall_cycles"] = -1
        self.assertFalse(validator.is_valid(self.report))


class PageWithoutScripts(unittest.TestCase):
    def test_tables_and_download_are_there(self):
        plain = Browser(javascript=False)
        try:
            plain.open(page("report.html"))
            report = read_json("report.json")
            body = plain.driver.find_element(By.TAG_NAME, "body").text
            for layer in report["layers"]:
                self.assertIn(layer["name"], body)
            self.assertIn("1 MAC = 2 operations", body)
            self.assertIn("Save layers.csv", body)
            self.assertNotIn("Dark / light", body)
            shown = plain.driver.find_elements(By.CSS_SELECTOR, "canvas")
            self.assertFalse(any(canvas.is_displayed() for canvas in shown))
            plain.open(page("sweep.html"))
            self.assertIn("Pareto front", plain.driver.find_element(By.TAG_NAME, "body").text)
        finally:
            plain.close()


class ComparePage(Page):
    def setUp(self):
        self.open_quietly("compare.html")

    def test_charts_and_names(self):
        self.check_charts(("ratio-chart", "gain-chart", "layer-latency-chart", "layer-energy-chart"))
        self.check_accessible()
        self.check_fits()

    def test_ratios_are_run_over_baseline(self):
        totals = read_json("report.json")["totals"]
        rows = dict(zip(
            browser.run("return [...document.querySelectorAll('#totals-table tbody th')]"
                        ".map((one) => one.textContent)"),
            zip(browser.run(COLUMN, "totals-table", 1), browser.run(COLUMN, "totals-table", 2),
                browser.run(COLUMN, "totals-table", 3)),
        ))
        base, run, ratio = map(float, rows["energy_pj [pJ]"])
        self.assertEqual(run, totals["energy_pj"])
        self.assertAlmostEqual(ratio, run / base, places=5)


class SweepPage(Page):
    def setUp(self):
        self.open_quietly("sweep.html")
        with page("points.csv").open(encoding="utf-8", newline="") as file:
            self.points = list(csv.DictReader(file))

    def shown_ids(self):
        return browser.run("return [...document.querySelectorAll('#point-table tbody tr')]"
                           ".map((row) => row.cells[0].textContent)")

    def kept(self):
        return browser.run("return state.kept.map((place) => sweep.id[place])")

    def test_charts_and_names(self):
        self.check_charts(("scatter", "parallel"))
        self.check_accessible()
        self.check_fits()

    def test_holds_every_point(self):
        self.assertEqual(self.kept(), [int(point["id"]) for point in self.points])
        values = browser.run("return columns.find((one) => one.key === 'energy_uj').values")
        wanted = [float(point["energy_uj"]) if point["energy_uj"] else None for point in self.points]
        self.assertEqual(values, wanted)
        drawn = browser.run("return liveCharts.get('scatter').data.datasets[1].data.length")
        self.assertEqual(drawn, sum(value is not None for value in wanted))
        reach = browser.run("return liveCharts.get('scatter').scales.x.max")
        self.assertGreaterEqual(reach, max(float(p["latency_ms"]) for p in self.points if p["latency_ms"]))

    def test_one_filter_for_all_views(self):
        browser.driver.find_element(By.ID, "sweep-filter").send_keys("weight_bits=4 rows>200 pe=fixed")
        wanted = [int(p["id"]) for p in self.points
                  if p["weight_bits"] == "4" and float(p["rows"]) > 200 and p["pe"] == "fixed"]
        self.assertTrue(wanted)
        self.assertEqual(self.kept(), wanted)
        self.assertEqual(self.shown_ids(), [str(number) for number in wanted[:50]])
        self.assertLessEqual(
            browser.run("return liveCharts.get('scatter').data.datasets[1].data.length"), len(wanted))

    def test_the_filter_compares_both_ways(self):
        field = browser.driver.find_element(By.ID, "sweep-filter")
        rows = [float(p["rows"]) for p in self.points]
        limit = int(sorted(rows)[len(rows) // 2])
        for word, holds in ((">=", lambda v: v >= limit), ("<=", lambda v: v <= limit),
                            ("!=", lambda v: v != limit), ("=", lambda v: v == limit)):
            field.clear()
            field.send_keys(f"rows {word} {limit}")
            self.assertEqual(self.kept(), [int(p["id"]) for p in self.points
                                           if holds(float(p["rows"]))], word)
        for words, problem in (("foo>3", 'no column "foo"'), ("rows<", 'no value: "rows<"')):
            field.clear()
            field.send_keys(words)
            self.assertEqual(len(self.kept()), len(self.points))
            status = browser.driver.find_element(By.CSS_SELECTOR, "#controls [role=status]")
            self.assertEqual(status.text, problem)

    def test_pareto_only_and_sorting(self):
        browser.driver.find_element(By.ID, "pareto-only").click()
        wanted = [p for p in self.points if p["pareto"] == "1"]
        self.assertEqual(self.kept(), [int(p["id"]) for p in wanted])
        browser.driver.find_elements(By.CSS_SELECTOR, "#point-table th button")[6].click()
        wanted.sort(key=lambda point: float(point["latency_ms"]))
        self.assertEqual(self.shown_ids(), [p["id"] for p in wanted[:50]])

    def test_axes_can_be_chosen(self):
        browser.run("const one = document.getElementById('x-column'); one.value = 'area_mm2';"
                    "one.dispatchEvent(new Event('change'));")
        self.assertEqual(
            browser.run("return liveCharts.get('scatter').options.scales.x.title.text"), "area [mm²]")
        browser.driver.find_element(By.ID, "log-x").click()
        self.assertEqual(browser.run("return liveCharts.get('scatter').scales.x.type"), "logarithmic")

    def test_a_link_leads_to_a_points_command(self):
        self.open_quietly("sweep.html", fragment="#point-7")
        detail = browser.driver.find_element(By.ID, "detail")
        point = self.points[7]
        self.assertIn("Point 7", detail.text)
        self.assertEqual(
            browser.driver.find_element(By.ID, "point-command").text,
            "bitscale run --network resnet50 --set /mac_array/rows="
            f"{point['rows']} --set /precision/weight_bits={point['weight_bits']}"
            + (" --analytic" if point["engine"] == "analytic" else ""),
        )
        self.assertIn("Copy command", detail.text)

    def test_every_point_has_its_configuration(self):
        for place in (7, 96, len(self.points) - 1):  # the second one failed
            point = self.points[place]
            self.assertEqual(json.loads(browser.run("return configurationOf(arguments[0])", place)), {
                "schema_version": 1, "network": "resnet50",
                "mac_array": {"rows": float(point["rows"])},
                "precision": {"weight_bits": float(point["weight_bits"])},
            })
        self.open_quietly("sweep.html", fragment="#point-7")
        detail = browser.driver.find_element(By.ID, "detail")
        self.assertIn("Save configuration", detail.text)
        detail.find_element(By.TAG_NAME, "summary").click()
        self.assertIn('"rows": ' + self.points[7]["rows"], detail.text)

    def test_failed_points_say_why(self):
        failed = next(point for point in self.points if point["error"])
        self.open_quietly("sweep.html", fragment=f"#point-{failed['id']}")
        self.assertIn(failed["error"], browser.driver.find_element(By.ID, "detail").text)
        self.assertIn(failed["error"], browser.driver.find_element(By.ID, "failures").text)


if __name__ == "__main__":
    make_pages = sys.argv.pop(1)
    unittest.main(verbosity=2)
