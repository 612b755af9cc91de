"""The worked examples of docs/studies.md run as they stand there."""

from __future__ import annotations

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

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "studies.md").read_text(encoding="utf-8")
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
    assert re.findall(r"^nudge-harness study ([a-z-]+) ", PAGE, re.MULTILINE) == list(STUDIES)
