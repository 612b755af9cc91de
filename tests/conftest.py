"""What all tests share.

Tests run against what is installed. The checkout comes last on the path: it never stands in for a
package that is installed. `examples`, `tests` and `models` are meant to be the checkout's own,
whatever else an installed distribution may call by these names.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from collections.abc import Generator
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("any machine", deadline=None)  # a busy one is no failure
settings.load_profile("any machine")

# Tests import onnxruntime before the SDK: without this it would write and send (`nudge_sdk._onnx`).
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

ROOT = Path(__file__).resolve().parent.parent


def _claim(name: str) -> None:
    spec = ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = [str(ROOT / name)]
    sys.modules[name] = importlib.util.module_from_spec(spec)


sys.path.append(str(ROOT))
for _name in ("examples", "tests", "models", "translations"):
    _claim(_name)


from tests import guard  # noqa: E402  the path is made above


@pytest.hookimpl(wrapper=True, trylast=True)  # innermost: capturing writes files of its own
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Every test runs under the audit hook; see `tests.guard`."""
    base = item.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # noqa: SLF001  pytest's own
    before, tempfile.tempdir = tempfile.tempdir, str(base)  # temporary folders are pytest's, too
    try:
        with guard.watched(guard.rule_for(item.path, ROOT / "tests", base)):
            yield
    finally:
        tempfile.tempdir = before  # fixtures may need a folder that other users can enter


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """End-to-end tests are slow ones."""
    for item in items:
        if item.path.is_relative_to(ROOT / "tests" / "e2e"):
            item.add_marker("slow")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT
