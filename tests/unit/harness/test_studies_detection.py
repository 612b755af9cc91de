"""What a cell chooses on the training side, and how it is compared at one price."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nudge_harness.formats import Conversation
from nudge_harness.generate import generate
from nudge_harness.metrics.recall_before_harm import recall_before_harm
from nudge_harness.studies.detection import (
    FOLDS,
    Side,
    dealt,
    dial_of,
    outcomes,
    peaks,
    taught,
)
from nudge_harness.studies.logistic import mean_of, paths
from nudge_harness.studies.recall_at import RecallAt
from nudge_harness.studies.traces import Traces

from nudge_sdk.values import RISKS

CHATS = list(generate("train", 3, n=240))


def side(chats: Sequence[Conversation], strength: float, seed: int) -> Side:
    """Chats whose messages show their label, as far as ``strength``, under noise."""
    rng = np.random.default_rng(seed)
    lengths = [len(chat.messages) for chat in chats]
    rows = sum(lengths)
    features = rng.normal(size=(rows, 6)).astype(np.float32)
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    for at, chat in enumerate(chats):
        if chat.label in RISKS and chat.onset is not None:
            told = slice(int(starts[at]) + chat.onset, int(starts[at + 1]))
            features[told, RISKS.index(chat.label)] += strength
    nothing = np.zeros((rows, 1), dtype=np.float32)
    traces = Traces(
        starts=starts,
        contact=np.array([turn.sender == "contact" for chat in chats for turn in chat.messages]),
        heard=np.ones(rows, dtype=np.bool_), cues=nothing, other=nothing[:, 0], risk=nothing,
        context=nothing, gap=nothing[:, 0], state=nothing,
    )  # fmt: skip
    return Side(chats=chats, traces=traces, features=features)


def test_families_are_dealt_and_never_cut() -> None:
    part = dealt(CHATS)
    assert set(part.tolist()) == set(range(FOLDS))
    by_family: dict[str, set[int]] = {}
    for chat, own in zip(CHATS, part.tolist(), strict=True):
        by_family.setdefault(chat.family or chat.id, set()).add(own)
    assert all(len(parts) == 1 for parts in by_family.values())
    for label in ("benign", *RISKS):
        held = [own for chat, own in zip(CHATS, part.tolist(), strict=True) if chat.label == label]
        assert set(held) == set(range(FOLDS))


def test_what_was_chosen_on_one_side_keeps_its_budget_on_another_of_the_same_making() -> None:
    detector = taught(side(CHATS, 4.0, 1), 0.1)
    fresh = side(list(generate("train", 4, n=400)), 4.0, 2)
    found = outcomes(fresh, detector(fresh.features))
    false = np.mean([own.nudged for own in found if own.benign])
    assert false < 0.25  # the budget is 0.1; chance has some room
    recall = recall_before_harm(found).under(np.ones((1, len(found))))[0]
    assert recall > 0.5


def test_a_detector_is_no_surer_than_the_heads_that_its_dial_was_set_for() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(300, 4)).astype(np.float32)
    (lines,) = paths(x, (x[:, :1] > 0.3), (100.0, 1.0), np.ones(300, dtype=np.float32))
    mean = mean_of(lines)
    assert mean(x) == pytest.approx((lines[0](x) + lines[1](x)) / 2, abs=1e-4)
    assert np.abs(lines[0].weights).sum() < np.abs(lines[1].weights).sum()  # a penalty shrinks


def test_a_path_ends_where_a_fit_of_its_own_does() -> None:
    rng = np.random.default_rng(6)
    x = rng.normal(size=(500, 5)).astype(np.float32)
    target = (x[:, :1] + rng.normal(size=(500, 1))) > 0.5
    mass = np.ones(500, dtype=np.float32)
    ((_, walked),) = paths(x, target, (300.0, 3.0), mass)
    ((alone,),) = paths(x, target, (3.0,), mass)
    assert walked.weights == pytest.approx(alone.weights, abs=0.02)


@given(st.integers(1, 400), st.floats(0.005, 0.5), st.integers(0, 10_000))
def test_a_dial_lets_at_most_its_share_through(count: int, budget: float, seed: int) -> None:
    benign = np.random.default_rng(seed).normal(size=count).astype(np.float32)
    dial = dial_of(benign, budget)
    assert (benign >= dial).sum() <= budget * (count + 1)
    if dial < np.inf:  # and it is no stricter than that
        assert (
            benign >= np.nextafter(np.float32(dial), np.float32(-np.inf))
        ).sum() + 1 > budget * (count + 1) - 1


def test_peaks_end_at_the_harm_and_hear_the_contact_only() -> None:
    own = side(CHATS, 0.0, 7)
    scores = np.zeros((len(own.features), len(RISKS)), dtype=np.float32)
    scores[~own.traces.contact] = 9.0
    for at, chat in enumerate(own.chats):
        if chat.harm is not None:
            scores[own.rows(at)][chat.harm + 1 :] = 9.0
    assert set(peaks(own, scores).tolist()) <= {0.0, -np.inf}


def test_recall_at_a_budget_is_read_off_where_it_is_spent() -> None:
    benign = np.array([1, 1, 1, 1, 0, 0, 0, 0], dtype=np.bool_)
    peaks_ = np.array([0.9, 0.5, 0.4, 0.1, 0.95, 0.9, 0.6, 0.2])
    ones = np.ones((1, 8))
    for budget, recall in ((0.0, 0.25), (0.25, 0.75), (0.75, 1.0), (1.0, 1.0)):
        found = RecallAt(peaks=peaks_, benign=benign, positive=~benign, budget=budget)
        assert found.under(ones).tolist() == [recall]  # at 0.9 a tie helps nobody
        assert found.counted.tolist() == (~benign).tolist()


def test_recall_at_a_budget_moves_with_the_resample() -> None:
    benign = np.array([1, 1, 0, 0], dtype=np.bool_)
    own = RecallAt(
        peaks=np.array([0.9, 0.1, 0.8, 0.5]), benign=benign, positive=~benign, budget=0.5
    )
    weights = np.array([[1.0, 1, 1, 1], [2, 0, 1, 1], [0, 2, 1, 1], [0, 0, 1, 1]])
    assert own.under(weights)[:3].tolist() == [1.0, 0.0, 1.0]
    assert np.isnan(own.under(weights)[3])
