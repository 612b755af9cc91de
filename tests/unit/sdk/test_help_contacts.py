"""Help contacts: each with a source that was read and the day, and only those."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import re
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from nudge_sdk._copy import texts_of
from nudge_sdk._help import help_line, help_list
from nudge_sdk.values import RISKS

TABLE: dict[str, Any] = json.loads(
    resources.files("nudge_sdk").joinpath("help_contacts.json").read_text(encoding="utf-8")
)
ROWS = [(name, row) for name, region in TABLE["regions"].items() for row in region["contacts"]]


def test_every_contact_has_a_source_a_date_and_a_scope() -> None:
    scopes = texts_of("en")["help"]["scope"]
    for name, row in ROWS:
        assert row["source"].startswith("https://"), name
        assert dt.date.fromisoformat(row["checked_on"]) >= dt.date(2026, 11, 24)
        assert row["scope"] in scopes
        assert row["hours"] is None, "say where the opening hours were read, then change this test"
        assert ("name" in row) != ("called" in row)


def test_every_risk_has_help_in_every_region() -> None:
    assert set(TABLE["countries"].values()) | {TABLE["fallback"]} == set(TABLE["regions"])
    for name, region in TABLE["regions"].items():
        for risk in RISKS:
            assert any(risk in row["risks"] for row in region["contacts"]), (name, risk)


def test_every_pattern_and_scope_of_the_catalog_is_used_and_known() -> None:
    words = texts_of("en")["help"]
    used: dict[str, set[str]] = {
        "line": {region["line"]["pattern"] for region in TABLE["regions"].values()},
        "reach": {row["reach"]["pattern"] for _, row in ROWS},
        "scope": {row["scope"] for _, row in ROWS},
        "name": {row["called"] for _, row in ROWS if "called" in row},
    }
    assert {kind: set(table) for kind, table in words.items()} == used


@pytest.mark.parametrize(
    ("country", "line"),
    [
        ("GB", "Childline on 0800 1111"),
        ("us", "text THORN to 741741"),
        ("IE", "116 111 or findahelpline.com"),
        ("DE", "116 111 or findahelpline.com"),
    ],
)
def test_what_was_read_is_shown(country: str, line: str) -> None:
    assert help_line(texts_of("en"), country) == line


@pytest.mark.parametrize("country", ["CA", "AU", "NZ", "IN", "FR", "IT", "BR", None])
def test_what_was_not_read_falls_back_to_the_directory(country: str | None) -> None:
    assert help_line(texts_of("en"), country) == "find a helpline on findahelpline.com"
    for risk in RISKS:
        said = help_list(texts_of("en"), risk, country)
        assert "childhelplineinternational.org" in said
        assert not re.search(r"\d", said)


def test_the_list_says_how_to_reach_each_and_for_whom() -> None:
    said = help_list(texts_of("en"), "coercion", "GB").splitlines()
    assert said[0] == "Childline: call 0800 1111 or visit childline.org.uk (for anyone under 19)"
    assert [line.partition(":")[0] for line in said] == [
        "Childline", "CEOP Safety Centre", "Report Remove", "Police",
    ]  # fmt: skip
    assert "Report Remove" not in help_list(texts_of("en"), "grooming", "GB")


def test_the_build_says_which_were_read_over_a_year_ago(root: Path) -> None:
    path = root / "hatch_build.py"
    spec = importlib.util.spec_from_file_location("hatch_build", path)
    assert spec is not None
    assert spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    oldest = min(dt.date.fromisoformat(row["checked_on"]) for _, row in ROWS)
    assert build.stale(TABLE, oldest + dt.timedelta(days=365)) == []
    lines = build.stale(TABLE, oldest + dt.timedelta(days=366))
    assert "nudge_sdk/help_contacts.json: GB: Childline was checked 366 days ago" in lines
    assert "nudge_sdk/help_contacts.json: GB: police was checked 366 days ago" in lines
