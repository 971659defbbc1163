"""Headless chromium under selenium (both from Debian) for the tests of the HTML pages."""

import base64
import json
import pathlib
import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.service import Service


class Browser:
    """One chromium with a profile of its own; every console line and every request is recorded."""

    def __init__(self, javascript=True):
        self._profile = tempfile.TemporaryDirectory(prefix="bitscale_chromium_")
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for argument in (
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--force-device-scale-factor=1",
            "--window-size=1280,900",
            f"--user-data-dir={self._profile.name}",
        ):
            options.add_argument(argument)
        if not javascript:
            options.add_experimental_option(
                "prefs", {"profile.managed_default_content_settings.javascript": 2}
            )
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.driver.set_script_timeout(60)

    def close(self):
        self.driver.quit()
        self._profile.cleanup()

    def open(self, page, color_scheme="light", fragment=""):
        self.driver.get("about:blank")
        self.media(
            features=[
                {"name": "prefers-color-scheme", "value": color_scheme},
                {"name": "prefers-reduced-motion", "value": "reduce"},  # no scrolling under a click
            ]
        )
        self.driver.get(pathlib.Path(page).resolve().as_uri() + fragment)

    def width(self, pixels):
        """A window of this width, narrower than the system lets one be; None ends it."""
        if pixels is None:
            self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
            return
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": pixels, "height": 800, "deviceScaleFactor": 1, "mobile": False})

    def media(self, **settings):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", settings)

    def run(self, script, *arguments):
        """The value of a JavaScript function body."""
        return self.driver.execute_script(script, *arguments)

    def console(self):
        return [line["message"] for line in self.driver.get_log("browser")]

    def requests(self):
        """Addresses asked for since the last call."""
        found = []
        for line in self.driver.get_log("performance"):
            message = json.loads(line["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                found.append(message["params"]["request"]["url"])
        return found

    def accessibility(self):
        return self.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]

    def pdf(self):
        answer = self.driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
        return base64.b64decode(answer["data"])
