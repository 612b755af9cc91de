"""Two people with the example's page, each on a device of their own, as tests drive them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

PATIENCE: Final = 120_000  # milliseconds: the machine may be busy; nothing is measured by it
PATIENT: Final = f"?patience={PATIENCE}"  # a message is read before it is shown, however busy
WATCH: Final = (Path(__file__).parent / "web" / "watch.js").read_text("utf-8")


class Device:
    """One browser context with the page in it, and all that it did."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context, self.url = context, url
        context.set_default_timeout(PATIENCE)
        context.add_init_script(WATCH)
        self.console: list[str] = []
        self.requests: list[str] = []
        self.posted: list[str] = []
        self.page = self._page()

    def _page(self) -> Page:
        page = self.context.new_page()
        page.on("console", lambda message: self.console.append(message.text))
        page.on("pageerror", lambda error: self.console.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("request", lambda request: self.posted.append(request.post_data or ""))
        return page

    def open(self, rest: str = "") -> Page:
        """Go to the page."""
        self.page.goto(self.url + rest)
        return self.page

    def ready(self) -> None:
        """Wait for the model."""
        expect(self.page.locator("body[data-model=ready]")).to_be_attached(timeout=PATIENCE)

    def find(self, selector: str) -> Locator:
        """An element of the page."""
        return self.page.locator(selector)

    def invite(self) -> str:
        """Start a chat for two; the invitation, without the server's address."""
        self.page.locator("#invite").click()
        link = self.page.locator("#link").input_value()
        return link[len(self.url) :]

    def connected(self) -> str:
        """Wait for the other side; the digits that both see."""
        about = self.page.locator("#about")
        expect(about).to_contain_text("encrypted", timeout=PATIENCE)
        return about.inner_text()

    def say(self, text: str) -> None:
        """Write a message and send it by the keyboard."""
        self.page.locator("#draft").fill(text)
        self.page.locator("#draft").press("Enter")

    def hears(self, text: str) -> Locator:
        """Wait for a message of the other side."""
        bubble = self.page.locator(".theirs", has_text=text).last
        expect(bubble).to_be_visible(timeout=PATIENCE)
        return bubble

    def watched(self, name: str) -> Any:
        """What ``web/watch.js`` wrote down."""
        return self.page.evaluate(f"watched.{name}")


@contextmanager
def devices(browser: Browser, url: str, count: int, **options: Any) -> Iterator[list[Device]]:
    """Some devices; afterwards, nothing may be in any console, nor have gone anywhere else."""
    with ExitStack() as stack:
        contexts = [stack.enter_context(browser.new_context(**options)) for _ in range(count)]
        made = [Device(context, url) for context in contexts]
        yield made
        for device in made:
            assert device.console == []
            assert device.requests
            assert all(request.startswith(url) for request in device.requests)


@contextmanager
def two(browser: Browser, url: str, **options: Any) -> Iterator[tuple[Device, Device]]:
    """A young person and somebody who writes, connected, both models loaded."""
    with devices(browser, url, 2, **options) as (young, other):
        young.open(PATIENT)
        young.ready()
        other.open(young.invite())
        other.ready()
        assert young.connected() == other.connected()
        yield young, other
