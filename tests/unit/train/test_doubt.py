"""Marks that cannot be seen in the message alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.train.doubt import doubted

WIDTH = 18
Array = npt.NDArray[np.float32]


def table(*first: float) -> Array:
    """Rows with these numbers for the first cue and 0 for the others."""
    rows = np.zeros((len(first), WIDTH), dtype=np.float32)
    rows[:, 0] = first
    return rows


def read(targets: Array, seen: Array, *, risky: bool = True) -> Array:
    """`doubted` with the shares of the tests, all sources alike."""
    return doubted(targets, seen, np.full(len(targets), risky), low=0.2, high=0.8)


def test_a_mark_far_below_the_median_is_unknown() -> None:
    found = read(table(1, 1, 1, 1), table(0.8, 0.7, 0.6, 0.05))
    assert np.isnan(found[:, 0]).tolist() == [False, False, False, True]


def test_a_missing_mark_is_unknown_where_a_risky_contact_says_it() -> None:
    found = read(table(1, 0, 0), table(0.8, 0.7, 0.1))
    assert np.isnan(found[:, 0]).tolist() == [False, True, False]


def test_an_ordinary_look_alike_stays_a_negative_however_it_looks() -> None:
    assert read(table(1, 0), table(0.8, 0.99), risky=False)[1, 0] == 0.0


def test_a_mark_that_nobody_has_read_stays() -> None:
    found = read(table(1, 1), table(0.8, np.nan))
    assert found[:, 0].tolist() == [1.0, 1.0]


def test_the_targets_given_stay_as_they_are() -> None:
    targets = table(1, 1, 1)
    read(targets, table(0.8, 0.7, 0.0))
    assert not np.isnan(targets).any()
