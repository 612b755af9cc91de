"""The offline half of the look-up: hashes, slots, pieces."""

from __future__ import annotations

import numpy as np
import pytest

from models.train.fold import CLASSES, fold
from models.train.lexicon import candidate_words
from models.train.words import (
    FINGERPRINT,
    POSITIONS,
    SHIFTS,
    grams_of,
    hash_table,
    place,
    slots_of,
    word_hash,
)

SEED = 11
TABLE = hash_table(SEED)


@pytest.fixture(scope="module")
def vocabulary() -> list[str]:
    return candidate_words((), 3_000)


def test_the_hash_table_is_drawn_by_its_seed() -> None:
    assert TABLE.shape == (POSITIONS * CLASSES,) and TABLE.dtype == np.int64
    assert TABLE.min() >= 0 and TABLE.max() < 2**40
    assert np.array_equal(TABLE, hash_table(SEED))
    assert not np.array_equal(TABLE, hash_table(SEED + 1))


def test_a_hash_is_the_sum_of_its_characters_entries() -> None:
    assert word_hash([], TABLE) == 0
    assert word_hash([3, 1], TABLE) == int(TABLE[3]) + int(TABLE[CLASSES + 1])
    assert word_hash([3, 1], TABLE) != word_hash([1, 3], TABLE)
    long = [5] * (POSITIONS + 2)
    shared = int(TABLE[(POSITIONS - 1) * CLASSES + 5])
    assert word_hash(long, TABLE) - word_hash(long[:POSITIONS], TABLE) == 2 * shared


def test_placement_loses_nothing_with_nine_slots_in_ten_taken(vocabulary: list[str]) -> None:
    slots = len(vocabulary) * 10 // 9
    placed = place(vocabulary, slots, TABLE, SEED)
    assert placed.lost == ()
    assert placed.row_of.keys() == set(vocabulary)
    assert len(set(placed.row_of.values())) == len(vocabulary)
    assert placed.fingerprints.shape == (slots + 1,) and placed.fingerprints.dtype == np.int32
    assert placed.fingerprints[0] == -1
    assert int((placed.fingerprints >= 0).sum()) == len(vocabulary)
    for word, slot in placed.row_of.items():
        hash_ = word_hash(fold(word), TABLE)
        assert slot in slots_of(hash_, slots)
        assert placed.fingerprints[slot + 1] == hash_ % FINGERPRINT


def test_placement_is_drawn_by_its_seed(vocabulary: list[str]) -> None:
    one, two, other = (place(vocabulary, 3_301, TABLE, seed) for seed in (1, 1, 2))
    assert one.row_of == two.row_of
    assert np.array_equal(one.fingerprints, two.fingerprints)
    assert one.row_of != other.row_of


def test_what_does_not_fit_and_what_is_there_already_is_named_lost() -> None:
    placed = place(["ab", "cd", "AB", "ef", "gh"], 3, TABLE, SEED)
    assert "AB" in placed.lost
    assert len(placed.lost) == 2
    assert len(placed.row_of) == 3
    assert placed.row_of.keys() | set(placed.lost) == {"ab", "cd", "AB", "ef", "gh"}


def test_slots_come_of_different_parts_of_the_hash() -> None:
    assert slots_of(5 + 7 * SHIFTS[1], 101) == ((5 + 7 * SHIFTS[1]) % 101, 7, 0)


def test_pieces_count_boundaries_once() -> None:
    assert grams_of([], 97) == []
    assert len(grams_of([1], 97)) == 1
    assert len(grams_of([1, 2, 3, 4], 97)) == 2 * 4 - 1
    assert set(grams_of(range(1, 27), 5)) <= {1, 2, 3, 4, 5}


def test_pieces_of_a_word_and_of_its_misspelling_overlap() -> None:
    one, two = (set(grams_of(fold(word), 24_001)) for word in ("secret", "secrit"))
    assert len(one & two) == 5  # _se _sec sec secr ecr
