#!/usr/bin/python3
"""pages_test.py MAKE_PAGES: the HTML pages in chromium hold what report.json holds, and work."""

import csv
import io
import json
import pathlib
import shlex
import sys
import unittest
import urllib.parse

import jsonschema
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import sample_site
from browser import Browser
from sample_site import COLUMN, Page, page, read_json


def setUpModule():
    global browser
    browser = sample_site.start(make_pages)


def tearDownModule():
    sample_site.stop()


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
        self.check_fits_a_phone("report.html")

    def test_numbers_equal_report_json(self):
        self.assertEqual(browser.run("return readData('data')"), self.report)
        layers = self.report["layers"]
        for column, key in ((3, "weight_bits"), (4, "act_bits"), (5, "acc_bits"), (6, "macs"),
                            (7, "latency_cycles"), (8, "compute_cycles"), (9, "dram_stall_cycles"),
                            (10, "other_stall_cycles"), (12, "energy_pj"), (13, "dram_bytes")):
            shown = browser.run(COLUMN, "layer-table", column)
            wanted = ["–" if key.endswith("_bits") and layer["macs"] == 0 else layer[key] for layer in layers]
            self.assertEqual([text if text == "–" else float(text) for text in shown], wanted, key)
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
            self.check_links(plain)
            plain.open(page("sweep.html"))
            self.assertIn("Pareto front", plain.driver.find_element(By.TAG_NAME, "body").text)
            self.check_points(plain)
            self.check_links(plain)
        finally:
            plain.close()

    def check_links(self, plain):
        """Every link inside the page that is shown leads to something that is shown."""
        links = [link for link in plain.driver.find_elements(By.CSS_SELECTOR, "a[href*='#']:not(.skip)")
                 if link.is_displayed()]
        self.assertTrue(links)
        for link in links:
            target = link.get_attribute("href").split("#", 1)[1]
            found = plain.driver.find_elements(By.ID, target)
            self.assertEqual(len(found), 1, target)
            self.assertTrue(found[0].is_displayed(), target)

    def check_points(self, plain):
        text = plain.driver.find_element(By.ID, "points").text
        self.assertIn("points.csv beside this page has every point", text)
        self.assertIn("of 10000 results", text)
        with page("points.csv").open(encoding="utf-8", newline="") as file:
            points = {point["id"]: point for point in csv.DictReader(file)}
        rows = plain.driver.find_elements(By.CSS_SELECTOR, "#plain-points tbody tr")
        self.assertGreaterEqual(len(rows), 500)
        for row in rows[:20]:
            cells = [cell.text for cell in row.find_elements(By.CSS_SELECTOR, "th, td")]
            self.assertEqual(cells[1], points[cells[0]]["engine"])
            self.assertEqual(cells[4], points[cells[0]]["rows"])


class ComparePage(Page):
    def setUp(self):
        self.open_quietly("compare.html")

    def test_charts_and_names(self):
        self.check_charts(("ratio-chart", "gain-chart", "layer-latency-chart", "layer-energy-chart"))
        self.check_accessible()
        self.check_fits()
        self.check_fits_a_phone("compare.html")

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
        self.check_fits_a_phone("sweep.html")

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


class OneObjective(Page):
    """A sweep of one objective whose axis has values of every JSON kind."""

    WANTED = ["1", 1, "true", True, "it's", {"a": 1}, "", "plain text"]

    def setUp(self):
        self.open_quietly("one_objective.html")

    def test_the_scatter_has_two_columns(self):
        self.assertEqual(browser.run("return [xSelect.value, ySelect.value]"), ["area_um2", "latency_ms"])
        self.check_charts(("scatter",))

    def test_commands_and_configurations_keep_the_kind(self):
        for place, value in enumerate(self.WANTED):
            words = shlex.split(browser.run("return commandOf(arguments[0])", place))
            self.assertEqual(words[:5], ["bitscale", "run", "--network", "resnet50", "--set"])
            pointer, text = words[5].split("=", 1)
            self.assertEqual(pointer, "/arch/description")
            try:
                given = json.loads(text)
            except ValueError:
                given = text
            self.assertEqual((type(given), given), (type(value), value), words)
            saved = json.loads(browser.run("return configurationOf(arguments[0])", place))
            self.assertEqual(saved["network"], "resnet50")
            given = saved["arch"]["description"]
            self.assertEqual((type(given), given), (type(value), value))


if __name__ == "__main__":
    make_pages = sys.argv.pop(1)
    unittest.main(verbosity=2)
