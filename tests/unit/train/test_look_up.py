"""The graph's half: every word is found in its own slot, strangers nowhere, disguises are seen
through (reference: onnx-graph, pitfalls 6 to 8)."""

from __future__ import annotations

import numpy as np
import pytest

from models.train.fold import fold, fold_tables
from models.train.lexicon import candidate_words
from models.train.words import grams_of
from tests.unit.train.little import (
    SEED,
    WIDTH,
    FrontEnd,
    Little,
    Read,
    lexicon_with,
    little,
    little_front_end,
)

CHARACTERS = list("abcdefghijklmnopqrstuvwxyz0123456789$@")


@pytest.fixture(scope="module")
def vocabulary() -> list[str]:
    return candidate_words((), 4_000)


@pytest.fixture(scope="module")
def large(vocabulary: list[str]) -> Little:
    return lexicon_with(vocabulary, 4_451)


@pytest.fixture(scope="module")
def front_end(large: Little) -> FrontEnd:
    return FrontEnd(large.lexicon)


def read(text: str) -> Read:
    """Words of a text in the lexicon of a few words."""
    return little_front_end().read([text])[0]


def rows(text: str) -> list[int]:
    return [int(row) for row in read(text).rows]


def rows_of(words: str) -> list[int]:
    """Rows of words, 0 for what is not in the lexicon."""
    placed = little().placed.row_of
    return [placed[word] + 1 if word in placed else 0 for word in words.split()]


def test_every_word_is_found_in_its_own_slot(
    vocabulary: list[str], large: Little, front_end: FrontEnd
) -> None:
    assert large.placed.lost == ()
    vectors = large.lexicon.word_vectors()
    for word, found in zip(vocabulary, front_end.read(vocabulary), strict=True):
        assert found.rows.tolist() == [large.row(word)], word
        assert np.array_equal(found.vectors[0], vectors[large.row(word)]), word


def test_every_word_is_found_in_the_middle_of_others(
    vocabulary: list[str], large: Little, front_end: FrontEnd
) -> None:
    found = front_end.read([f"zzqx {word}, zzqx" for word in vocabulary])
    for word, item in zip(vocabulary, found, strict=True):
        assert item.rows.tolist() == [0, large.row(word), 0], word


def test_no_stranger_is_found(vocabulary: list[str], front_end: FrontEnd) -> None:
    rng = np.random.default_rng(SEED)
    leet = fold_tables().leet
    known = {tuple(fold(word)) for word in vocabulary}
    strings = ["".join(rng.choice(CHARACTERS, size=rng.integers(2, 14))) for _ in range(12_000)]
    strangers = [
        text
        for text in strings
        if tuple(fold(text)) not in known and tuple(leet[c] for c in fold(text)) not in known
    ]
    assert len(strangers) > 11_000
    assert sum(int((item.rows > 0).sum()) for item in front_end.read(strangers)) == 0


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("c4n u k33p a s3cr3t", "can u keep a secret"),
        ("$ecret p@ss", "secret pass"),
        ("s e c r e t", "secret"),
        ("s.e.c.r.e.t", "secret"),
        ("s-3-c-r-3-t", "secret"),
        ("can you k e e p", "can you keep"),
        ("sooooooooo", "soo"),
        ("helllllo", "hello"),
        ("ѕecret оkay", "secret okay"),  # Cyrillic letters
        ("sec\u200bret", "secret"),
        ("SÉCRET", "secret"),
        ("don't", "dont"),
        ("secret?!!", "secret ? ! !"),
        ("hey😂you", "hey 😂 you"),
        ("\0secret\0", "secret"),
        ("£5", "£ 5"),
    ],
)
def test_disguises_are_seen_through(written: str, meant: str) -> None:
    assert rows(written) == rows_of(meant)
    one, two = read(written), read(meant)
    assert np.array_equal(one.vectors, two.vectors)


def test_digits_stay_digits_in_words_without_letters() -> None:
    assert rows("room 13") == rows_of("room 13")
    assert rows("7") == rows_of("7")
    assert little().row("see") not in rows("533")
    assert rows("533") == [0]
    assert rows("5ee") == rows_of("see")


def test_a_plain_word_comes_before_its_leet_reading() -> None:
    both = lexicon_with(["b4", "ba"], 7)
    found = FrontEnd(both.lexicon).read(["b4 ba"])[0]
    assert found.rows.tolist() == [both.row("b4"), both.row("ba")]


@pytest.mark.parametrize("text", ["i a", "i am a", "so i see", "a  i", "i, am", "see a, i"])
def test_short_words_are_not_joined(text: str) -> None:
    assert rows(text) == rows_of(text.replace(",", " "))


def test_spaced_out_letters_do_not_reach_over_a_whole_word() -> None:
    assert rows("h e y you s e e") == rows_of("hey you see")


@pytest.mark.parametrize(
    "word",
    [
        "qzx",
        "q",
        "grumblefish",
        "k1ttens",
        "$pl@t",
        "Блинчик",
        "strasse",
        "x" * 40,
        "abc" * 60,
        "49",
    ],
)
def test_pieces_are_those_of_the_offline_function(word: str) -> None:
    """Training fits the pieces with `grams_of`, the graph reads them with its own nodes."""
    lexicon = little().lexicon
    found = read(word)
    assert found.rows.tolist() == [0]
    leet = fold_tables().leet
    grams = grams_of([int(leet[c]) for c in fold(word)], lexicon.buckets)
    wanted = lexicon.piece_vectors()[grams].mean(axis=0)
    assert found.vectors.shape == (1, WIDTH)
    assert np.allclose(found.vectors[0], wanted, atol=1e-5)


@pytest.mark.parametrize("token", ["☂", "字"])
def test_an_unknown_token_parts_words_and_has_no_pieces(token: str) -> None:
    found = read(f"qzx{token}qzx")
    assert found.rows.tolist() == [0, 0, 0]
    assert not found.vectors[1].any()
    assert np.array_equal(found.vectors[0], found.vectors[2])


def test_known_words_have_nothing_of_their_pieces() -> None:
    assert np.array_equal(read("secret").vectors, read("qzx secret").vectors[1:])
