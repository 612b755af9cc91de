"""No network code path in the SDK, and imports that run one way: every import of every module.

`tests/unit/sdk/test_no_network.py` is the other look at it: a whole chat under an audit hook.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable

import pytest

NETWORK = {
    "asyncio", "ftplib", "http", "imaplib", "poplib", "requests", "select", "selectors", "smtplib",
    "socket", "socketserver", "ssl", "telnetlib", "urllib", "urllib3", "webbrowser", "xmlrpc",
}  # fmt: skip
ELSEWHERE = {"logging", "multiprocessing", "pickle", "subprocess"}
UPSTREAM = {"models", "nudge_harness", "onnx", "rich", "torch"}
THIRD_PARTY = {"cryptography", "numpy", "onnxruntime"}
EXTRAS = {"keyring", "phonenumbers"}
ONE_PLACE = {"onnxruntime": {"_session.py"}}


def modules() -> Iterator[Traversable]:
    def walk(folder: Traversable) -> Iterator[Traversable]:
        for item in folder.iterdir():
            if item.is_dir():
                yield from walk(item)
            elif item.name.endswith(".py"):
                yield item

    return walk(resources.files("nudge_sdk"))


def imported(module: Traversable) -> set[str]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("module", list(modules()), ids=lambda module: module.name)
def test_no_module_imports_what_could_talk(module: Traversable) -> None:
    assert not imported(module) & (NETWORK | ELSEWHERE)


@pytest.mark.parametrize("module", list(modules()), ids=lambda module: module.name)
def test_imports_are_the_standard_library_and_three_packages(module: Traversable) -> None:
    allowed = set(sys.stdlib_module_names) | THIRD_PARTY | EXTRAS | {"nudge_sdk"}
    assert imported(module) <= allowed
    assert not imported(module) & UPSTREAM


@pytest.mark.parametrize("package", ONE_PLACE)
def test_some_packages_are_imported_in_one_place_only(package: str) -> None:
    users = {module.name for module in modules() if package in imported(module)}
    assert users == ONE_PLACE[package]
