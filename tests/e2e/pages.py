"""A report's page in the browser, opened from disk and watched."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page

PATIENCE: Final = 120_000  # milliseconds; a busy machine is no failure of the page's
_WATCH: Final = """
window.refused = [];
addEventListener("securitypolicyviolation", (event) => refused.push(event.violatedDirective));
"""


def opened(browser: Browser, report: Path, **how: Any) -> Page:
    """A page in a context of its own; ``how``: the context's options."""
    page = browser.new_context(**{"viewport": {"width": 1200, "height": 900}, **how}).new_page()
    page.set_default_timeout(PATIENCE)
    page.add_init_script(_WATCH)
    page.goto(report.as_uri())
    return page


def plotted(page: Page) -> None:
    """Bring the first plot near and wait until it is there."""
    page.locator(".canvas").first.scroll_into_view_if_needed()
    page.locator(".canvas.mounted .live .scatterlayer .trace").first.wait_for()


def broken_rules(page: Page, axe: str) -> Any:
    """What axe-core finds: a rule, and the elements that break it."""
    page.evaluate(axe)
    return page.evaluate(
        "async () => (await axe.run()).violations.map(v => [v.id, v.nodes.map(n => n.html)])"
    )
