"""A real browser for tests: Debian's Chromium, driven by Playwright; axe-core from npm.

Both are installed here where they are missing, so that a clean machine needs nothing by hand.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

AXE = "axe-core@4.10.3"
_LOOKED_FOR = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """Path of a Chromium; apt installs it where there is none."""
    if found := next(filter(None, map(shutil.which, _LOOKED_FOR)), None):
        return found
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
    for command in (["apt-get", "update", "-qq"], install):
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603  fixed words
    found = shutil.which("chromium")
    assert found is not None
    return found


def axe_script(folder: Path) -> str:
    """The source of axe-core, installed by npm into a folder."""
    npm = shutil.which("npm")
    assert npm is not None, "npm is missing"
    command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), AXE]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603  fixed words
    return (folder / "node_modules/axe-core/axe.min.js").read_text("utf-8")


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium that reaches no network."""
    nowhere = "--host-resolver-rules=MAP * ~NOTFOUND"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium(), headless=True, args=["--no-sandbox", nowhere]
        )
        try:
            yield opened
        finally:
            opened.close()
