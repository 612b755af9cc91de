"""The worked examples of docs/studies.md run as they stand there."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from nudge_harness.cli import main
from nudge_harness.metrics.outcome import Given, Outcome
from nudge_harness.metrics.uncertainty import figures, partition
from nudge_harness.studies.catalogue import STUDIES

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "studies.md").read_text(encoding="utf-8")
STUDY, METRIC = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_study_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "chat_lengths.py").write_text(STUDY, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "chat_lengths", raising=False)
    words = re.search(r"nudge-harness (study chat_lengths:STUDY .*) -o", PAGE)
    assert words is not None
    out = tmp_path / "out"
    assert main([*words[1].split(), "--workers", "1", "-o", str(out)]) == 0
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    counts = [cell["figures"]["false_per_1000"]["n"] for cell in results["cells"]]
    assert counts == sorted(counts, reverse=True) and counts[0] > counts[-1] > 0


def test_the_metric_measures() -> None:
    space: dict[str, object] = {}
    exec(compile(METRIC, "studies.md", "exec"), space)  # noqa: S102  our own page
    given = [("strong", "gentle"), ("gentle",), ()]
    outcomes = [
        Outcome(
            id=str(at),
            messages=9,
            label="grooming",
            nudges=tuple(Given(message=1, risk="grooming", level=level) for level in levels),
        )
        for at, levels in enumerate(given)
    ]
    statistic = space["strong_at_once"](outcomes)  # type: ignore[operator]  # from the page
    found = figures({"it": statistic}, partition(outcomes), np.random.default_rng(0), 50)
    assert (found["it"].value, found["it"].n) == (0.5, 2)


def test_the_page_names_every_study() -> None:
    named = re.findall(r"^nudge-harness study ([a-z-]+) -o", PAGE, re.MULTILINE)
    assert list(dict.fromkeys(named)) == list(STUDIES)


def test_the_frontiers_place_is_filled_by_its_command(tmp_path: Path) -> None:
    path = ROOT / "docs" / "images" / "take_frontier.py"
    spec = importlib.util.spec_from_file_location("take_frontier", path)
    assert spec is not None and spec.loader is not None
    take = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(take)
    (tmp_path / "images").mkdir()
    (tmp_path / "studies.md").write_text(PAGE, encoding="utf-8")
    results = {
        "says": ["One sentence.", "Another."],
        "cells": [{"figures": {"leak": {"n": 40}}}],
        "provenance": {"bundle": "x@1", "bundle_hash": "ab" * 32, "command": "nudge-harness x"},
    }
    (tmp_path / "results.json").write_text(json.dumps(results), encoding="utf-8")
    (tmp_path / "picture.svg").write_text("<svg/>", encoding="utf-8")
    take.main(tmp_path, tmp_path)
    page = (tmp_path / "studies.md").read_text(encoding="utf-8")
    assert "* One sentence.\n* Another.\n" in page and "40 test-side chats" in page
    assert (tmp_path / "images" / "frontier.svg").read_text(encoding="utf-8") == "<svg/>"
    take.main(tmp_path, tmp_path)  # a second time changes nothing
    assert (tmp_path / "studies.md").read_text(encoding="utf-8") == page


def test_the_frontiers_picture_is_there() -> None:
    inside = PAGE.split("<!-- frontier:")[1].split("<!-- end of frontier -->")[0]
    assert "The budget was" in inside and "Measured with en_v1@" in inside
    assert "words and metadata" in (ROOT / "docs" / "images" / "frontier.svg").read_text("utf-8")
