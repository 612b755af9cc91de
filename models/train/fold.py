"""Folding: every Unicode code point to one of 64 character classes, as two small tables.

Theory
------
The graph has no tokenizer and no normaliser, only table look-ups, so all that "the same letter" can
mean is decided here, once: case, accents, full-width and mathematical letters (by NFKD), look-alike
letters of Cyrillic, Greek and the phonetic blocks (`CONFUSABLE`, after Unicode TR39), marks and
zero-width characters that are dropped, emoji in groups of like meaning. Apostrophes are dropped
too: young people leave them out, so ``dont`` and ``don't`` have to be one word.

=======  ========================================================================================
class    what
=======  ========================================================================================
0        separator: space, control characters, NUL, surrogates, most punctuation
1-26     letters a to z
27-36    digits 0 to 9
37, 38   ``?`` and ``!``, tokens by themselves
39       pound, euro, yen and the like, a token by itself
40, 41   ``$`` and ``@``: part of a word, read as s and a where that makes a word
42       a single CJK, kana, hangul or Thai character, a token by itself
43       a letter of any other script; a run of them is a word
44-59    emoji by group (`EMOJI`), each a token by itself
60-62    reserved
63       dropped: zero-width characters, marks, variation selectors, skin tones, apostrophes
=======  ========================================================================================

Two levels keep the tables small: code point / 256 gives a block number, most blocks are alike.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

CLASSES: Final = 64
SEPARATOR, DROP, CJK, OTHER_LETTER, SYMBOL = 0, 63, 42, 43, 59
LETTERS: Final = range(1, 27)
DIGITS: Final = range(27, 37)
MONEY: Final = 39
LAST: Final = 0x10FFFF

CONFUSABLE: Final = dict(
    zip(
        "абвгеёзикмнорстухьіјѕԁһԛԝґєүӏҡɡɑαβεηικνορτυχωγδℓıɪʏʀɴᴀʙᴄᴅᴇꜰɢʜᴊᴋʟᴍᴏᴘꜱᴛᴜᴠᴡᴢ",
        "abbree3nkmhopctyxbijsdhqwreylkgaabenikvoptuxwydliiyrnabcdefghjklmopstuvwz",
        strict=True,
    )
)
"""Letters drawn like a Latin one, after Unicode Technical Report 39 (single-letter part)."""

EMOJI: Final[dict[str, str]] = {
    "love": "❤♥💕💖💗💘💓💞💛💙💜🖤🧡💚🤍😍😘🥰😚😗😙💋😻🫶",
    "laugh": "😂🤣😆😹💀☠",
    "smile": "😊🙂😄😀😃😁☺😇🤗😺🙃🥳",
    "wink": "😉😏😜😝😛🤪",
    "sad": "😢😭😞😔☹🙁😥😓💔🥺😿",
    "angry": "😡😠🤬👿😤🔪🔫💣",
    "hush": "🤫🤐🙊🤭🔒🔐",
    "money": "💰💵🤑💸💷💶💳🪙💎",
    "gift": "🎁🎉🎂🎊🏆🍬🍭",
    "camera": "📷📸🤳🎥📹🖼",
    "phone": "📱☎📞💬📲✉📧",
    "place": "🏠🏡📍🚗🚘🏨🛏🚪",
    "adult": "🔞🍑🍆💦👅😈🍒",
    "hot": "🔥🥵🌶",
    "yes": "👍🙏👌👏💪🤝✅🙌",
}
"""Emoji that stand for a word of the cues; every other emoji or symbol is class 59."""

WORD_OF_EMOJI: Final = {
    "love": "love",
    "laugh": "haha",
    "smile": "happy",
    "wink": "cheeky",
    "sad": "sad",
    "angry": "angry",
    "hush": "secret",
    "money": "money",
    "gift": "gift",
    "camera": "photo",
    "phone": "phone",
    "place": "home",
    "adult": "adult",
    "hot": "hot",
    "yes": "okay",
}

LEET: Final = dict(zip("0134578$@", "oieastbsa", strict=True))
"""Digits and signs that stand for a letter inside a word."""


@dataclass(frozen=True, slots=True)
class FoldTables:
    """What the graph looks up.

    Attributes:
        blocks: int32 ``(4352,)``, block number of code point // 256.
        classes: uint8 ``(n_blocks * 256,)``, class 0..63 of a code point at block * 256 + low byte.
        kind: int32 ``(64,)``, 0 separator, 1 part of a word, 2 a token, by class.
        leet: int32 ``(64,)``, class under which a class is read inside a word.
    """

    blocks: npt.NDArray[np.int32]
    classes: npt.NDArray[np.uint8]
    kind: npt.NDArray[np.int32]
    leet: npt.NDArray[np.int32]


@cache
def _emoji_class() -> dict[str, int]:
    return {char: 44 + i for i, group in enumerate(EMOJI.values()) for char in group}


def _ascii_class(char: str) -> int | None:
    if "a" <= char <= "z":
        return 1 + ord(char) - ord("a")
    if "0" <= char <= "9":
        return 27 + ord(char) - ord("0")
    return {"?": 37, "!": 38, "$": 40, "@": 41, "'": DROP, "`": DROP}.get(char)


def class_of(codepoint: int) -> int:
    """Class 0..63 of one code point, 0..0x10FFFF."""
    char = chr(codepoint)
    emoji = _emoji_class().get(char)
    if emoji is not None:
        return emoji
    if char in "\u2018\u2019\u02bc\u00b4\u2032" or codepoint in (0x200B, 0x2060, 0xFEFF, 0x00AD):
        return DROP
    category = unicodedata.category(char)
    if category in ("Cn", "Co", "Cs"):  # unassigned, private, surrogates: three in four of all
        return SEPARATOR
    if category in ("Mn", "Me", "Cf") or 0x1F3FB <= codepoint <= 0x1F3FF:
        return DROP
    base = unicodedata.normalize("NFKD", char).lower()
    base = "".join(c for c in base if unicodedata.category(c) != "Mn")[:1] or " "
    base = CONFUSABLE.get(base, base)
    found = _ascii_class(base)
    if found is not None:
        return found
    return _class_by_category(char, base)


def _class_by_category(char: str, base: str) -> int:
    codepoint = ord(char)
    category = unicodedata.category(base)
    if category == "Sc":
        return MONEY
    if (
        0x2E80 <= codepoint <= 0x9FFF
        or 0xAC00 <= codepoint <= 0xD7AF
        or 0xF900 <= codepoint <= 0xFAFF
        or 0x20000 <= codepoint <= 0x3FFFF
        or 0x0E00 <= codepoint <= 0x0E7F
        or 0x1100 <= codepoint <= 0x11FF
    ) and category.startswith("L"):
        return CJK
    if category.startswith("L") or category == "Mc":
        return OTHER_LETTER
    if category == "So":
        return SYMBOL
    return SEPARATOR


@cache
def fold_tables() -> FoldTables:
    """Tables for the graph, about 60 KB; made once, so do not write into them."""
    blocks: list[int] = []
    distinct: dict[bytes, int] = {}
    for block in range((LAST + 1) // 256):
        row = bytes(class_of(block * 256 + i) for i in range(256))
        blocks.append(distinct.setdefault(row, len(distinct)))
    kind = np.zeros(CLASSES, dtype=np.int32)
    kind[[*LETTERS, *DIGITS, 40, 41, OTHER_LETTER]] = 1
    kind[[37, 38, MONEY, CJK, *range(44, 60)]] = 2
    leet = np.arange(CLASSES, dtype=np.int32)
    for sign, letter in LEET.items():
        source = _ascii_class(sign)
        target = _ascii_class(letter)
        if source is not None and target is not None:
            leet[source] = target
    classes = np.frombuffer(b"".join(distinct), dtype=np.uint8)
    return FoldTables(np.asarray(blocks, dtype=np.int32), classes, kind, leet)


def fold(text: str) -> list[int]:
    """Classes of a text as the graph sees them before words are cut, each 0..62.

    Dropped characters are gone, and letters that repeat more than twice are shortened to two.
    """
    tables = fold_tables()
    kept: list[int] = []
    for char in text:
        codepoint = ord(char)
        row = int(tables.blocks[codepoint >> 8])
        found = int(tables.classes[row * 256 + (codepoint & 255)])
        if found == DROP:
            continue
        if found in LETTERS and kept[-2:] == [found, found]:
            continue
        kept.append(found)
    return kept
