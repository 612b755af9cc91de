"""Rewritings keep the label: each can be undone, or keeps the words that it leaves alone."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nudge_harness.errors import UsageError
from nudge_harness.formats import Conversation, Turn
from nudge_harness.generate.perturb import (
    _CYRILLIC,
    PERTURBATIONS,
    perturb,
    split_messages,
)

WORDS = st.lists(st.from_regex(r"[A-Za-z]{1,9}", fullmatch=True), max_size=12).map(" ".join)
SEEDS = st.integers(0, 2**32)


def rewritten(name: str, text: str, seed: int) -> str:
    return PERTURBATIONS[name](text, np.random.default_rng(seed))


@pytest.mark.parametrize("name", PERTURBATIONS)
@given(text=st.text(), seed=SEEDS)
def test_any_text_is_taken_and_the_seed_decides(name: str, text: str, seed: int) -> None:
    once = rewritten(name, text, seed)
    assert once == rewritten(name, text, seed)
    assert text or not once


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_each_changes_something_and_no_address(name: str) -> None:
    text = "please send your picture from the phone at home to example.com/secret"
    changed = rewritten(name, text, 1)
    assert changed != text and "example.com/secret" in changed


@given(text=WORDS, seed=SEEDS)
def test_invisible_and_wide_characters_can_be_undone(text: str, seed: int) -> None:
    assert (
        re.sub("[\u200b\u200c\u200d\u2060\ufeff]", "", rewritten("zero_width", text, seed)) == text
    )
    assert unicodedata.normalize("NFKC", rewritten("fullwidth", text, seed)) == text
    latin = str.maketrans({look: letter for letter, look in _CYRILLIC.items()})
    assert rewritten("homoglyphs", text, seed).translate(latin) == text


@given(text=WORDS, seed=SEEDS)
def test_letters_keep_their_order(text: str, seed: int) -> None:
    bare = text.replace(" ", "")
    assert rewritten("spaced_letters", text, seed).replace(" ", "") == bare
    once = re.sub(r"(.)\1+", r"\1", rewritten("repeated_letters", text, seed).replace(" ", ""))
    assert once == re.sub(r"(.)\1+", r"\1", bare)
    kept = iter(text)
    assert all(letter in kept for letter in rewritten("dropped_vowels", text, seed))
    kept_words = iter(rewritten("gibberish", text, seed).split(" "))
    assert all(word in kept_words for word in text.split(" "))


@given(text=WORDS, seed=SEEDS)
def test_word_counts_stay(text: str, seed: int) -> None:
    for name in ("leet", "typos", "emoji_for_words"):
        assert len(rewritten(name, text, seed).split(" ")) == len(text.split(" "))
    assert len(rewritten("leet", text, seed)) == len(text)


TURNS = st.lists(
    st.builds(
        lambda sender, text, t: Turn(sender=sender, text=text, t=float(t), cues=("secrecy",)),
        st.sampled_from(["contact", "user"]),
        WORDS,
        st.integers(0, 1_000),
    ),
    min_size=1,
    max_size=8,
).map(lambda turns: tuple(sorted(turns, key=lambda turn: turn.t)))


@given(turns=TURNS, seed=SEEDS, data=st.data())
def test_split_messages_keep_words_cues_times_and_marks(
    turns: tuple[Turn, ...], seed: int, data: Any
) -> None:
    onset = data.draw(st.integers(0, len(turns) - 1))
    harm = data.draw(st.integers(onset, len(turns) - 1))
    row = Conversation(id="x", messages=turns, onset=onset, harm=harm)
    got = split_messages(row, np.random.default_rng(seed), share=1.0)
    assert " ".join(turn.text for turn in got.messages) == " ".join(turn.text for turn in turns)
    assert [turn.t for turn in got.messages] == sorted(turn.t for turn in got.messages)
    assert sum(len(turn.cues) for turn in got.messages) == len(turns)
    assert got.onset is not None and got.harm is not None and got.onset <= got.harm
    assert turns[onset].text.startswith(got.messages[got.onset].text)
    assert turns[harm].text.endswith(got.messages[got.harm].text)
    assert got.messages[got.harm].cues == ("secrecy",)


def test_perturb_rewrites_the_contact_and_names_what_it_does_not_know() -> None:
    turns = tuple(Turn(sender=who, text="hello there", t=0.0) for who in ("contact", "user"))
    row = Conversation(id="x", messages=turns)
    got = perturb(row, "fullwidth", np.random.default_rng(3))
    assert got.messages[0].text != "hello there" and got.messages[1] == turns[1]
    assert perturb(row, "split_messages", np.random.default_rng(0)) == row
    with pytest.raises(UsageError, match="no such perturbation: rot13"):
        perturb(row, "rot13", np.random.default_rng(0))
