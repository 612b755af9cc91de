"""How one speaker writes: case, punctuation, text-speak, typos, emoji, spelling.

A style is drawn for each speaker of each chat, independently of the label, so that odd spelling is
never a sign of risk, nor good spelling a sign of innocence. Nearly half write as the script says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from nudge_harness.generate.dice import Dice

# fmt: off
_SHORT: Final[Mapping[str, tuple[str, ...]]] = {
    "you": ("u", "ya"), "your": ("ur",), "you're": ("ur", "youre"), "are": ("r",),
    "please": ("pls", "plz"), "because": ("cos", "bc", "cuz"), "tomorrow": ("tmrw", "2moro"),
    "tonight": ("2nite", "tonite"), "people": ("ppl",), "about": ("abt",), "before": ("b4",),
    "great": ("gr8",), "later": ("l8r",), "what": ("wat", "wot"), "with": ("w", "wiv"),
    "thanks": ("thx", "ty"), "though": ("tho",), "okay": ("ok", "k"),
    "probably": ("prob", "prolly"), "something": ("smth", "sumthin"), "someone": ("sum1",),
    "anyone": ("any1",), "going": ("goin",), "nothing": ("nothin",), "and": ("n", "&"),
    "for": ("4",), "really": ("rly",), "message": ("msg",), "picture": ("pic",),
    "minutes": ("mins",), "birthday": ("bday",), "favourite": ("fav",), "want": ("wanna",),
    "right": ("rite",), "know": ("kno",), "that": ("dat",), "the": ("da",), "through": ("thru",),
    "everyone": ("every1",), "yes": ("ya", "yh"),
}
_BRITISH: Final[Mapping[str, str]] = {
    "mom": "mum", "color": "colour", "favorite": "favourite", "soccer": "football",
    "math": "maths", "center": "centre", "realize": "realise",
    "neighbor": "neighbour", "apartment": "flat", "movie": "film", "vacation": "holiday",
    "gray": "grey", "honor": "honour",
}
_AMERICAN: Final[Mapping[str, str]] = {
    "mum": "mom", "mums": "moms", "mum's": "mom's", "colour": "color", "favourite": "favorite",
    "maths": "math", "centre": "center", "realise": "realize", "neighbour": "neighbor",
    "flat": "apartment", "film": "movie", "grey": "gray", "crisps": "chips",
    "trainers": "sneakers",
}
_MISHEARD: Final[Mapping[str, str]] = {
    "your": "you're", "you're": "your", "there": "their", "their": "there", "to": "too",
    "its": "it's", "were": "where", "then": "than", "hear": "here", "wait": "weight", "by": "buy",
}
_EMOJI: Final = (
    "😂", "😊", "😭", "🙈", "👍", "🔥", "😅", "❤️", "🤔", "😎", "✨", "🙃", "💀", "🥺", "🎉", "😴",
)
_TRAILERS: Final = (
    "lol", "haha", "x", "xx", "tbh", "lmao", "ngl", "tho", "hehe", "mate", "xo", "...",
)
_NEAR: Final[Mapping[str, str]] = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj",
    "i": "uo", "j": "hk", "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o",
    "q": "wa", "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb", "w": "qe", "x": "zc",
    "y": "tu", "z": "x",
}  # neighbours on a QWERTY keyboard
# fmt: on
_PUNCTUATION: Final = str.maketrans("", "", ".,;:!'’\"")
_WORD: Final = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Style:
    """One speaker's habits. Shares are probabilities for each word or each message."""

    lower: bool = False
    bare: bool = False
    shorten: float = 0.0
    typo: float = 0.0
    stretch: float = 0.0
    emoji: float = 0.0
    trailer: float = 0.0
    shout: float = 0.0
    misheard: float = 0.0
    spelling: Mapping[str, str] | None = None


PLAIN: Final = Style()


def draw_style(dice: Dice) -> Style:
    """A speaker's style; `PLAIN` for about 45 in 100."""
    if dice.chance(0.45):
        return PLAIN
    voice = dice.chance(0.08)  # dictated: no punctuation, misheard words, no abbreviations
    return Style(
        lower=voice or dice.chance(0.5),
        bare=voice or dice.chance(0.4),
        shorten=0.0 if voice or dice.chance(0.5) else dice.spread(0.1, 0.9),
        typo=0.0 if voice or dice.chance(0.6) else dice.spread(0.01, 0.08),
        stretch=0.0 if dice.chance(0.7) else dice.spread(0.05, 0.25),
        emoji=0.0 if dice.chance(0.6) else dice.spread(0.05, 0.4),
        trailer=0.0 if dice.chance(0.6) else dice.spread(0.05, 0.3),
        shout=0.0 if dice.chance(0.93) else dice.spread(0.02, 0.3),
        misheard=0.3 if voice else 0.0,
        spelling=_BRITISH if dice.chance(0.15) else _AMERICAN if dice.chance(0.2) else None,
    )


def apply_style(style: Style, text: str, dice: Dice) -> str:
    """The text as this speaker would write it; the same words, an empty text stays empty."""
    if style is PLAIN or not text:
        return text
    text = " ".join(_token(style, token, dice) for token in text.split(" "))
    if style.stretch and dice.chance(style.stretch):
        text = stretch(text, dice)
    if style.trailer and dice.chance(style.trailer):
        text = f"{text} {dice.pick(_TRAILERS)}"
    if style.emoji and dice.chance(style.emoji):
        text = f"{text} {dice.pick(_EMOJI) * dice.between(1, 3)}"
    if style.shout and dice.chance(style.shout):
        return text.upper()
    return text.lower() if style.lower else text


def _token(style: Style, token: str, dice: Dice) -> str:
    if is_link(token):
        return token
    found = _WORD.search(token)
    if found is not None:
        word = found[0]
        changed = _word(style, word, dice)
        if changed != word:
            token = token[: found.start()] + changed + token[found.end() :]
    return token.translate(_PUNCTUATION) if style.bare else token


def _word(style: Style, word: str, dice: Dice) -> str:
    low = word.lower()
    changed = low
    if style.spelling is not None:
        changed = style.spelling.get(changed, changed)
    if style.misheard and changed in _MISHEARD and dice.chance(style.misheard):
        changed = _MISHEARD[changed]
    if style.shorten and changed in _SHORT and dice.chance(style.shorten):
        changed = dice.pick(_SHORT[changed])
    if style.typo and len(changed) > 3 and dice.chance(style.typo):
        changed = mistype(changed, dice)
    if changed == low:
        return word
    return changed[:1].upper() + changed[1:] if word[:1].isupper() else changed


def is_link(token: str) -> bool:
    """Whether a word is an address, which no style may change."""
    return "/" in token or "@" in token or ".com" in token


def mistype(word: str, dice: Dice) -> str:
    """One slip of the finger: swapped, missing, doubled or neighbouring key; the first stays."""
    if len(word) < 2:
        return word
    at = dice.between(1, len(word) - 1)
    slip = dice.below(4)
    if slip == 0 and at + 1 < len(word):
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if slip == 1:
        return word[:at] + word[at + 1 :]
    if slip == 2:
        return word[:at] + word[at] + word[at:]
    near = _NEAR.get(word[at].lower())
    return word if near is None else word[:at] + dice.pick(near) + word[at + 1 :]


def stretch(text: str, dice: Dice) -> str:
    """One word's last letter repeated ("sooo"); a text with a link stays as it is."""
    words = [found for found in _WORD.finditer(text) if len(found[0]) > 1]
    if not words or is_link(text):
        return text
    end = dice.pick(words).end()
    return text[:end] + text[end - 1] * dice.between(2, 5) + text[end:]
