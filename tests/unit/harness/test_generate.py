"""Rendering: what a script becomes, with its marks, its known and unknown facts, its styles."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from nudge_harness.cli import main
from nudge_harness.errors import ScriptError, UsageError
from nudge_harness.formats import conversation_from, conversation_to
from nudge_harness.generate import Options, generate, load_slots, load_split, read_split, render
from nudge_harness.generate.dice import Dice
from nudge_harness.generate.personas import PLAIN, Style, apply_style, draw_style
from nudge_harness.generate.split import SPLITS, Split, SplitName
from nudge_harness.generate.timing import times

SCRIPT = """
== risky_one
label: grooming
contact: online_friend, known 3-9 days, age 14
user: 12
where: the park | the pier
--
c: see you at {where}, {where} i said
u?: maybe
c?: bring the {pet}
~ 2h
!onset
c: @secrecy
u: ok
!harm
c<image>: look [image_request]
== benign_one
label: benign
contact: unknown
--
c: hello {name} | hi {name}
u: hey
"""
BANK = """
[secrecy]
keep this between us [isolation]
[ordinary]
nice weather today
what a goal that was
[user ordinary]
homework is done
cant find my shoes
"""
BARE = Options(optional=0, padded=0, field_missing=0, contact_missing=0, styled=False)


@pytest.fixture
def side(tmp_path: Path) -> Split:
    """A small side of its own."""
    (tmp_path / "a.script").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "a.phrases").write_text(BANK, encoding="utf-8")
    (tmp_path / "slots.txt").write_text("name: ann | bo\npet: cat\n", encoding="utf-8")
    return read_split(tmp_path)


def drawn(side: Split, options: Options, seed: int = 0) -> list[str]:
    row = render(
        side.scripts[0], np.random.default_rng(seed), split=side, name="x", options=options
    )
    return [turn.text for turn in row.messages]


def test_marks_and_cues_stand_right_after_optional_turns_are_dropped(side: Split) -> None:
    for seed in range(30):
        for share in (0.0, 0.5, 1.0):
            options = Options(optional=share, padded=0.5, lengths=(5, 9))
            rng = np.random.default_rng(seed)
            row = render(side.scripts[0], rng, split=side, name="x", options=options)
            assert row.onset is not None and row.harm is not None
            assert row.messages[row.onset].cues == ("secrecy", "isolation")
            assert row.messages[row.harm].cues == ("image_request",)
            assert row.messages[row.harm].kind == "image"


def test_optional_turns_and_slots(side: Split) -> None:
    assert len(drawn(side, BARE)) == 4
    full = Options(optional=1, padded=0, styled=False)
    assert len(drawn(side, full)) == 6 and "bring the cat" in drawn(side, full)
    firsts = {drawn(side, BARE, seed)[0] for seed in range(20)}
    assert firsts == {
        "see you at the park, the park i said",
        "see you at the pier, the pier i said",
    }


def test_facts_come_from_the_header_and_go_missing_at_random(side: Split) -> None:
    row = render(side.scripts[0], np.random.default_rng(0), split=side, name="x", options=BARE)
    assert row.user_age == 12 and row.label == "grooming" and row.family == "risky_one"
    assert row.contact.relationship == "online_friend" and row.contact.claimed_age == 14
    assert row.contact.days_known is not None and 3 <= row.contact.days_known <= 9
    none = render(
        side.scripts[0],
        np.random.default_rng(0),
        split=side,
        name="x",
        options=Options(field_missing=1, contact_missing=0),
    )
    assert none.contact.relationship is None and none.user_age is None
    assert "contact" not in conversation_to(none)


def test_small_talk_stands_before_the_onset_and_carries_no_risk(side: Split) -> None:
    options = Options(optional=0, padded=1, lengths=(6, 6.01), styled=False)
    talk = {phrase.text for phrase in side.phrases if phrase.heading == "ordinary"}
    for seed in range(20):
        row = render(
            side.scripts[0], np.random.default_rng(seed), split=side, name="x", options=options
        )
        assert row.onset is not None and len(row.messages) == 6
        assert not any(turn.text in talk for turn in row.messages[row.onset :])


def test_a_silence_shows_in_the_times(side: Split) -> None:
    row = render(side.scripts[0], np.random.default_rng(0), split=side, name="x", options=BARE)
    assert row.messages[0].t == 0
    assert row.messages[1].t - row.messages[0].t > 0.7 * 7_200


def test_times_never_decrease_and_double_texts_are_quick() -> None:
    rng = np.random.default_rng(0)
    same, other = [], []
    for _ in range(200):
        a, b, c = times([("contact", 0), ("contact", 0), ("user", 0)], Dice(rng))
        assert 0 == a <= b <= c
        same.append(b - a)
        other.append(c - b)
    assert np.median(same) < np.median(other)


def test_a_stream_depends_on_seed_side_and_index_alone(side: Split) -> None:
    whole = list(generate("train", 5, n=40, material=side))
    assert list(generate("train", 5, n=10, start=30, material=side)) == whole[30:]
    assert list(islice(generate("train", 5, material=side), 40)) == whole
    assert list(generate("train", 6, n=40, material=side)) != whole
    texts = [turn.text for row in generate("test", 5, n=40, material=side) for turn in row.messages]
    assert texts != [turn.text for row in whole for turn in row.messages]


def test_a_written_conversation_is_valid_and_the_same_when_read(side: Split) -> None:
    for row in generate("train", 1, n=50, material=side):
        assert conversation_from(conversation_to(row)) == row


def test_labels_and_families_are_drawn_evenly() -> None:
    rows = list(generate("train", 0, n=8_000, benign_share=0.7))
    labels = Counter(row.label for row in rows)
    assert abs(labels["benign"] - 5_600) <= 10
    scripts, _ = load_split("train")
    families = Counter(script.label for script in scripts)
    expected = 5_600 / families["benign"]
    counts = Counter(row.family for row in rows if row.label == "benign")
    assert max(counts.values()) <= 2 * expected + 2
    assert len(counts) >= 0.9 * families["benign"]


@pytest.mark.parametrize("split", SPLITS)
def test_length_says_nothing_about_the_label(split: SplitName) -> None:
    """A length-only baseline stays near a coin toss (area under the ROC curve)."""
    rows = list(generate(split, 3, n=3_000))
    benign = np.sort([len(row.messages) for row in rows if row.label == "benign"])
    risky = np.array([len(row.messages) for row in rows if row.label != "benign"])
    below = np.searchsorted(benign, risky, "left") + np.searchsorted(benign, risky, "right")
    area = float(below.mean() / (2 * len(benign)))
    assert 0.4 <= area <= 0.6


@pytest.mark.parametrize("split", SPLITS)
def test_shared_slots_are_there_and_wide(split: SplitName) -> None:
    slots = load_slots(split)
    assert set(slots) >= {
        "game", "app", "name", "food", "school_subject", "pet", "sport", "show", "day", "time",
    }  # fmt: skip
    assert all(len(values) >= 25 for values in slots.values())


def test_names_differ_between_the_sides() -> None:
    assert not set(load_slots("train")["name"]) & set(load_slots("test")["name"])


def test_style_does_not_depend_on_anything_but_the_dice() -> None:
    styles = [draw_style(Dice(np.random.default_rng(seed))) for seed in range(2_000)]
    assert 0.4 < sum(style is PLAIN for style in styles) / 2_000 < 0.5


def test_styles_leave_addresses_and_empty_texts_alone() -> None:
    loud = Style(lower=True, bare=True, shorten=1, typo=1, stretch=1, emoji=1, trailer=1)
    dice = Dice(np.random.default_rng(0))
    assert "example.com/raid" in apply_style(loud, "Look: example.com/raid", dice)
    assert apply_style(loud, "", dice) == ""
    assert apply_style(PLAIN, "As It Is!", dice) == "As It Is!"
    assert apply_style(Style(shorten=1), "You", dice).lower() in ("u", "ya")


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("== a\nlabel: benign\ncontact: friend\n--\nc: hi {planet}", "unknown slot planet"),
        ("== a\nlabel: benign\ncontact: friend\n--\nc: @threat", "the bank threat is empty"),
    ],
)
def test_material_that_cannot_be_drawn_is_named(tmp_path: Path, script: str, says: str) -> None:
    (tmp_path / "a.script").write_text(script, encoding="utf-8")
    (tmp_path / "slots.txt").write_text("name: ann\n", encoding="utf-8")
    with pytest.raises(ScriptError, match=says):
        read_split(tmp_path)


def test_arguments_out_of_range_are_named(side: Split) -> None:
    with pytest.raises(UsageError, match="at least 0"):
        generate("train", -1, material=side)
    with pytest.raises(UsageError, match="benign_share"):
        generate("train", 0, benign_share=2, material=side)


def test_the_datasheet_counts_what_is_there(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.md"
    assert main(["generate", "-n", "40", "--datasheet", str(sheet)]) == 0
    text = sheet.read_text("utf-8")
    benign = sum(chat.label == "benign" for chat in generate("test", 0, n=40))
    assert f"| benign | {benign} |" in text
    for part in ("Motivation", "Composition", "Collection", "Uses", "Distribution"):
        assert f"## {part}" in text
    assert "0 phrases or 5-word" in text
