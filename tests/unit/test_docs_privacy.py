"""The privacy pages: every claim of the threat model names a test that exists; the rest is short
enough and easy enough for whom it was written."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
import textstat

ATTACKERS = (
    "contact", "thief", "parent or partner", "vendor or a state", "host of bundles", "another app",
    "host app itself",
)  # fmt: skip
CLAIM = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
ONE_PAGE = 500  # words


@cache
def names_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def page(root: Path, name: str) -> str:
    return (root / "docs" / name).read_text("utf-8")


def plain(text: str) -> str:
    """Without Markdown: a list's items and headings become sentences."""
    text = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text)
    lines = [re.sub(r"^(#+|-) ", "", line).strip() for line in text.split("\n")]
    joined = re.sub(r"(?<![.!?:,\s])\n(?=\n)", ".\n", "\n".join(lines))
    return re.sub(r"[*`_]", "", joined)


def missing(root: Path, text: str) -> list[str]:
    return [
        f"{path}::{name}"
        for path, name in CLAIM.findall(text)
        if not (root / path).is_file() or name not in names_in(root / path)
    ]


def test_every_test_that_the_threat_model_names_exists(root: Path) -> None:
    text = page(root, "threat-model.md")
    assert missing(root, text) == []
    assert len(set(CLAIM.findall(text))) >= 40


def test_a_test_that_is_not_there_is_found(root: Path) -> None:
    """Positive control."""
    assert missing(root, "`tests/unit/test_docs_privacy.py::test_of_nothing`") != []
    assert missing(root, "`tests/unit/no_file.py::test_of_nothing`") != []


def test_every_claim_has_a_test_and_every_attacker_what_does_not_hold(root: Path) -> None:
    sections = page(root, "threat-model.md").split("\n## ")[1:]
    attackers = sections[: len(ATTACKERS)]
    for wanted, section in zip(ATTACKERS, attackers, strict=True):
        head = section.partition("\n")[0].lower()
        assert wanted in head
        rows = [row for row in section.split("\n") if row.startswith("| ")][1:]
        assert len(rows) >= 4, head
        assert all(CLAIM.search(row.split("|")[2]) for row in rows), head
        assert "Does not hold" in section, head


@pytest.mark.parametrize(
    ("name", "grade", "ease"),
    [("privacy.md", 8.0, 60.0), ("privacy-for-young-people.md", 5.0, 80.0)],
)
def test_the_pages_are_short_and_read_easily(
    root: Path, name: str, grade: float, ease: float
) -> None:
    """Flesch-Kincaid grade (US school years: 6 is age 11 to 12) and Flesch reading ease."""
    text = plain(page(root, name))
    assert len(text.split()) <= ONE_PAGE
    assert textstat.flesch_kincaid_grade(text) <= grade
    assert textstat.flesch_reading_ease(text) >= ease


def test_the_measure_is_not_asleep(root: Path) -> None:
    """Positive control: the threat model is for another reader."""
    assert textstat.flesch_kincaid_grade(plain(page(root, "threat-model.md"))) > 8.0


@pytest.mark.parametrize("name", ["privacy.md", "privacy-for-young-people.md"])
def test_the_pages_say_what_has_to_be_said(root: Path, name: str) -> None:
    text = page(root, name).lower()
    for word in (
        "parents",
        "police",
        "switch",
        "delete",
        "wrong" if "young" in name else "mistakes",
    ):
        assert word in text, word
    assert not re.search(r"\bpredator|\bgroomer|\bvictim", text)
