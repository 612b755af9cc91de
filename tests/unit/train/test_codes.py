"""Codes: what they keep, what they lose, and what stays exactly as it was."""

from __future__ import annotations

import numpy as np
import pytest

from models.train.codes import ENTRIES, Floats, decoded, encoded

SPREAD = np.array([1.0, 0.3, 2.0, 1.0, 0.1, 0.1], dtype=np.float32)


@pytest.fixture(scope="module")
def vectors() -> Floats:
    rng = np.random.default_rng(1)
    return (SPREAD * rng.normal(size=(4_000, 6))).astype(np.float32)


def lost(vectors: Floats, found: Floats) -> float:
    """Share of the vectors' energy."""
    return float(np.square(vectors - found).sum() / np.square(vectors).sum())


def test_two_numbers_to_a_byte_lose_less_than_the_best_four_bits_a_number(vectors: Floats) -> None:
    codes, lists = encoded(vectors, 2, 0)
    assert codes.shape == (4_000, 3) and codes.dtype == np.uint8
    assert lists.shape == (3, ENTRIES, 2) and lists.dtype == np.float32
    # Of normal numbers, the best 16 levels that are evenly spaced lose 0.0115 (Max 1960).
    assert lost(vectors, decoded(codes, lists)) < 0.0115


def test_three_numbers_to_a_byte_lose_more(vectors: Floats) -> None:
    few, many = (lost(vectors, decoded(*encoded(vectors, part, 0))) for part in (2, 3))
    assert few < many < 0.08


def test_each_part_has_the_nearest_code(vectors: Floats) -> None:
    codes, lists = encoded(vectors[:300], 2, 0)
    for place in range(3):
        part = vectors[:300, 2 * place : 2 * place + 2]
        off = np.square(part[:, None] - lists[place]).sum(axis=2)
        own = off[np.arange(300), codes[:, place]]
        assert np.allclose(own, off.min(axis=1), atol=1e-6)


def test_few_different_parts_are_kept_as_they_are(vectors: Floats) -> None:
    few = vectors[np.random.default_rng(2).integers(0, ENTRIES - 1, 900)]
    assert np.array_equal(decoded(*encoded(few, 2, 0)), few)


def test_a_row_of_zeros_stays_one(vectors: Floats) -> None:
    some = vectors.copy()
    some[7] = 0.0
    codes, lists = encoded(some, 3, 0)
    assert not codes[7].any() and not lists[:, 0].any()


def test_the_draws_are_the_seeds(vectors: Floats) -> None:
    one, two, other = (encoded(vectors, 3, seed) for seed in (1, 1, 2))
    assert np.array_equal(one[0], two[0]) and np.array_equal(one[1], two[1])
    assert not np.array_equal(one[1], other[1])


def test_parts_have_to_fit(vectors: Floats) -> None:
    with pytest.raises(ValueError, match="6 numbers cannot be cut into parts of 4"):
        encoded(vectors, 4, 0)
