"""Train and test share no wording, and the check that says so sees what it should see."""

from __future__ import annotations

from dataclasses import replace
from difflib import SequenceMatcher
from itertools import product
from pathlib import Path

import pytest
from nudge_harness.formats import conversation_from, write_conversations
from nudge_harness.generate.leaks import (
    RATIO,
    Ordinary,
    find_leaks,
    is_near,
    ordinary_in,
    words_of,
)
from nudge_harness.generate.scripts import Phrase
from nudge_harness.generate.split import Split, shipped

NOTHING = Ordinary()


def side(*texts: str, cues: tuple[str, ...] = ()) -> Split:
    """A side of these phrases."""
    phrases = tuple(
        Phrase(text=text, sender="contact", heading="ordinary", cues=cues, source="a.phrases")
        for text in texts
    )
    return Split(scripts=(), phrases=phrases, slots={}, banks={})


def rules(train: Split, test: Split, ordinary: Ordinary = NOTHING) -> list[str]:
    return sorted({leak.rule for leak in find_leaks(train, test, ordinary)})


def test_the_shipped_sides_share_no_wording() -> None:
    leaks = find_leaks(shipped("train"), shipped("test"))
    assert not leaks, "\n".join(str(leak) for leak in leaks[:20])


def test_five_words_of_a_risky_phrase_may_not_cross() -> None:
    train = side("well now dont tell your mum about it ok then", cues=("secrecy",))
    test = side("so anyway please DON'T tell your mum, about the cake or the candles")
    assert rules(train, test) == ["sequence"]
    assert rules(test, train) == ["sequence"]
    harmless = replace(train, phrases=tuple(replace(p, cues=()) for p in train.phrases))
    assert rules(harmless, test) == []


def test_a_protective_cue_is_no_risk() -> None:
    train = side("one two three four five six seven eight nine ten", cues=("safety_advice",))
    assert rules(train, side("a one two three four five b c d e f g h")) == []


def test_near_duplicates_are_found_and_unlike_ones_are_not() -> None:
    assert rules(side("do you want to come over"), side("do u want to come over")) == []
    assert rules(side("do you want to come over now"), side("do you want to come over")) == [
        "duplicate"
    ]
    assert rules(side("who is this"), side("who is this")) == []
    assert rules(side("who is this", cues=("threat",)), side("who is this")) == ["duplicate"]


def test_slots_count_as_one_word() -> None:
    assert words_of("Meet at {place}, it's {time}!") == ("meet", "at", "{}", "its", "{}")


@pytest.mark.parametrize("shift", range(4))
def test_blocking_misses_nothing_that_all_pairs_find(shift: int) -> None:
    words = list("abcdefghijkl")
    left = [" ".join(words[i : i + n]) for n in range(4, 10) for i in range(3)]
    right = [" ".join((*words[i : i + n], *words[:shift])) for n in range(4, 10) for i in range(3)]
    found = {leak.shared for leak in find_leaks(side(*left), side(*right))}
    expected = {
        f"{one} / {two}"
        for one, two in product(left, right)
        if is_near(words_of(one), words_of(two))
    }
    assert found == expected and expected


def test_near_means_difflibs_ratio_in_either_order() -> None:
    one, two = words_of("a b c d e f g"), words_of("a b c d e f g h")
    assert (
        SequenceMatcher(None, one, two).ratio() > RATIO and is_near(one, two) and is_near(two, one)
    )


def test_what_two_real_conversations_hold_is_ordinary(tmp_path: Path) -> None:
    text = "thank you very much for your help"
    rows = [
        conversation_from({"id": f"{i}", "messages": [{"from": "user", "text": text}]})
        for i in range(2)
    ]
    write_conversations(tmp_path / "one.jsonl", rows[:1])
    train, test = side(text, cues=("pressure",)), side(f"oh {text} and all that you did for us")
    assert rules(train, test, ordinary_in(tmp_path)) == ["sequence"]
    write_conversations(tmp_path / "two.jsonl.gz", rows[1:])
    assert rules(train, test, ordinary_in(tmp_path)) == []
