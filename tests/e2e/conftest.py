"""What the tests in a real browser share: Chromium, npm's packages, and the example's server."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.browser import AXE, npm_install
from tests.e2e.browser import browser as started

EXTRA: Final = (AXE, "typescript@5.9.3")
HERE: Final = Path(__file__).parent


@dataclass(frozen=True)
class Served:
    """The example's server while it runs."""

    url: str
    process: subprocess.Popen[str]


Serve = Callable[..., Served]


@pytest.fixture(scope="session")
def web(root: Path) -> Path:
    """The web example."""
    return root / "examples" / "web"


@pytest.fixture(scope="session")
def node_modules(web: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What npm gives for the example's lock file, and for these tests."""
    folder = tmp_path_factory.mktemp("npm")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(web / name, folder / name)
    npm_install(folder)
    npm_install(folder, EXTRA)
    return folder / "node_modules"


@pytest.fixture(scope="session")
def axe(node_modules: Path) -> str:
    """axe-core, to be run in a page."""
    return (node_modules / "axe-core" / "axe.min.js").read_text("utf-8")


@contextmanager
def serving(web: Path, node_modules: Path, *arguments: str) -> Iterator[Served]:
    """Start ``serve.py`` on a free port."""
    ort = node_modules / "onnxruntime-web" / "dist"
    command = [sys.executable, str(web / "serve.py"), "--port", "0", "--ort", str(ort), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            line = process.stdout.readline() if process.stdout else ""
            assert line.startswith("http"), "the server did not start"
            yield Served(url=line.strip(), process=process)
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def serve(web: Path, node_modules: Path) -> Iterator[Serve]:
    """Starts the example's server with some arguments; it ends with the session."""
    with ExitStack() as stack:
        yield lambda *arguments: stack.enter_context(serving(web, node_modules, *arguments))


@pytest.fixture(scope="session")
def served(serve: Serve) -> Served:
    """The server as the README starts it."""
    return serve()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with started() as opened:
        yield opened


@dataclass(frozen=True)
class Runtime:
    """nudge.js in a page of its own, with the vectors' checks beside it."""

    page: Page

    def call(self, name: str, argument: Any) -> Any:
        """Call a function of ``web/vectors.js`` with an argument and the open world."""
        return self.page.evaluate(
            """async ([name, argument]) => {
              const module = await import("/tests/vectors.js");
              globalThis.world ??= await module.open();
              return module[name](argument, globalThis.world);
            }""",
            [name, argument],
        )


@pytest.fixture(scope="session")
def runtime(browser: Browser, served: Served) -> Iterator[Runtime]:
    """The JavaScript runtime with the shipped bundle."""
    script = (HERE / "web" / "vectors.js").read_text("utf-8")
    with browser.new_context() as context:
        context.route(
            "**/tests/vectors.js",
            lambda route: route.fulfill(body=script, content_type="text/javascript"),
        )
        page = context.new_page()
        page.goto(f"{served.url}host.json")
        yield Runtime(page)
