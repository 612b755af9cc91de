"""Groups, labels, counts and pairs: who is served worst, and which detector is better."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from nudge_harness.errors import UsageError
from nudge_harness.metrics import Given, Outcome
from nudge_harness.metrics.evaluation import Evaluation, evaluate
from nudge_harness.metrics.join import ExtraScoresError, MismatchError, MissingScoresError
from nudge_harness.metrics.paired import compare, verdict
from nudge_harness.metrics.statistic import Figure

EARLY = (Given(message=1, risk="grooming"),)


def risky(i: int, *, nudged: bool, band: str | None = "13_15") -> Outcome:
    return Outcome(
        id=f"r{i}",
        label="grooming",
        family=f"f{i % 12}",
        onset=1,
        harm=3,
        messages=6,
        nudges=EARLY if nudged else (),
        age_band=band,
    )


def benign(i: int, *, nudged: bool = False) -> Outcome:
    return Outcome(id=f"b{i}", label="benign", messages=6, nudges=EARLY if nudged else ())


def measured(outcomes: list[Outcome]) -> Evaluation:
    return evaluate(outcomes, rng=np.random.default_rng(0), resamples=200)


def test_the_worst_group_is_named_with_its_gap_to_everybody_else() -> None:
    young = [risky(i, nudged=i % 4 > 0, band="10_12") for i in range(40)]
    older = [risky(100 + i, nudged=i % 10 > 0, band="13_15") for i in range(40)]
    unknown = [risky(200 + i, nudged=False, band=None) for i in range(40)]
    own = measured([*young, *older, *unknown]).groups["age_band"]["recall_before_harm"]
    assert own.worst == "10_12"  # "unknown" is no group of people
    assert {name: group.value for name, group in own.groups.items()} == {
        "10_12": 0.75,
        "13_15": 0.9,
        "unknown": 0.0,
    }
    assert list(own.groups) == ["10_12", "13_15", "unknown"]
    assert own.gap is not None
    assert own.gap.value == pytest.approx(0.75 - 36 / 80)


def test_a_tiny_group_is_shown_and_not_named() -> None:
    few = [risky(i, nudged=False, band="under_10") for i in range(5)]
    many = [risky(100 + i, nudged=True, band="13_15") for i in range(40)]
    own = measured([*few, *many]).groups["age_band"]["recall_before_harm"]
    assert own.worst is None
    assert own.gap is None
    assert own.groups["under_10"].value == 0.0


def test_groups_alike_have_no_worst() -> None:
    outcomes = [risky(i, nudged=True, band=["10_12", "13_15"][i % 2]) for i in range(80)]
    assert measured(outcomes).groups["age_band"]["recall_before_harm"].worst is None


def test_labels_that_are_not_scored_are_counted() -> None:
    spam = Outcome(id="s", label="spam", messages=2, nudges=EARLY)
    bare = Outcome(id="u", messages=3)
    found = measured([risky(0, nudged=True), benign(0), spam, bare])
    assert found.other_labels["spam"].nudged == 1
    assert found.other_labels["(none)"].conversations == 1
    assert found.figures["false_per_1000"].n == 1
    assert found.tallies["all"].conversations == 4


def test_first_nudges_by_label_and_kind() -> None:
    outcomes = [risky(0, nudged=True), risky(1, nudged=False), benign(0, nudged=True)]
    assert measured(outcomes).first_kinds == {
        "grooming": {"(none)": 1, "grooming": 1},
        "benign": {"grooming": 1},
    }


def test_headline_figures_need_thirty_families_and_a_thousand_chats() -> None:
    many = [replace(risky(i, nudged=True), family=f"f{i % 30}") for i in range(1000)]
    assert measured(many).enough_for_headline
    assert not measured(many[:-1]).enough_for_headline
    alike = [replace(own, family="one") for own in many]
    assert not measured(alike).enough_for_headline


def test_per_label_figures_rest_on_that_label() -> None:
    other = replace(risky(9, nudged=False), id="c", label="coercion")
    found = measured([risky(0, nudged=True), other, benign(0)])
    assert found.by_label["grooming"]["recall_before_harm"].value == 1.0
    assert found.by_label["coercion"]["recall_before_harm"].value == 0.0
    assert set(found.by_label) == {"grooming", "coercion"}


@pytest.mark.parametrize(("p", "resamples"), [(0.0, 10), (-1.0, 10), (float("nan"), 10), (0.1, 0)])
def test_impossible_settings_are_refused(p: float, resamples: int) -> None:
    with pytest.raises(UsageError):
        evaluate([], rng=np.random.default_rng(0), p=p, resamples=resamples)


def test_an_empty_file_has_figures_without_values() -> None:
    found = measured([])
    assert {figure.value for figure in found.flat().values()} == {None}


def test_a_clearly_better_detector_is_told_apart_from_noise() -> None:
    outcomes = [risky(i, nudged=i % 10 > 0) for i in range(200)] + [benign(i) for i in range(50)]
    worse = [replace(own, nudges=()) if i % 3 == 0 else own for i, own in enumerate(outcomes)]
    slightly = [replace(own, nudges=()) if own.id == "r7" else own for own in outcomes]
    found = compare(outcomes, worse[::-1], rng=np.random.default_rng(0), resamples=200)
    assert found["recall_before_harm"].verdict == "better"
    assert found["erde_50"].verdict == "better"
    assert found["false_per_1000"].verdict == "no clear difference"
    noise = compare(outcomes, slightly, rng=np.random.default_rng(0), resamples=200)
    assert noise["recall_before_harm"].figure.value == pytest.approx(1 / 200)
    assert noise["recall_before_harm"].verdict == "no clear difference"


def test_pairing_removes_what_is_hard_for_both() -> None:
    outcomes = [risky(i, nudged=i % 12 > 4) for i in range(240)]  # whole families are missed
    worse = [replace(own, nudges=()) if i % 10 == 6 else own for i, own in enumerate(outcomes)]
    paired = compare(outcomes, worse, rng=np.random.default_rng(0), resamples=300)
    own = measured(outcomes).figures["recall_before_harm"]
    difference = paired["recall_before_harm"].figure
    assert None not in (own.low, own.high, difference.low, difference.high)
    assert (difference.high or 0) - (difference.low or 0) < (own.high or 0) - (own.low or 0)


def test_only_the_same_conversations_can_be_compared() -> None:
    outcomes = [risky(0, nudged=True), risky(1, nudged=True)]
    rng = np.random.default_rng(0)
    with pytest.raises(MissingScoresError):
        compare(outcomes, outcomes[:1], rng=rng)
    with pytest.raises(ExtraScoresError):
        compare(outcomes[:1], outcomes, rng=rng)
    with pytest.raises(MismatchError):
        compare(outcomes, [outcomes[0], replace(outcomes[1], harm=4)], rng=rng)


def test_a_verdict_follows_the_direction() -> None:
    above = Figure(value=0.2, low=0.1, high=0.3, n=9)
    assert verdict(above, "higher") == "better"
    assert verdict(above, "lower") == "worse"
    assert verdict(above, "neither") == "no clear difference"
    assert verdict(Figure(value=0.2, low=None, high=None, n=9), "higher") == "unknown"
