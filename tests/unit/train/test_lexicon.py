"""Which words are known, how their vectors are reduced, and what a misspelling is."""

from __future__ import annotations

import numpy as np
import pytest

from models.train.fold import DIGITS, EMOJI, LETTERS, WORD_OF_EMOJI, fold
from models.train.lexicon import candidate_words, reduce, spoken
from models.train.perturb_words import misspell
from models.train.words import POSITIONS

EXTRA = ["zebra", "Zebra", "zébra", "don't", "k33p", "two words", "", "123456", "…", "ab" * 16]


@pytest.fixture(scope="module")
def words() -> list[str]:
    return candidate_words(EXTRA, 2_000)


def test_no_two_words_read_alike(words: list[str]) -> None:
    assert len(words) == 2_000
    assert len({tuple(fold(word)) for word in words}) == 2_000


def test_the_order_is_tokens_numbers_the_banks_then_english(words: list[str]) -> None:
    groups = len(EMOJI)
    assert words[:3] == ["?", "!", "£"]
    assert words[3 : 3 + groups] == [group[0] for group in EMOJI.values()]
    assert words[3 + groups : 124 + groups] == [str(i) for i in range(121)]
    assert words[124 + groups : 127 + groups] == ["zebra", "don't", "k33p"]
    assert words[127 + groups : 129 + groups] == ["the", "to"]


def test_every_word_is_one_word_to_the_graph(words: list[str]) -> None:
    for word in words[3 + len(EMOJI) :]:
        classes = fold(word)
        assert all(c in LETTERS or c in DIGITS for c in classes), word
        assert 0 < len(classes) < POSITIONS, word


def test_no_number_above_a_hundred_and_twenty_is_a_word(words: list[str]) -> None:
    numbers = {word for word in words if word.isdigit()}
    assert numbers == {str(i) for i in range(121)}


def test_the_teacher_reads_an_emoji_by_its_meaning() -> None:
    assert spoken("secret") == "secret"
    for name, group in EMOJI.items():
        assert {spoken(char) for char in group} == {WORD_OF_EMOJI[name]}


def test_reduced_vectors_keep_what_tells_words_apart() -> None:
    rng = np.random.default_rng(2)
    hidden = rng.normal(size=(300, 4)).astype(np.float32)
    vectors = hidden @ rng.normal(size=(4, 50)).astype(np.float32) + 3.0
    made = reduce(vectors, 4)
    assert made.shape == (300, 4) and made.dtype == np.float32
    assert np.square(made).mean() == pytest.approx(1.0, rel=1e-4)
    assert np.abs(made.mean(axis=0)).max() < 1e-3
    spread = made.std(axis=0)
    assert (np.diff(spread) < 0).all()  # main axes first


@pytest.mark.parametrize("word", ["", "a", "hey"])
def test_short_words_are_not_misspelt(word: str) -> None:
    assert misspell(word, np.random.default_rng(0)) == word


def test_a_misspelling_is_one_small_change_drawn_by_the_generator() -> None:
    one, two = (
        [misspell("secretly", np.random.default_rng(seed)) for seed in range(60)] for _ in range(2)
    )
    assert one == two
    assert len(set(one)) > 15
    for made in one:
        assert made[0] == "s" or made.startswith("es")
        assert len("scrtly") <= len(made) <= len("secretly") + 1
