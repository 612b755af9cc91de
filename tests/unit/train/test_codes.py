"""Codes: what they keep, what they lose, and what stays exactly as it was."""

from __future__ import annotations

import numpy as np
import pytest

from models.train.codes import LARGEST, ZERO, Floats, encoded, packed, steps, unpacked

SPREAD = np.array([1.0, 0.3, 20.0, 1e-3], dtype=np.float32)


@pytest.fixture(scope="module")
def vectors() -> Floats:
    rng = np.random.default_rng(1)
    return (SPREAD * rng.normal(size=(30_000, 4))).astype(np.float32)


def lost(vectors: Floats, step: Floats) -> Floats:
    """Share of each column's energy."""
    found = (encoded(vectors, step).astype(np.float32) - ZERO) * step
    return np.asarray(np.square(vectors - found).sum(axis=0) / np.square(vectors).sum(axis=0))


def test_the_best_steps_lose_what_theory_says(vectors: Floats) -> None:
    # 0.0115 for levels that lie even about zero (Max 1960); zero is a level here, so a bit more.
    assert lost(vectors, steps(vectors)) == pytest.approx(0.012, rel=0.05)


@pytest.mark.parametrize("other", [0.8, 1.25])
def test_no_other_step_loses_less(vectors: Floats, other: float) -> None:
    best = steps(vectors)
    factor = np.float32(other)
    assert (lost(vectors, best) < lost(vectors, factor * best)).all()


def test_a_zero_stays_one_and_all_codes_fit_half_a_byte(vectors: Floats) -> None:
    codes = encoded(np.concatenate([vectors, np.zeros((1, 4), np.float32)]), steps(vectors))
    assert codes.dtype == np.uint8 and codes.max() <= LARGEST
    assert codes[-1].tolist() == [ZERO] * 4


def test_columns_without_anything_have_a_step_all_the_same() -> None:
    assert (steps(np.zeros((5, 2), np.float32)) > 0).all()
    assert (steps(np.zeros((0, 2), np.float32)) > 0).all()


def test_two_columns_lie_in_a_byte_and_come_apart_again(vectors: Floats) -> None:
    codes = encoded(vectors, steps(vectors))
    small = packed(codes)
    assert small.shape == (30_000, 2) and small.dtype == np.uint8
    assert np.array_equal(unpacked(small), codes)
    with pytest.raises(ValueError, match="3 columns cannot be laid two to a byte"):
        packed(codes[:, :3])
