"""Marks that cannot be seen in the message alone."""

from __future__ import annotations

import numpy as np

from models.train.doubt import doubted

WIDTH = 18


def table(*first: float) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Rows with these numbers for the first cue and 0 for the others."""
    rows = np.zeros((len(first), WIDTH), dtype=np.float32)
    rows[:, 0] = first
    return rows


def test_a_mark_far_below_the_median_is_unknown() -> None:
    found = doubted(table(1, 1, 1, 1), table(0.8, 0.7, 0.6, 0.05), share=0.2)
    assert np.isnan(found[:, 0]).tolist() == [False, False, False, True]


def test_what_is_not_marked_stays_a_negative_however_it_looks() -> None:
    found = doubted(table(1, 0), table(0.8, 0.01), share=0.2)
    assert found[:, 0].tolist() == [1.0, 0.0]
    assert doubted(table(1, 0), table(0.8, 0.99), share=0.2)[1, 0] == 0.0


def test_a_mark_that_nobody_has_read_stays() -> None:
    found = doubted(table(1, 1), table(0.8, np.nan), share=0.2)
    assert found[:, 0].tolist() == [1.0, 1.0]


def test_the_targets_given_stay_as_they_are() -> None:
    targets = table(1, 1, 1)
    doubted(targets, table(0.8, 0.7, 0.0), share=0.5)
    assert not np.isnan(targets).any()
