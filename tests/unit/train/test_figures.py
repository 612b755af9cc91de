"""The README and the card say what was measured, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from models.train.again import card_text
from models.train.card import card
from models.train.card_parts import figure
from models.train.figures import END, START, filled


@pytest.fixture(scope="module")
def figures(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((root / "models/en_v1/figures.json").read_text("utf-8"))
    return found


def test_the_readme_holds_the_measured_figures(root: Path, figures: dict[str, Any]) -> None:
    readme = (root / "README.md").read_text("utf-8")
    assert filled(readme, figures) == readme


def test_the_block_is_replaced_and_the_rest_stays(figures: dict[str, Any]) -> None:
    made = filled(f"before {START} old {END} after", figures)
    assert made.startswith("before ") and made.endswith(" after") and " old " not in made


def test_the_card_is_the_one_that_the_record_gives(root: Path) -> None:
    assert card_text() == (root / "models/en_v1/README.md").read_text("utf-8")


@pytest.mark.parametrize("own", [None, {"value": None, "low": None, "high": None, "n": 0}])
def test_what_was_not_measured_is_said_to_be_missing(own: dict[str, Any] | None) -> None:
    assert figure(own) == "not measured"


def test_a_card_without_figures_says_so() -> None:
    record = dict.fromkeys(
        (
            "families", "phrases", "real_conversations", "chitchat", "words",
            "generated_conversations", "examples", "parameters", "seed",
        ),
        1,
    )  # fmt: skip
    made = card(
        name="en_v1",
        version="0",
        size=1,
        state=57,
        record={**record, "material": "0" * 64},
        thresholds={"gentle": {"grooming": 0.5}, "strong": {"grooming": 0.9}},
        generated=None,
        real=[],
    )
    assert "the command was told not to measure" in made
    assert "Not measured: no folder was given." in made
