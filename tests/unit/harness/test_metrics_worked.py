"""Every metric on examples small enough to work out by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import e, log

import numpy as np
import pytest
from nudge_harness.metrics import Given, Outcome, Statistic, catalogue
from nudge_harness.metrics.erde import latency_cost
from nudge_harness.metrics.latency import half_patience, penalty
from nudge_harness.metrics.precision_at import precision_at, scenario_rate

METRICS = {metric.name: metric.compute for metric in catalogue()}


def chat(
    name: str,
    label: str | None = "grooming",
    *at: int,
    family: str | None = None,
    messages: int = 20,
    onset: int | None = 4,
    harm: int | None = 9,
    kinds: Sequence[str] = (),
) -> Outcome:
    """An outcome with nudges at the given messages, of the label's kind unless said otherwise."""
    risky = label not in (None, "benign", "spam")
    named = [*kinds, *[label or "grooming"] * len(at)]
    return Outcome(
        id=name,
        label=label,
        family=family,
        onset=onset if risky else None,
        harm=harm if risky else None,
        messages=messages,
        nudges=tuple(Given(message=i, risk=kind) for i, kind in zip(at, named, strict=False)),
        minutes_before_harm=2.0 * (harm - at[0]) if risky and at and harm is not None else None,
    )


IN_TIME = chat("in_time", "grooming", 5)
ON_THE_ASK = chat("on_the_ask", "coercion", 9, kinds=["grooming"])
CORRECTED = chat("corrected", "scam_lure", 6, 9, kinds=["grooming", "scam_lure"])
TOO_EARLY = chat("too_early", "grooming", 3)
TOO_LATE = chat("too_late", "grooming", 12)
MISSED = chat("missed", "adult_content")
QUIET = chat("quiet", "benign")
BOTHERED = chat("bothered", "benign", 2, 7, kinds=["grooming", "coercion"])
LOOKALIKE = chat("lookalike", "benign", 1, family="coach", kinds=["grooming"])
SPAM = chat("spam", "spam", 0, kinds=["scam_lure"])
UNLABELLED = chat("unlabelled", None)
RISKY = [IN_TIME, ON_THE_ASK, CORRECTED, TOO_EARLY, TOO_LATE, MISSED]
ALL = [*RISKY, QUIET, BOTHERED, LOOKALIKE, SPAM, UNLABELLED]


def value(metric: Callable[[Sequence[Outcome]], Statistic], outcomes: Sequence[Outcome]) -> float:
    return float(metric(outcomes).under(np.ones((1, len(outcomes))))[0])


def mean_cost(outcomes: Sequence[Outcome], deadline: int) -> float:
    """ERDE of `ALL`, written out."""
    seen = [6, 10, 7, 4, 13]
    right = sum(1 - 1 / (1 + e ** (k - deadline)) for k in seen)
    return (right + 1 + 2 * (6 / 9)) / 9


@pytest.mark.parametrize(
    ("name", "expected", "n"),
    [
        ("recall_before_harm", 4 / 6, 6),
        ("right_kind", 3 / 4, 4),
        ("early_recall", 3 / 6, 6),
        ("premature", 1 / 6, 6),
        ("recall", 5 / 6, 6),
        ("lead_messages", 3.5, 4),
        ("lead_minutes", 7.0, 4),
        ("f1", 2 * 5 / (2 * 5 + 2 + 1), 9),
        ("latency_tp", 7.0, 5),
        ("speed", 1 - (-1 + 2 / (1 + e ** (-0.0078 * 6))), 6),
        ("f_latency", 10 / 13 * (1 - (-1 + 2 / (1 + e ** (-0.0078 * 6)))), 9),
        ("erde_5", mean_cost(ALL, 5), 9),
        ("erde_50", mean_cost(ALL, 50), 9),
        ("false_per_1000", 2000 / 3, 3),
        ("false_per_1000_lookalike", 1000.0, 1),
        ("false_per_1000_ordinary", 500.0, 2),
        ("false_per_1000_messages", 3 / 60 * 1000, 3),
        ("false_per_user_week", 3 / 60 * 700, 3),
        ("length_only_recall", 0.0, 6),
    ],
)
def test_by_hand(name: str, expected: float, n: int) -> None:
    assert value(METRICS[name], ALL) == pytest.approx(expected, abs=1e-12)
    assert int(METRICS[name](ALL).counted.sum()) == n


def test_every_metric_of_the_catalogue_is_worked_out_above() -> None:
    marks = test_by_hand.pytestmark  # type: ignore[attr-defined]  # pytest adds it
    assert {case[0] for case in marks[0].args[1]} == set(METRICS)


@pytest.mark.parametrize("name", sorted(METRICS))
def test_nothing_measured_is_not_zero(name: str) -> None:
    for outcomes in ([], [SPAM, UNLABELLED]):
        statistic = METRICS[name](outcomes)
        assert not statistic.counted.any()


def test_a_nudge_on_the_ask_is_in_time_and_one_message_later_is_not() -> None:
    metric = METRICS["recall_before_harm"]
    assert value(metric, [chat("a", "grooming", 9)]) == 1.0
    assert value(metric, [chat("a", "grooming", 10)]) == 0.0


def test_early_ends_two_messages_after_the_onset() -> None:
    early, premature = METRICS["early_recall"], METRICS["premature"]
    assert [value(early, [chat("a", "grooming", at)]) for at in (3, 4, 6, 7)] == [1, 1, 1, 0]
    assert [value(premature, [chat("a", "grooming", at)]) for at in (3, 4)] == [1, 0]


def test_a_positive_without_harm_or_onset_counts_where_it_can() -> None:
    bare = chat("bare", "grooming", 5, onset=None, harm=None)
    outcomes = [bare, IN_TIME, QUIET]
    counted = {name: int(metric(outcomes).counted.sum()) for name, metric in METRICS.items()}
    assert counted["recall_before_harm"] == counted["early_recall"] == counted["premature"] == 1
    assert counted["recall"] == counted["latency_tp"] == 2
    assert counted["erde_5"] == counted["f1"] == 3


def test_without_a_true_positive_speed_and_f_latency_are_zero() -> None:
    outcomes = [MISSED, QUIET, BOTHERED]
    assert value(METRICS["speed"], outcomes) == 0.0
    assert value(METRICS["f_latency"], outcomes) == 0.0
    assert np.isnan(value(METRICS["latency_tp"], outcomes))


def test_the_median_of_an_even_number_is_that_of_the_penalties() -> None:
    fast, slow = chat("a", "grooming", 0, messages=200), chat("b", "grooming", 150, messages=200)
    expected = 1 - (penalty(1, 0.0078) + penalty(151, 0.0078)) / 2
    assert value(METRICS["speed"], [fast, slow]) == pytest.approx(expected)
    assert value(METRICS["latency_tp"], [fast, slow]) == 76.0


@pytest.mark.parametrize(
    ("p", "seen", "expected"),
    [
        # reference table: speed at k for eRisk's p, Vogt's p, and m = 40
        (0.0078, 5, 0.984),
        (0.0078, 20, 0.926),
        (0.0078, 90, 0.666),
        (log(3) / 89, 10, 0.945),
        (log(3) / 89, 90, 0.5),
        (log(3) / 39, 40, 0.5),
    ],
)
def test_published_speeds(p: float, seen: int, expected: float) -> None:
    assert 1 - penalty(seen, p) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize(("seen", "expected"), [(1, 0.018), (5, 0.5), (10, 0.993)])
def test_published_latency_costs(seen: int, expected: float) -> None:
    assert latency_cost(seen, 5) == pytest.approx(expected, abs=5e-4)


def test_latency_cost_of_an_endless_chat_does_not_overflow() -> None:
    assert latency_cost(10**9, 5) == 1.0
    assert 0.0 < latency_cost(1, 10**9) < 1e-300


def test_half_patience_of_the_usual_p() -> None:
    assert half_patience(0.0078) == pytest.approx(142, abs=0.5)


@pytest.mark.parametrize(
    ("rate", "false_rate", "expected"),
    [(0.001, 10, 0.08), (0.001, 1, 0.47), (0.01, 10, 0.48), (0.01, 1, 0.90)],
)
def test_published_precision_at_base_rates(rate: float, false_rate: int, expected: float) -> None:
    """Recall 0.9 with a false-alarm rate of 1 % or 0.1 %: reference anchors 2.4."""
    risky = [chat(f"p{i}", "grooming", *([5] if i < 9 else [])) for i in range(10)]
    benign = [chat(f"n{i}", "benign", *([1] if i < false_rate else [])) for i in range(1000)]

    def metric(outcomes: Sequence[Outcome]) -> Statistic:
        return precision_at(outcomes, base_rate=rate)

    assert value(metric, [*risky, *benign]) == pytest.approx(expected, abs=0.005)


def test_scenario_rate() -> None:
    assert scenario_rate(0.1) == pytest.approx(1 / 860)


def test_length_only_finds_long_risky_chats_and_not_short_ones() -> None:
    benign = [chat(f"n{i}", "benign", *([0] if i == 9 else []), messages=i + 1) for i in range(10)]
    late = chat("late", "grooming", messages=30, harm=25)
    # One false nudge is allowed, so the baseline starts at message 10: one benign chat is as long.
    assert value(METRICS["length_only_recall"], [*benign, late, IN_TIME]) == 1.0
    early = chat("early", "grooming", messages=30, harm=8)
    assert value(METRICS["length_only_recall"], [*benign, late, early]) == 0.5
