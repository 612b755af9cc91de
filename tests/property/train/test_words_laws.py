"""Laws of the offline functions, for any words."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.train.fold import DROP, LETTERS, fold
from models.train.perturb_words import misspell
from models.train.words import (
    FINGERPRINT,
    GRAM_FACTORS,
    grams_of,
    hash_table,
    place,
    slots_of,
    word_hash,
)

TABLE = hash_table(3)
ANYTHING = st.text(alphabet=st.characters(exclude_categories=()))
LETTER_WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=20)
CLASS_LISTS = st.lists(st.integers(1, 62), max_size=40)


@given(ANYTHING, ANYTHING)
def test_folding_keeps_no_dropped_class_and_no_three_letters_alike(one: str, two: str) -> None:
    classes = fold(one + two)
    assert DROP not in classes
    assert all(0 <= c < DROP for c in classes)
    for first, second, third in zip(classes, classes[1:], classes[2:], strict=False):
        assert not (first == second == third and first in LETTERS)


@given(ANYTHING)
def test_case_and_zero_width_characters_change_nothing(text: str) -> None:
    assert fold("\u200b".join(text)) == fold(text)
    ascii_only = "".join(c for c in text if c.isascii())
    assert fold(ascii_only.upper()) == fold(ascii_only.lower()) == fold(ascii_only)


@given(
    st.lists(LETTER_WORDS, unique_by=lambda word: tuple(fold(word)), max_size=40), st.integers(0)
)
def test_every_placed_word_lies_where_its_hash_says(words: list[str], seed: int) -> None:
    slots = max(2 * len(words), 1)
    placed = place(words, slots, TABLE, seed)
    assert placed.row_of.keys() | set(placed.lost) == set(words)
    assert not placed.row_of.keys() & set(placed.lost)
    for word, slot in placed.row_of.items():
        hash_ = word_hash(fold(word), TABLE)
        assert slot in slots_of(hash_, slots)
        assert placed.fingerprints[slot + 1] == hash_ % FINGERPRINT


@given(CLASS_LISTS, st.integers(1, 30_000))
def test_pieces_stay_in_their_buckets_and_in_int64(classes: list[int], buckets: int) -> None:
    grams = grams_of(classes, buckets)
    assert len(grams) == max(2 * len(classes) - 1, 0)
    assert all(1 <= gram <= buckets for gram in grams)
    assert 64**4 * max(GRAM_FACTORS) < 2**63


@given(LETTER_WORDS, st.integers(0, 2**32 - 1))
def test_a_misspelling_is_near(word: str, seed: int) -> None:
    made = misspell(word, np.random.default_rng(seed))
    assert 1 <= len(made) <= len(word) + 1
    if len(word) < 4:
        assert made == word
