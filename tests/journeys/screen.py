"""A real browser for journeys: every page it meets must be free of axe findings, console errors and sideways scroll."""

import logging
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
PASSWORD = "the tests walk in by the front door"  # not a secret: people made for one test


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address at which `app` answers on this machine while the block runs."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("localhost", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def chromium() -> Iterator[Browser]:
    """One headless browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


class Screen:
    """One person's browser window."""

    audited: set[tuple[str, str, int]] = set()  # pages that axe has looked at in this run

    def __init__(self, browser: Browser, address: str, width: int = 1280) -> None:
        self.width = width
        self.address = address
        self.context = browser.new_context(viewport={"width": width, "height": 800})
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.wrong: list[str] = []
        self.expected = 0  # answers of 400 and above that the story wants
        self.page.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))

    def sign_in(self, email: str) -> "Screen":
        """By the front door."""
        self.open("/sign-in")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.press("Sign in")
        return self

    def open(self, path: str) -> "Screen":
        """Go to an address, and look at what is there."""
        self.page.goto(self.address + path)
        return self.look()

    def follow(self, text: str) -> "Screen":
        """Follow the first link of that text."""
        self.page.get_by_role("link", name=text).first.click()
        return self.look()

    def press(self, label: str, status: int = 200) -> "Screen":
        """Press the button of the page's own part with that label; a form that comes back answers `status`."""
        with self.page.expect_navigation() as leaving:
            self.page.locator("main").get_by_role("button", name=label, exact=True).last.click()
        answer = leaving.value
        assert answer is not None
        assert answer.status == status, f"{answer.status} at {self.page.url}: {self.text[:800]}"
        if status >= 400:
            self.wrong = [line for line in self.wrong if f"status of {status}" not in line]
        return self.look()

    def fill(self, **fields: Any) -> "Screen":
        """Type into fields by their names: text, a list of values to tick, or a value to choose."""
        for name, value in fields.items():
            control = self.page.locator(f'main [name="{name}"]')
            kind = control.first.evaluate("e => e.tagName + ':' + (e.type || '')")
            if kind in ("INPUT:checkbox", "INPUT:radio"):
                for one in value if isinstance(value, list) else [value]:
                    box = self.page.locator(f'main [name="{name}"][value="{one}"]')
                    self.page.locator(f'label[for="{box.get_attribute("id")}"]').click()
                    assert box.is_checked()
            elif kind.startswith("SELECT"):
                control.select_option(value)
            else:
                control.fill(value)
        return self

    def look(self) -> "Screen":
        """Nothing went wrong, axe finds nothing, nothing scrolls sideways. Axe looks at each kind of page once."""
        kind = (re.sub(r"[0-9]+", "N", self.page.url.removeprefix(self.address)), self.page.title(), self.width)
        if kind not in self.audited:
            self.audited.add(kind)
            found = Axe().run(self.page, options=RULES).response["violations"]
            assert not found, [(v["id"], [n["target"] for n in v["nodes"]], self.page.url) for v in found]
        assert not self.wrong, (self.page.url, self.wrong)
        sideways = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert sideways <= 0, f"{self.page.url} scrolls sideways by {sideways} pixels"
        return self

    @property
    def text(self) -> str:
        """The words of the page's own part."""
        return self.page.locator("main").inner_text()
