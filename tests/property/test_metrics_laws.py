"""Laws of the metrics, for any outcomes.

* A statistic under whole-number weights is the statistic of the conversations repeated so often.
* Figures keep their bounds and lie in their own interval; order does not matter; labels that are
  not scored move nothing.
* An earlier first nudge in a risky chat worsens neither ERDE, speed, F-latency nor recall.
* One more false nudge never raises precision or F1 and never lowers a false-alarm rate.
* Stored outcomes come back as they were.
"""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from nudge_harness.metrics import Given, Outcome, catalogue, figures, partition
from nudge_harness.metrics.calibration import calibration_error, points_of, reliability
from nudge_harness.metrics.curve import Curve
from nudge_harness.metrics.evaluation import evaluate
from nudge_harness.metrics.paired import compare
from nudge_harness.metrics.precision_at import precision_at
from nudge_harness.metrics.statistic import Statistic
from nudge_harness.metrics.stored import outcome_from, outcome_to

from nudge_sdk.values import RISKS

LABELS = [*RISKS, "benign", "benign", "benign", "spam", None]
RATE = 0.01
law = settings(deadline=None, max_examples=60)  # a busy machine breaks no law


@st.composite
def an_outcome(draw: st.DrawFn) -> Outcome:
    """Any outcome that a join can give; the id is set by `files`."""
    count = draw(st.integers(1, 30))
    label = draw(st.sampled_from(LABELS))
    index = st.none() | st.integers(0, count - 1)
    risky = label in RISKS
    at = draw(st.lists(st.integers(0, count - 1), max_size=3))
    harm = draw(index) if risky else None
    kinds = st.sampled_from(RISKS)
    return Outcome(
        id="",
        label=label,
        family=draw(st.sampled_from([None, "x", "y", "z"])),
        onset=draw(index) if risky else None,
        harm=harm,
        messages=count,
        nudges=tuple(Given(message=i, risk=draw(kinds)) for i in sorted(at)),
        minutes_before_harm=1.5 * (harm - min(at)) if at and harm is not None else None,
        age_band=draw(st.sampled_from([None, "10_12", "13_15"])),
    )


@st.composite
def files(draw: st.DrawFn, least: int = 0) -> list[Outcome]:
    """Outcomes of a file, each with its own id."""
    drawn = draw(st.lists(an_outcome(), min_size=least, max_size=20))
    return [replace(own, id=str(i)) for i, own in enumerate(drawn)]


def statistics(outcomes: list[Outcome]) -> dict[str, Statistic]:
    found: dict[str, Statistic] = {own.name: own.compute(outcomes) for own in catalogue()}
    return {**found, "precision": precision_at(outcomes, base_rate=RATE)}


def values(outcomes: list[Outcome]) -> dict[str, float]:
    ones = np.ones((1, len(outcomes)))
    return {name: float(own.under(ones)[0]) for name, own in statistics(outcomes).items()}


def same(one: dict[str, float], other: dict[str, float]) -> bool:
    return all(np.isclose(one[name], other[name], equal_nan=True) for name in one)


@law
@given(files(1), st.data())
def test_weights_are_repetitions(outcomes: list[Outcome], data: st.DataObject) -> None:
    times = data.draw(st.lists(st.integers(0, 3), min_size=len(outcomes), max_size=len(outcomes)))
    repeated = [own for own, n in zip(outcomes, times, strict=True) for _ in range(n)]
    assume(any(own.positive for own in repeated))
    weights = np.array([times], dtype=np.float64)
    expected = values(repeated)
    for name, statistic in statistics(outcomes).items():
        if name.startswith(("erde", "length_only")):
            continue  # c_fp and the baseline's start belong to the file, not to the resample
        assert np.isclose(statistic.under(weights)[0], expected[name], equal_nan=True), name


@law
@given(files())
def test_bounds(outcomes: list[Outcome]) -> None:
    found = evaluate(outcomes, rng=np.random.default_rng(0), resamples=20)
    tops = {"share": 1.0, "score": 1.0}
    for metric in catalogue():
        figure = found.figures[metric.name]
        assert (figure.n > 0) or figure.value is None
        if figure.value is None:
            continue
        assert figure.value >= 0.0
        assert figure.value <= tops.get(metric.unit, np.inf) + 1e-12
        if figure.low is not None and figure.high is not None:
            assert figure.low <= figure.value <= figure.high
            assert figure.high <= tops.get(metric.unit, np.inf) + 1e-12
    for figure in found.precision_at.values():
        assert figure.value is None or 0.0 <= figure.value <= 1.0
    json.dumps(found.to_json(), allow_nan=False)


@law
@given(files(), st.randoms(use_true_random=False))
def test_order_does_not_matter(outcomes: list[Outcome], random: object) -> None:
    shuffled = list(outcomes)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    assert same(values(outcomes), values(shuffled))


@law
@given(files(), an_outcome())
def test_labels_that_are_not_scored_move_nothing(outcomes: list[Outcome], other: Outcome) -> None:
    neutral = replace(other, id="n", label="hate", onset=None, harm=None)
    assert same(values(outcomes), values([*outcomes, neutral]))


@law
@given(files(1), st.data())
def test_an_earlier_nudge_never_worsens_a_timely_figure(
    outcomes: list[Outcome], data: st.DataObject
) -> None:
    late = [
        i for i, own in enumerate(outcomes) if own.positive and own.nudges and own.nudges[0].message
    ]
    assume(late)
    which = data.draw(st.sampled_from(late))
    own = outcomes[which]
    first = own.nudges[0]
    sooner = replace(first, message=data.draw(st.integers(0, first.message - 1)))
    moved = replace(own, nudges=(sooner, *own.nudges[1:]))
    before = values(outcomes)
    after = values([*outcomes[:which], moved, *outcomes[which + 1 :]])
    for name in ("erde_5", "erde_50", "latency_tp"):
        assert after[name] <= before[name] + 1e-12, name
    for name in ("speed", "f_latency"):
        assert after[name] >= before[name] - 1e-12, name
    for name in ("recall_before_harm", "early_recall"):
        assert not after[name] < before[name], name


@law
@given(files(1), st.data())
def test_a_false_nudge_never_helps(outcomes: list[Outcome], data: st.DataObject) -> None:
    quiet = [i for i, own in enumerate(outcomes) if own.benign and not own.nudges]
    assume(quiet)
    which = data.draw(st.sampled_from(quiet))
    bothered = replace(outcomes[which], nudges=(Given(message=0, risk="grooming"),))
    before = values(outcomes)
    after = values([*outcomes[:which], bothered, *outcomes[which + 1 :]])
    for name in ("precision", "f1", "f_latency"):
        assert not after[name] > before[name] + 1e-12, name
    for name in ("false_per_1000", "false_per_1000_messages", "false_per_user_week"):
        assert after[name] > before[name], name
    assert not after["erde_5"] < before["erde_5"]


@law
@given(files())
def test_silence_is_never_a_false_alarm_and_never_a_catch(outcomes: list[Outcome]) -> None:
    silent = values([replace(own, nudges=(), minutes_before_harm=None) for own in outcomes])
    for name in ("recall", "recall_before_harm", "f1", "false_per_1000", "false_per_user_week"):
        assert silent[name] == 0.0 or np.isnan(silent[name])


@law
@given(files(1))
def test_a_detector_equals_itself(outcomes: list[Outcome]) -> None:
    for difference in compare(
        outcomes, outcomes, rng=np.random.default_rng(0), resamples=10
    ).values():
        assert difference.figure.value in (None, 0.0)
        assert difference.verdict in ("no clear difference", "unknown")


@law
@given(files(1), st.integers(0, 2**32 - 1))
def test_calibration_keeps_its_bounds(outcomes: list[Outcome], seed: int) -> None:
    rng = np.random.default_rng(seed)
    curves = {
        own.id: Curve(id=own.id, risk=rng.random((own.messages, 4)).astype(np.float32))
        for own in outcomes
    }
    for rate in (None, 0.001):
        statistic = calibration_error(outcomes, curves, base_rate=rate)
        found = figures({"error": statistic}, partition(outcomes), np.random.default_rng(0), 10)[
            "error"
        ]
        assert found.value is None or 0.0 <= found.value <= 1.0
        bins = reliability(points_of(outcomes, curves, base_rate=rate))
        assert all(0 <= own.predicted <= 1 and 0 <= own.observed <= 1 for own in bins)
        assert not bins or np.isclose(sum(own.mass for own in bins), 1.0)


@law
@given(files())
def test_stored_outcomes_come_back(outcomes: list[Outcome]) -> None:
    for own in outcomes:
        if not own.id:
            continue
        assert outcome_from(json.loads(json.dumps(outcome_to(own)))) == own
