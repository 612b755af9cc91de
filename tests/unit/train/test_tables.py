"""The one table of words and pieces."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.train.tables import LARGEST, Lexicon, packed
from models.train.words import hash_table


def made(larger: float = 3.2, **changes: Any) -> tuple[Lexicon, np.ndarray[Any, Any], Any]:
    """A lexicon of 9 slots, 6 of them taken, and 20 buckets; words so much larger than pieces."""
    rng = np.random.default_rng(3)
    prints = np.array([-1, 5, 6, -1, 7, 8, -1, -1, 9, 10], dtype=np.int32)
    words = (larger * rng.normal(size=(10, 8))).astype(np.float32)
    words[prints < 0] = 0.0
    pieces = rng.normal(size=(21, 8)).astype(np.float32)
    pieces[0] = 0.0
    settings: dict[str, Any] = {"part": 2, "seed": 0, **changes}
    return packed(hash_table(0), prints, words, pieces, **settings), words, pieces


def test_both_are_given_back() -> None:
    lexicon, words, pieces = made()
    assert (lexicon.slots, lexicon.buckets, lexicon.width, lexicon.nothing) == (9, 20, 8, 20)
    assert np.array_equal(lexicon.word_vectors(), words)
    assert np.allclose(lexicon.piece_vectors(), pieces, atol=1e-6)


def test_behind_each_vector_stand_whether_it_is_a_word_and_what_it_weighs() -> None:
    lexicon, *_ = made()
    marks = lexicon.lists[-1][lexicon.codes[:, -1]].tolist()
    weight = float(lexicon.lists[-1, 1, 1])
    nothing, piece, word = [0.0, 0.0], [0.0, weight], [1.0, 1.0]
    slots = [word, word, nothing, word, word, nothing, nothing, word, word]
    assert marks == [*([piece] * 20), nothing, *slots]


@pytest.mark.parametrize(("larger", "weight"), [(0.2, 1.0), (1.0, 1.0), (10.0, 10.0)])
def test_pieces_are_stored_as_large_as_words(larger: float, weight: float) -> None:
    lexicon, *_ = made(larger)
    assert lexicon.lists[-1, 1, 1] == pytest.approx(weight, abs=1.0)


def test_what_cannot_be_told_apart_is_refused() -> None:
    with pytest.raises(ValueError, match="at least two"):
        made(part=1)
    pieces = np.zeros((LARGEST + 2, 2), dtype=np.float32)
    prints = np.full(1, -1, dtype=np.int32)
    with pytest.raises(ValueError, match="buckets"):
        packed(hash_table(0), prints, np.zeros((1, 2), np.float32), pieces, part=2, seed=0)
