"""The sample pages and one chromium that looks at them; what holds for every page."""

import json
import pathlib
import subprocess
import tempfile
import unittest

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


class Site:
    """Made by start() once per test program."""

    folder = None
    browser = None


def start(make_pages):
    Site.folder = tempfile.TemporaryDirectory(prefix="bitscale_pages_")
    subprocess.run([make_pages, Site.folder.name], check=True)
    Site.browser = Browser()
    return Site.browser


def stop():
    Site.browser.close()
    Site.folder.cleanup()


def page(name):
    return pathlib.Path(Site.folder.name) / name


def read_json(name):
    return json.loads(page(name).read_text(encoding="utf-8"))


class Page(unittest.TestCase):
    """What holds for every page."""

    def check_quiet(self, name):
        self.assertEqual(Site.browser.console(), [], name)
        inside = ("data:", "blob:", "about:", "chrome:")  # the browser's own first tab is chrome:
        asked = [url for url in Site.browser.requests() if not url.startswith(inside)]
        self.assertEqual(asked, [page(name).resolve().as_uri()], name)

    def open_quietly(self, name, **settings):
        Site.browser.requests()
        Site.browser.console()
        Site.browser.open(page(name), **settings)
        self.check_quiet(name)

    def check_charts(self, names):
        for name in names:
            self.assertGreater(Site.browser.run(COLOURS_IN, name), 3, f"{name} is blank")

    def type_filter(self, field, text):
        """The text in the field, told to the page once and not at every key."""
        Site.browser.run(
            "const field = document.getElementById(arguments[0]); field.value = arguments[1];"
            "field.dispatchEvent(new Event('input'));", field, text)

    def check_fits_a_phone(self, name):
        for pixels in (400, 320):
            Site.browser.width(pixels)
            try:
                self.open_quietly(name)
                self.check_fits()
            finally:
                Site.browser.width(None)

    def check_fits(self):
        width = Site.browser.run("return [document.documentElement.scrollWidth, innerWidth]")
        self.assertLessEqual(width[0], width[1], "the page scrolls sideways")

    def check_accessible(self):
        """Controls, canvases and headings have names in the accessibility tree."""
        for node in Site.browser.accessibility():
            role = node.get("role", {}).get("value")
            if role in ("button", "link", "searchbox", "combobox", "checkbox", "img", "table", "region"):
                if role == "table":
                    continue
                name = node.get("name", {}).get("value", "")
                self.assertTrue(name, f"a {role} has no name: {node.get('properties')}")
        repeated = Site.browser.run(
            "const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);"
            "return ids.filter((id, place) => ids.indexOf(id) !== place);"
        )
        self.assertEqual(repeated, [])
