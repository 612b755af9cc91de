"""The run record and the gates: stable bytes, directions, and a table that says what failed."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from nudge_harness.errors import FormatError
from nudge_harness.gates import (
    Gate,
    Gates,
    Regression,
    Row,
    as_table,
    check_gates,
    failed,
    junit,
    read_gates,
)
from nudge_harness.metrics import Figure, Given, JoinError, Outcome
from nudge_harness.metrics.evaluation import evaluate
from nudge_harness.metrics.paired import Difference
from nudge_harness.results import (
    Measure,
    Provenance,
    commit_of,
    compare_to_run,
    direction_of,
    measures,
    read_run_outcomes,
    record,
    sha256_of,
    utc,
    versions,
    write_run,
)

OUTCOMES = [
    Outcome(
        id="a",
        label="grooming",
        family="coach",
        onset=1,
        harm=3,
        messages=5,
        nudges=(Given(message=2, risk="grooming", level="gentle"),),
        minutes_before_harm=1.0,
        age_band="10_12",
        relationship="stranger",
        lang="en",
    ),
    Outcome(id="b", label="benign", messages=4),
    Outcome(id="c", messages=4),
]
EVALUATION = evaluate(OUTCOMES, rng=np.random.default_rng(0), resamples=20)


def figure(value: float | None, low: float | None = None, high: float | None = None) -> Figure:
    return Figure(value=value, low=low, high=high, n=100)


def toml(folder: Path, text: str) -> Path:
    path = folder / "gates.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_run_comes_back_from_its_folder_and_gives_the_same_bytes_again(tmp_path: Path) -> None:
    run = record("test", EVALUATION, Provenance(commit="c0ffee", seeds={"b": 2, "a": 1}))
    for name in ("one", "two"):
        write_run(tmp_path / name, run, OUTCOMES)
    assert read_run_outcomes(tmp_path / "one") == OUTCOMES
    first, second = ((tmp_path / name / "results.json").read_bytes() for name in ("one", "two"))
    assert first == second
    stored = json.loads(first)
    assert list(stored) == sorted(stored)
    assert stored["metrics"]["recall_before_harm"] == {
        "value": 1.0,
        "low": None,
        "high": None,
        "n": 1,
        "direction": "higher",
    }
    assert stored["provenance"]["commit"] == "c0ffee"


def test_every_figure_has_a_direction() -> None:
    directions = {name: own.direction for name, own in measures(EVALUATION).items()}
    assert directions["erde_5"] == "lower"
    assert directions["precision_at.0.001"] == "higher"
    assert directions["by_label.grooming.premature"] == "lower"
    assert direction_of("calibration.error_at_0.001") == "lower"


def test_a_stored_run_without_outcomes_is_a_named_error(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"outcomes\.jsonl"):
        read_run_outcomes(tmp_path)
    (tmp_path / "outcomes.jsonl").write_text('{"id": "a", "messages": 1, "nudges": [{}]}\n')
    with pytest.raises(FormatError, match=r"line 1: nudges\[0\]\.message"):
        read_run_outcomes(tmp_path)


def test_provenance_helpers(tmp_path: Path) -> None:
    assert commit_of(tmp_path) is None
    assert versions()["python"].startswith("3.")
    assert utc(0) == "1970-01-01T00:00:00Z"
    (tmp_path / "empty").write_bytes(b"")
    assert sha256_of(tmp_path / "empty").startswith("e3b0c44298fc1c14")
    with pytest.raises(FormatError):
        sha256_of(tmp_path / "none")


def test_gates_are_read(tmp_path: Path) -> None:
    path = toml(
        tmp_path,
        """
        [[gate]]
        metric = "recall_before_harm"
        min = 0.85
        on = "low"
        least_n = 1000
        [[gate]]
        metric = "precision_at.0.001"
        max = 1
        [[regression]]
        metric = "erde_50"
        allow = 0.01
        """,
    )
    assert read_gates(path) == Gates(
        gates=(
            Gate(metric="recall_before_harm", min=0.85, on="low", least_n=1000),
            Gate(metric="precision_at.0.001", max=1.0),
        ),
        regressions=(Regression(metric="erde_50", allow=0.01),),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no gate"),
        ("[[gate]]\nmetric = 'recall'", r"gate\[0\]: has neither min nor max"),
        ("[[gate]]\nmetric = 'recal'\nmin = 1", r"gate\[0\]\.metric: is no figure"),
        ("[[gate]]\nmetric = 'recall'\nmin = 1\nmaxx = 2", r"gate\[0\]\.maxx: is unknown"),
        ("[[gate]]\nmetric = 'recall'\nmin = '1'", r"gate\[0\]\.min: must be a number"),
        ("[[gate]]\nmetric = 'recall'\nmin = 1\non = 'mean'", r"gate\[0\]\.on: must be one of"),
        ("[[gate]]\nmin = 1", r"gate\[0\]\.metric: is missing"),
        ("[[regression]]\nmetric = 'length_only_recall'", r"regression\[0\]\.metric"),
        ("gate = 3", "gate: must be a list"),
        ("[[gate", "is not TOML"),
    ],
)
def test_bad_gates_are_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(FormatError, match=words):
        read_gates(toml(tmp_path, text))


def test_a_missing_gates_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"none\.toml"):
        read_gates(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("gate", "own", "passed"),
    [
        (Gate(metric="recall", min=0.85), figure(0.85), True),
        (Gate(metric="recall", min=0.85), figure(0.84), False),
        (Gate(metric="recall", max=0.85), figure(0.86), False),
        (Gate(metric="recall", min=0.85, on="low"), figure(0.9, 0.8, 0.95), False),
        (Gate(metric="recall", min=0.85, on="low"), figure(0.9), False),
        (Gate(metric="recall", min=0.85, least_n=101), figure(0.9), False),
        (Gate(metric="recall", min=0.0), figure(None), False),
        (Gate(metric="recall", min=0.8, max=0.9), figure(0.85), True),
    ],
)
def test_gates(gate: Gate, own: Figure, passed: bool) -> None:
    gates = Gates(gates=(gate,), regressions=())
    (row,) = check_gates(gates, {"recall": Measure(figure=own, direction="higher")})
    assert row.passed is passed
    (absent,) = check_gates(gates, {})
    assert (absent.passed, absent.found) == (False, "not measured")


@pytest.mark.parametrize(
    ("metric", "low", "high", "allow", "passed"),
    [
        ("recall", -0.05, 0.01, 0.0, True),  # noise
        ("recall", -0.05, -0.01, 0.0, False),
        ("recall", -0.05, -0.01, 0.02, True),
        ("recall", 0.01, 0.05, 0.0, True),
        ("erde_5", 0.01, 0.05, 0.0, False),
        ("erde_5", -0.05, -0.01, 0.0, True),
    ],
)
def test_a_regression_is_told_apart_from_noise(
    metric: str, low: float, high: float, allow: float, passed: bool
) -> None:
    gates = Gates(gates=(), regressions=(Regression(metric=metric, allow=allow),))
    middle = figure((low + high) / 2, low, high)
    difference = Difference(figure=middle, verdict="unknown")
    (row,) = check_gates(gates, {}, {metric: difference})
    assert row.passed is passed
    unknown = Difference(figure=figure(0.0), verdict="unknown")
    assert not check_gates(gates, {}, {metric: unknown})[0].passed


def test_a_regression_without_a_stored_run_fails() -> None:
    gates = Gates(gates=(), regressions=(Regression(metric="recall"),))
    (row,) = check_gates(gates, measures(EVALUATION))
    assert (row.passed, row.found) == (False, "no stored run to compare with")


def test_a_run_is_compared_with_a_stored_one(tmp_path: Path) -> None:
    write_run(tmp_path, record("test", EVALUATION, Provenance()), OUTCOMES)
    rng = np.random.default_rng(0)
    same = compare_to_run(tmp_path, OUTCOMES[::-1], rng, resamples=20)
    assert same["f1"].figure.value == 0.0
    with pytest.raises(JoinError):
        compare_to_run(tmp_path, OUTCOMES[:2], rng)


ROWS = (
    Row(name="recall", limit="at least 0.85", found="0.9 (n 100)", passed=True),
    Row(name="f1 <low>", limit="at most 1 & more", found="not measured", passed=False),
)


def test_the_table_marks_what_failed() -> None:
    lines = as_table(ROWS).splitlines()
    assert failed(ROWS) == 1
    assert lines[2].endswith("ok")
    assert lines[3].endswith("FAILED")


def test_junit_is_xml_with_a_failure_for_each_failed_gate() -> None:
    top = ET.fromstring(junit(ROWS))  # noqa: S314  (our own output)
    assert (top.get("tests"), top.get("failures")) == ("2", "1")
    assert [case.get("name") for case in top] == ["recall", "f1 <low>"]
    assert len(top.findall("testcase/failure")) == 1
