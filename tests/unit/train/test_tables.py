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


def test_in_each_row_stand_its_factor_and_whether_it_is_a_word() -> None:
    lexicon, *_ = made()
    known, factor = unpacked(lexicon.codes)[:, [lexicon.known, -1]].T.astype(int)
    taken = PRINTS[1:] >= 0
    assert not known[:201].any()
    assert (factor[:200] == factor[0]).all() and factor[0] > 1 and factor[200] == 0
    assert ((factor[201:] > 0) == taken).all()
    assert np.array_equal(known[201:], factor[201:])


@pytest.mark.parametrize("larger", [0.01, 0.3, 1.0, 3.2, 9.0, 200.0])
def test_factors_even_out_what_differs_in_size(larger: float) -> None:
    lexicon, *_ = made(larger)
    factor = unpacked(lexicon.codes)[:, -1].astype(int)
    words = factor[201:][factor[201:] > 0]
    assert words.min() >= 1 and words.max() <= LARGEST
    if 0.5 < larger < 10.0:
        assert factor[0] / np.median(words) == pytest.approx(larger, rel=0.5)


def test_a_word_of_unusual_size_is_kept_as_well_as_others() -> None:
    rng = np.random.default_rng(4)
    sizes = np.repeat([0.5, 1.0, 2.0], 300)[:, None].astype(np.float32)
    words = np.concatenate([np.zeros((1, 8)), sizes * rng.normal(size=(900, 8))])
    prints = np.concatenate([[-1], np.arange(900)]).astype(np.int32)
    pieces = np.concatenate([np.zeros((1, 8)), rng.normal(size=(50, 8))])
    words, pieces = words.astype(np.float32), pieces.astype(np.float32)
    found = lexicon_of(hash_table(0), prints, words, pieces).word_vectors()
    for start in (1, 301, 601):
        part = slice(start, start + 300)
        lost = np.square(found[part] - words[part]).sum() / np.square(words[part]).sum()
        assert lost < 0.0125  # normal numbers of one size lose about that with even levels


def test_what_does_not_fit_is_refused() -> None:
    none = np.full(1, -1, dtype=np.int32)
    with pytest.raises(ValueError, match="buckets"):
        lexicon_of(
            hash_table(0), none, np.zeros((1, 2), np.float32), np.zeros((MOST + 2, 2), np.float32)
        )
    with pytest.raises(ValueError, match="slots"):
        lexicon_of(
            hash_table(0), none, np.zeros((2**17, 2), np.float32), np.zeros((2, 2), np.float32)
        )
    with pytest.raises(ValueError, match="two to a byte"):
        lexicon_of(hash_table(0), none, np.zeros((1, 3), np.float32), np.ones((5, 3), np.float32))
