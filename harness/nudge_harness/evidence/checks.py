"""What can be checked on the spot, and is: each check runs when the pack is made."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import nudge_sdk
from nudge_harness.model import BundleChoice
from nudge_sdk import golden
from nudge_sdk._onnx import SingleModel
from nudge_sdk.bundle import MODEL
from nudge_sdk.errors import ModelError
from nudge_sdk.state import MAX_GRAPH_STATE

NETWORK: Final = frozenset(
    ("asyncio", "ftplib", "http", "imaplib", "poplib", "smtplib", "socket", "socketserver", "ssl",
     "subprocess", "telnetlib", "urllib", "webbrowser", "xmlrpc")
)  # fmt: skip
"""Modules of the standard library that reach a network or start a process."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One check: what it holds, what was found, and whether it passed."""

    name: str
    found: str
    passed: bool


def run_checks(bundle: BundleChoice) -> list[Check]:
    """Run them all.

    Raises:
        BundleError: the bundle is missing, damaged or not signed by the pinned key; without it
            there is nothing to give evidence of.
    """
    verified = bundle.verified(MODEL)
    signed = Check(
        name="The model's files are those that were signed",
        found=f"{len(verified.manifest.files)} files, signed by key {verified.signer}",
        passed=True,
    )
    state = verified.spec.state_size
    small = Check(
        name=f"The graph remembers at most {MAX_GRAPH_STATE} numbers of a chat",
        found=f"{state} numbers",
        passed=state <= MAX_GRAPH_STATE,
    )
    return [signed, _vectors(bundle), _network(), small]


def _vectors(bundle: BundleChoice) -> Check:
    verified = bundle.verified(MODEL)
    name = "This machine computes what was signed (golden vectors)"
    try:
        count = golden.check(SingleModel(verified.files[MODEL], verified.spec), verified.config)
    except ModelError as error:
        return Check(name=name, found=str(error), passed=False)
    return Check(name=name, found=f"{count} vectors agree", passed=count > 0)


def _network() -> Check:
    folder = Path(nudge_sdk.__file__).parent
    files = sorted(folder.rglob("*.py"))
    found = sorted({f"{path.name}: {name}" for path in files for name in imported(path) & NETWORK})
    return Check(
        name="No module of the SDK imports anything that reaches a network or starts a process",
        found=", ".join(found) if found else f"none in {len(files)} files",
        passed=not found,
    )


def imported(path: Path) -> set[str]:
    """Top-level names of the modules that a file imports, wherever the statement stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names
