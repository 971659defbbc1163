#!/usr/bin/python3
"""first_paint.py MAKE_PAGES: prints first paint and load time of the sample pages, in milliseconds."""

import pathlib
import subprocess
import sys
import tempfile
import time

from browser import Browser

TIMES = """
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  return paint && [paint.startTime, performance.getEntriesByType("navigation")[0].loadEventEnd];
"""


def measure(page):
    """A fresh browser, so that nothing is cached."""
    browser = Browser()
    try:
        browser.open(page)
        while not (times := browser.run(TIMES)):
            time.sleep(0.05)
        return times
    finally:
        browser.close()


def main():
    with tempfile.TemporaryDirectory(prefix="bitscale_pages_") as folder:
        subprocess.run([sys.argv[1], folder], check=True)
        for name in ("report.html", "compare.html", "sweep.html"):
            runs = sorted(measure(pathlib.Path(folder) / name) for _ in range(3))
            paint, load = runs[1]
            print(f"{name}: first contentful paint {paint:.0f} ms, loaded {load:.0f} ms (median of 3)")


if __name__ == "__main__":
    main()
