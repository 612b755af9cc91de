"""The one table of words and pieces."""

from __future__ import annotations

import numpy as np
import pytest

from models.train.codes import LARGEST, Floats, unpacked
from models.train.tables import MOST, Lexicon, lexicon_of
from models.train.words import hash_table

PRINTS = np.array([-1, 5, 6, -1, 7, 8, -1, -1, 9, 10], dtype=np.int32)


def made(larger: float = 3.2) -> tuple[Lexicon, Floats, Floats]:
    """A lexicon of 9 slots, 6 of them taken, and 200 buckets; words so much larger than pieces."""
    rng = np.random.default_rng(3)
    words = (larger * rng.normal(size=(10, 8))).astype(np.float32)
    words[PRINTS < 0] = 0.0
    pieces = rng.normal(size=(201, 8)).astype(np.float32)
    pieces[0] = 0.0
    return lexicon_of(hash_table(0), PRINTS, words, pieces), words, pieces


def alike(found: Floats, wanted: Floats) -> float:
    return float((found * wanted).sum() / np.sqrt(np.square(found).sum() * np.square(wanted).sum()))


@pytest.mark.parametrize("larger", [0.3, 3.2, 9.0])
def test_both_are_given_back_nearly(larger: float) -> None:
    lexicon, words, pieces = made(larger)
    assert (lexicon.slots, lexicon.buckets, lexicon.width, lexicon.nothing) == (9, 200, 8, 200)
    assert alike(lexicon.word_vectors(), words) > 0.95  # the smaller ones have the coarser steps
    assert alike(lexicon.piece_vectors(), pieces) > 0.99
    assert not lexicon.word_vectors()[PRINTS < 0].any()
    assert not lexicon.piece_vectors()[0].any()


def test_in_each_row_stand_whether_it_is_a_word_and_what_it_weighs() -> None:
    lexicon, *_ = made()
    rows = unpacked(lexicon.codes)
    weight = int(rows[0, -1])
    assert 2 <= weight <= 4
    nothing, piece, word = [0, 0], [0, weight], [1, 1]
    slots = [word, word, nothing, word, word, nothing, nothing, word, word]
    assert rows[:, [lexicon.known, -1]].tolist() == [*([piece] * 200), nothing, *slots]


@pytest.mark.parametrize(("larger", "weight"), [(0.2, 1), (1.0, 1), (8.0, 8), (90.0, LARGEST)])
def test_pieces_are_stored_as_large_as_words(larger: float, weight: int) -> None:
    lexicon, *_ = made(larger)
    assert int(unpacked(lexicon.codes)[0, -1]) == pytest.approx(weight, abs=2)


def test_what_does_not_fit_is_refused() -> None:
    none = np.full(1, -1, dtype=np.int32)
    with pytest.raises(ValueError, match="buckets"):
        lexicon_of(
            hash_table(0), none, np.zeros((1, 2), np.float32), np.zeros((MOST + 2, 2), np.float32)
        )
    with pytest.raises(ValueError, match="two to a byte"):
        lexicon_of(hash_table(0), none, np.zeros((1, 3), np.float32), np.ones((5, 3), np.float32))
