"""What all tests share.

Tests run against what is installed. The checkout comes last on the path: it never stands in for a
package that is installed. `tests` and `models` are meant to be the checkout's own, whatever else an
installed distribution may call by these names.
"""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("any machine", deadline=None)  # a busy one is no failure
settings.load_profile("any machine")

ROOT = Path(__file__).resolve().parent.parent


def _claim(name: str) -> None:
    spec = ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = [str(ROOT / name)]
    sys.modules[name] = importlib.util.module_from_spec(spec)


sys.path.append(str(ROOT))
for _name in ("tests", "models", "translations"):
    _claim(_name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """End-to-end tests are slow ones."""
    for item in items:
        if item.path.is_relative_to(ROOT / "tests" / "e2e"):
            item.add_marker("slow")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT
