"""What counts as the same letter, and that the two-level table says what `class_of` says."""

from __future__ import annotations

import sys

import pytest

from models.train.fold import (
    CJK,
    CONFUSABLE,
    DIGITS,
    DROP,
    EMOJI,
    LAST,
    LEET,
    LETTERS,
    MONEY,
    OTHER_LETTER,
    SEPARATOR,
    SYMBOL,
    WORD_OF_EMOJI,
    class_of,
    fold,
    fold_tables,
)

BLOCK = 256  # code points


def looked_up(codepoint: int) -> int:
    """Class by the tables, as the graph finds it."""
    tables = fold_tables()
    return int(tables.classes[int(tables.blocks[codepoint // BLOCK]) * BLOCK + codepoint % BLOCK])


def test_the_tables_agree_with_the_rule_at_every_edge_of_a_block() -> None:
    for first in range(0, LAST + 1, BLOCK):
        for codepoint in (first, first + 1, first + BLOCK - 2, first + BLOCK - 1):
            assert looked_up(codepoint) == class_of(codepoint), hex(codepoint)


def test_the_tables_agree_with_the_rule_wherever_something_is_written() -> None:
    blocks = (
        0x00,
        0x01,
        0x03,
        0x04,
        0x0E,
        0x20,
        0x21,
        0x26,
        0x30,
        0xFF,
        0x1D4,
        0x1F3,
        0x1F4,
        0x1F9,
    )
    for block in blocks:
        for codepoint in range(block * BLOCK, block * BLOCK + BLOCK):
            assert looked_up(codepoint) == class_of(codepoint), hex(codepoint)


def test_the_tables_cover_unicode_and_stay_small() -> None:
    tables = fold_tables()
    assert sys.maxunicode == LAST
    assert tables.blocks.shape == ((LAST + 1) // BLOCK,)
    assert tables.classes.max() == DROP
    assert tables.classes.nbytes + tables.blocks.nbytes < 100_000
    assert (int(tables.blocks.max()) + 1) * BLOCK == len(tables.classes)


@pytest.mark.parametrize(
    "codepoint",
    [
        *(0, 1, 9, 10, 13, 32, 0x7F, 0x80, 0xA0, 0x2028),
        *(0xD800, 0xDBFF, 0xDC00, 0xDFFF),
        *(0xE000, 0xFFFF, 0x1FFFF, 0xF0000, 0x10FFFE, LAST),
    ],
)
def test_controls_spaces_surrogates_and_the_unassigned_part_words(codepoint: int) -> None:
    assert class_of(codepoint) == looked_up(codepoint) == SEPARATOR


@pytest.mark.parametrize("mark", list('.,;:-_/\\()[]{}<>"*#%&+=~^|…–—«»、。\u3000'))
def test_punctuation_parts_words(mark: str) -> None:
    assert fold(mark) == [SEPARATOR]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("SeCrEt", "secret"),
        ("sécrèt", "secret"),
        ("se\u0301cret", "secret"),
        ("Ｓｅｃｒｅｔ１３", "secret13"),  # full width
        ("𝐬𝑒𝓬𝖗𝔢𝕥", "secret"),  # mathematical
        ("ⓢⓔⓒⓡⓔⓣ", "secret"),
        ("ѕесrеt", "secret"),  # Cyrillic look-alikes
        ("ѕЕСRЕТ", "secret"),
        ("sεcrετ", "secret"),  # Greek
        ("ꜱᴇᴄʀᴇᴛ", "secret"),  # small capitals
        ("ﬁne", "fne"),  # one class a code point: a ligature gives its first letter
        ("se\u200bcr\u200det", "secret"),
        ("\ufeffsec\u00adret\u2060", "secret"),
        ("\u202esecret\u202c", "secret"),
        ("s\u0336e\u0336c\u0336r\u0336e\u0336t\u0336", "secret"),
        ("don't", "dont"),
        ("don\u2019t", "dont"),
        ("don`t", "dont"),
        ("١٣", "  "),  # digits of other scripts are no letters and no ASCII digits
        ("👍🏽", "👍"),
        ("❤\ufe0f", "❤"),
        ("soooooo", "soo"),
        ("zZzZz", "zz"),
        ("1111", "1111"),
        ("????", "????"),
        ("s\u200bo\u200bo\u200bo", "soo"),
        ("", ""),
    ],
)
def test_spellings_that_are_the_same(written: str, read: str) -> None:
    assert fold(written) == fold(read)


def test_letters_and_digits_have_their_classes() -> None:
    assert fold("az09") == [LETTERS[0], LETTERS[-1], DIGITS[0], DIGITS[-1]]
    assert fold("?!$@£€¥") == [37, 38, 40, 41, MONEY, MONEY, MONEY]
    assert fold("好ก한") == [CJK] * 3
    assert fold("жש") == [OTHER_LETTER] * 2
    assert fold("☂✈") == [SYMBOL] * 2


def test_every_confusable_is_read_as_its_latin_letter() -> None:
    for char, letter in CONFUSABLE.items():
        assert fold(char) == fold(letter), hex(ord(char))
        assert class_of(ord(char)) in (*LETTERS, *DIGITS)


def test_every_emoji_has_the_class_of_its_group() -> None:
    assert EMOJI.keys() == WORD_OF_EMOJI.keys()
    for i, group in enumerate(EMOJI.values()):
        assert {looked_up(ord(char)) for char in group} == {44 + i}
    assert len("".join(EMOJI.values())) == len(set("".join(EMOJI.values())))
    assert 44 + len(EMOJI) <= SYMBOL


def test_kinds_part_of_a_word_token_separator() -> None:
    kind = fold_tables().kind
    assert set(kind[[*LETTERS, *DIGITS, 40, 41, OTHER_LETTER]]) == {1}
    assert set(kind[[37, 38, MONEY, CJK, *range(44, SYMBOL + 1)]]) == {2}
    assert set(kind[[SEPARATOR, 60, 61, 62, DROP]]) == {0}


def test_leet_signs_stand_for_letters_and_the_rest_for_itself() -> None:
    leet = fold_tables().leet
    for sign, letter in LEET.items():
        assert [leet[c] for c in fold(sign)] == fold(letter)
    changed = {c for c in range(64) if leet[c] != c}
    assert changed == {fold(sign)[0] for sign in LEET}
