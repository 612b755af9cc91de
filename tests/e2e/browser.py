"""A real browser for tests: Debian's Chromium, driven by Playwright; packages from npm.

What is missing is installed (apt as root, npm by its own client); where that cannot be, the test
fails. No browser is downloaded by Playwright. Chromium may speak to this machine only.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from tests.programs import MINUTES, program

AXE: Final = "axe-core@4.14.1"
ARGUMENTS: Final = (
    "--no-sandbox",  # tests run as root, too
    # It asks for an outside name as it starts; a page that did would find nobody, either.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


def run(*command: str, cwd: Path | None = None) -> str:
    """Output of a command that has to succeed."""
    done = subprocess.run(  # noqa: S603  what is started is our own
        command,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60 * MINUTES,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stdout[-1000:]}{done.stderr[-1000:]}")
    return done.stdout


def npm_install(folder: Path, packages: Sequence[str] = ()) -> Path:
    """Packages in a folder's ``node_modules``: those of its lock file, or those that are named."""
    npm = program("npm")
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder))
    run(npm, *(("install", *packages) if packages else ("ci",)), *quiet, cwd=folder)
    return folder / "node_modules"


def axe_script(folder: Path) -> str:
    """The source of axe-core, installed by npm into a folder."""
    return (npm_install(folder, [AXE]) / "axe-core" / "axe.min.js").read_text("utf-8")


@contextmanager
def browser(*arguments: str) -> Iterator[Browser]:
    """Debian's Chromium, headless; it reaches this machine and nobody else."""
    path = program("chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=path, headless=True, args=[*ARGUMENTS, *arguments]
        )
        try:
            yield opened
        finally:
            opened.close()
