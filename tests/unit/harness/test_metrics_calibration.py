"""Calibration: what was predicted against what came true, as the file stands and re-weighted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from nudge_harness.formats import trace_from
from nudge_harness.metrics import Outcome, figures, partition
from nudge_harness.metrics.calibration import BINS, calibration_error, points_of, reliability
from nudge_harness.metrics.curve import Curve, curve_of, read_curves


def risky(name: str, onset: int | None = 2) -> Outcome:
    return Outcome(id=name, label="grooming", onset=onset, messages=4)


def benign(name: str) -> Outcome:
    return Outcome(id=name, label="benign", messages=4)


def curve(name: str, *grooming: float, other: float = 0.0) -> Curve:
    risk = np.full((len(grooming), 4), other, dtype=np.float32)
    risk[:, 0] = grooming
    return Curve(id=name, risk=risk)


def error(outcomes: list[Outcome], curves: list[Curve], **options: float) -> float:
    statistic = calibration_error(outcomes, {own.id: own for own in curves}, **options)  # type: ignore[arg-type]  # options are base_rate only
    return float(statistic.under(np.ones((1, len(outcomes))))[0])


def test_a_perfect_oracle_has_no_error() -> None:
    outcomes = [risky("r"), benign("b")]
    curves = [curve("r", 0, 0, 1, 1), curve("b", 0, 0, 0, 0)]
    assert error(outcomes, curves) == 0.0


def test_the_opposite_of_the_truth_is_wrong_everywhere() -> None:
    outcomes = [risky("r"), benign("b")]
    curves = [curve("r", 1, 1, 0, 0, other=1), curve("b", 1, 1, 1, 1, other=1)]
    assert error(outcomes, curves) == pytest.approx(1.0)


def test_a_constant_is_off_by_its_distance_to_the_share() -> None:
    outcomes = [risky("r"), benign("b")]  # 2 of 32 points are true
    curves = [curve(name, 0.25, 0.25, 0.25, 0.25, other=0.25) for name in ("r", "b")]
    assert error(outcomes, curves) == pytest.approx(0.25 - 2 / 32)


def test_reweighting_to_one_in_a_thousand() -> None:
    outcomes = [risky("r", onset=0), benign("b")]
    curves = [curve(name, 0.25, 0.25, 0.25, 0.25, other=0.25) for name in ("r", "b")]
    # All grooming points of the risky chat are true: a quarter of 0.001 of the mass.
    assert error(outcomes, curves, base_rate=0.001) == pytest.approx(0.25 - 0.001 / 4)


def test_what_cannot_be_judged_is_left_out() -> None:
    unclear, spam = risky("r", onset=None), Outcome(id="s", label="spam", messages=4)
    curves = [curve("r", 1, 1, 1, 1), curve("s", 1, 1, 1, 1)]
    statistic = calibration_error([unclear, spam], {own.id: own for own in curves})
    assert not statistic.counted.any()
    blank = Curve(id="b", risk=np.full((4, 4), np.nan, dtype=np.float32))
    assert not calibration_error([benign("b")], {"b": blank}).counted.any()


def test_bins_have_equal_mass_and_rise() -> None:
    rng = np.random.default_rng(4)
    outcomes = [risky(f"r{i}") if i % 2 else benign(f"b{i}") for i in range(300)]
    curves = {o.id: Curve(id=o.id, risk=rng.random((4, 4)).astype(np.float32)) for o in outcomes}
    bins = reliability(points_of(outcomes, curves))
    assert len(bins) == BINS
    assert sum(own.mass for own in bins) == pytest.approx(1.0)
    assert max(own.mass for own in bins) - min(own.mass for own in bins) < 0.001
    assert [own.predicted for own in bins] == sorted(own.predicted for own in bins)
    assert reliability(points_of([], {})) == ()


def test_has_an_interval() -> None:
    outcomes = [risky(f"r{i}") if i % 2 else benign(f"b{i}") for i in range(60)]
    curves = {o.id: curve(o.id, 0.1, 0.2, 0.3, 0.4) for o in outcomes}
    statistic = calibration_error(outcomes, curves)
    rng = np.random.default_rng(0)
    found = figures({"error": statistic}, partition(outcomes), rng, 100)["error"]
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.value <= found.high


def test_curves_come_from_a_trace(tmp_path: Path) -> None:
    trace = tmp_path / "trace.jsonl"
    trace.write_text(
        '{"id": "a", "messages": [{"message": 1, "from": "contact", "cues": null, "decision": "x",'
        ' "risk": {"grooming": 0.5, "adult_content": 0.1, "coercion": 0.2, "scam_lure": 0.75}}]}\n'
        '{"id": "b", "messages": []}\n'
    )
    found = read_curves(trace)
    assert np.isnan(found["a"].highest[0])
    assert found["a"].highest[1] == 0.75
    assert found["b"].highest.shape == (0,)
    assert set(read_curves(trace, only={"b"})) == {"b"}


def test_a_trace_row_without_risk_is_unknown_not_zero() -> None:
    row = trace_from(
        {
            "id": "a",
            "messages": [
                {"message": 0, "from": "user", "cues": None, "risk": None, "decision": "off"}
            ],
        }
    )
    assert np.isnan(curve_of(row).risk).all()
