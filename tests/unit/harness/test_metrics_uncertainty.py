"""Intervals: families are what is drawn, and 95 % of the intervals hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from nudge_harness.metrics import Given, Outcome, figures, partition
from nudge_harness.metrics.false_nudges import false_per_1000
from nudge_harness.metrics.latency import latency_tp
from nudge_harness.metrics.precision_at import precision_at
from nudge_harness.metrics.recall import recall
from nudge_harness.metrics.statistic import Figure, Statistic
from nudge_harness.metrics.uncertainty import resample


def chat(name: str, *, nudged: bool, family: str | None = None, label: str = "grooming") -> Outcome:
    nudges = (Given(message=0, risk="grooming"),) if nudged else ()
    return Outcome(id=name, label=label, family=family, messages=4, nudges=nudges)


def figure(statistic: Statistic, outcomes: list[Outcome], seed: int = 0, b: int = 1000) -> Figure:
    rng = np.random.default_rng(seed)
    return figures({"it": statistic}, partition(outcomes), rng, b)["it"]


def test_conversations_of_a_family_share_a_cluster_and_the_others_stand_alone() -> None:
    outcomes = [
        chat("a", nudged=True, family="x"),
        chat("b", nudged=True),
        chat("c", nudged=True, family="x"),
        chat("d", nudged=True),
        chat("e", nudged=True, family="y", label="benign"),
    ]
    parts = partition(outcomes)
    cluster = parts.cluster.tolist()
    assert cluster[0] == cluster[2]
    assert len(set(cluster)) == 4
    assert sorted(parts.size.tolist()) == [1, 1, 1, 2]
    assert sorted(parts.members.tolist()) == [0, 1, 2, 3, 4]


def test_no_resample_loses_a_class() -> None:
    risky = [chat(f"r{i}", nudged=True, family=f"f{i % 2}") for i in range(6)]
    benign = [chat(f"b{i}", nudged=False, label="benign") for i in range(500)]
    parts = partition([*risky, *benign])
    for weights in resample(parts, 200, np.random.default_rng(3)):
        assert (weights[:, :6].sum(axis=1) == 6).all()
        assert (weights[:, 6:].sum(axis=1) == 500).all()


def test_a_family_is_drawn_whole_in_size_and_its_members_anew() -> None:
    outcomes = [chat(f"{f}{i}", nudged=True, family=f) for f in "xy" for i in range(3)]
    parts = partition(outcomes)
    (weights,) = resample(parts, 500, np.random.default_rng(1))
    assert set(weights[:, :3].sum(axis=1).tolist()) == {0.0, 3.0, 6.0}
    assert len({tuple(row) for row in weights[:, :3].tolist()}) > 10


def test_alike_conversations_of_few_families_give_the_interval_of_few_samples() -> None:
    """A thousand chats that follow their family are ten samples; unrelated they are a thousand."""
    alike = [chat(str(i), nudged=i % 10 < 8, family=f"f{i % 10}") for i in range(1000)]
    apart = [chat(str(i), nudged=i % 10 < 8) for i in range(1000)]
    wide, narrow = figure(recall(alike), alike), figure(recall(apart), apart)
    assert wide.value == narrow.value == 0.8
    assert wide.low is not None
    assert wide.high is not None
    assert narrow.low is not None
    assert narrow.high is not None
    assert wide.high - wide.low > 5 * (narrow.high - narrow.low)
    # The binomial standard error is 0.126 for 10 samples and 0.0126 for 1,000.
    assert wide.high - wide.low == pytest.approx(4 * 0.126, rel=0.25)
    assert narrow.high - narrow.low == pytest.approx(4 * 0.0126, rel=0.25)


def test_the_interval_holds_the_truth_about_95_times_in_100() -> None:
    """Families differ (sd of their rate 0.15), and the interval has to know it."""
    rng = np.random.default_rng(11)
    held, trials, true_rate = 0, 200, 0.7
    for trial in range(trials):
        rates = np.clip(rng.normal(true_rate, 0.15, 40), 0, 1)
        outcomes = [
            chat(f"{f}-{i}", nudged=bool(rng.random() < rates[f]), family=str(f))
            for f in range(40)
            for i in range(8)
        ]
        found = figure(recall(outcomes), outcomes, seed=trial, b=300)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= true_rate <= found.high
    assert 0.90 <= held / trials <= 1.0


def test_the_same_seed_gives_the_same_interval_and_another_another() -> None:
    outcomes = [chat(str(i), nudged=i % 3 > 0) for i in range(60)]
    first, again, other = (figure(recall(outcomes), outcomes, seed=s, b=20) for s in (5, 5, 6))
    assert first == again
    assert (first.low, first.high) != (other.low, other.high)


def test_chunks_do_not_change_the_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = [chat(str(i), nudged=i % 3 > 0) for i in range(60)]
    whole = figure(recall(outcomes), outcomes)
    monkeypatch.setattr("nudge_harness.metrics.uncertainty._CHUNK", 60 * 7)
    assert figure(recall(outcomes), outcomes) == whole


def test_no_hits_in_forty_is_not_certainty() -> None:
    outcomes = [chat(str(i), nudged=False, label="benign") for i in range(40)]
    found = figure(false_per_1000(outcomes), outcomes)
    assert (found.value, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(1000 * (1 - 0.025 ** (1 / 40)))  # Clopper-Pearson: 88.1


def test_no_hits_in_four_families_counts_four_samples() -> None:
    outcomes = [chat(str(i), nudged=False, label="benign", family=str(i % 4)) for i in range(400)]
    found = figure(false_per_1000(outcomes), outcomes)
    assert found.high == pytest.approx(1000 * (1 - 0.025 ** (1 / 4)))


def test_all_hits_are_not_certainty_either() -> None:
    outcomes = [chat(str(i), nudged=True) for i in range(20)]
    found = figure(recall(outcomes), outcomes)
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(0.025 ** (1 / 20))


def test_precision_without_a_false_nudge_still_fears_one() -> None:
    risky = [chat(f"r{i}", nudged=True) for i in range(50)]
    benign = [chat(f"b{i}", nudged=False, label="benign") for i in range(100)]
    outcomes = [*risky, *benign]
    found = figure(precision_at(outcomes, base_rate=0.001), outcomes)
    most = 1 - 0.025 ** (1 / 100)
    assert found.value == 1.0
    assert found.low == pytest.approx(0.001 / (0.001 + 0.999 * most))


def test_one_family_says_nothing_about_the_next() -> None:
    outcomes = [chat(str(i), nudged=i % 2 == 0, family="only") for i in range(30)]
    found = figure(recall(outcomes), outcomes)
    assert (found.value, found.low, found.high) == (0.5, None, None)


def test_nothing_measured_has_no_value() -> None:
    outcomes = [chat("b", nudged=False, label="benign")]
    for statistic in (recall(outcomes), latency_tp(outcomes)):
        assert figure(statistic, outcomes) == Figure(value=None, low=None, high=None, n=0)
    assert figure(recall([]), []) == Figure(value=None, low=None, high=None, n=0)
