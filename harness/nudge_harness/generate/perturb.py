"""Label-preserving rewritings: the same message, written to slip past a filter or just badly.

Each is a function ``(text, Generator) -> text`` that a reader still understands; `split_messages`
works on a whole conversation. Studies measure what each costs in recall, and training can use them.
Addresses stay as they are. An empty text stays empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

import numpy as np

from nudge_harness.errors import UsageError
from nudge_harness.formats import Conversation, Turn
from nudge_harness.generate.dice import Dice
from nudge_harness.generate.personas import is_link, mistype

Perturbation: TypeAlias = Callable[[str, np.random.Generator], str]

_LEET: Final[Mapping[str, str]] = {
    "a": "4@", "b": "8", "e": "3", "g": "9", "i": "1!", "o": "0", "s": "5$", "t": "7",
}  # fmt: skip
# Unicode TS 39, confusables.txt: Cyrillic letters that look like Latin ones.
_CYRILLIC: Final[Mapping[str, str]] = {
    "a": "а", "c": "с", "e": "е", "i": "і", "j": "ј", "o": "о", "p": "р", "s": "ѕ", "x": "х",
    "y": "у", "A": "А", "B": "В", "C": "С", "E": "Е", "H": "Н", "K": "К", "M": "М", "O": "О",
    "P": "Р", "T": "Т", "X": "Х",
}  # fmt: skip
_ZERO_WIDTH: Final = "\u200b\u200c\u200d\u2060\ufeff"
_VOWELS: Final = frozenset("aeiouAEIOU")
_PICTURES: Final[Mapping[str, str]] = {
    "photo": "📸", "photos": "📸", "pic": "📸", "pics": "📸", "picture": "📸", "camera": "📷",
    "phone": "📱", "money": "💰", "cash": "💵", "car": "🚗", "house": "🏠", "home": "🏠",
    "school": "🏫", "secret": "🤫", "love": "❤️", "fire": "🔥", "gift": "🎁", "present": "🎁",
    "pizza": "🍕", "dog": "🐶", "cat": "🐱", "bus": "🚌", "train": "🚆", "game": "🎮",
    "video": "📹", "call": "📞", "eyes": "👀", "look": "👀", "bed": "🛏️", "sleep": "😴",
    "party": "🎉", "music": "🎵", "book": "📖", "sun": "☀️", "rain": "🌧️", "lock": "🔒",
    "delete": "🗑️", "one": "1️⃣", "two": "2️⃣", "three": "3️⃣", "four": "4️⃣", "heart": "❤️",
}  # fmt: skip
_LETTERS: Final = re.compile(r"[A-Za-z]+")


def _by_word(text: str, change: Callable[[str], str]) -> str:
    """Change each run of letters, addresses left alone; white space stays."""
    return "".join(
        token if is_link(token) else _LETTERS.sub(lambda found: change(found[0]), token)
        for token in re.split(r"(\s+)", text)
    )


def _by_letter(text: str, table: Mapping[str, str], share: float, rng: np.random.Generator) -> str:
    dice = Dice(rng)

    def change(word: str) -> str:
        return "".join(
            dice.pick(table[letter]) if letter in table and dice.chance(share) else letter
            for letter in word
        )

    return _by_word(text, change)


def leet(text: str, rng: np.random.Generator) -> str:
    """Letters become digits that look like them ("s3cr3t"), 60 in 100."""
    return _by_letter(text, {**_LEET, **{k.upper(): v for k, v in _LEET.items()}}, 0.6, rng)


def spaced_letters(text: str, rng: np.random.Generator) -> str:
    """Words of four letters and more are spelled out ("s e c r e t"), half of them."""
    dice = Dice(rng)
    return _by_word(
        text, lambda word: " ".join(word) if len(word) > 3 and dice.chance(0.5) else word
    )


def homoglyphs(text: str, rng: np.random.Generator) -> str:
    """Latin letters become Cyrillic ones that look the same, half of them."""
    return _by_letter(text, _CYRILLIC, 0.5, rng)


def fullwidth(text: str, rng: np.random.Generator) -> str:
    """Words in full-width letters (U+FF01..FF5E), 60 in 100; NFKC undoes it."""
    dice = Dice(rng)
    wide = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
    return _by_word(text, lambda word: word.translate(wide) if dice.chance(0.6) else word)


def zero_width(text: str, rng: np.random.Generator) -> str:
    """Invisible characters inside words, after 30 in 100 letters."""
    dice = Dice(rng)

    def change(word: str) -> str:
        inner = (x + dice.pick(_ZERO_WIDTH) if dice.chance(0.3) else x for x in word[:-1])
        return "".join(inner) + word[-1:]

    return _by_word(text, change)


def repeated_letters(text: str, rng: np.random.Generator) -> str:
    """Words drawn out ("seeecret"), 40 in 100, each by two to four letters."""
    dice = Dice(rng)

    def change(word: str) -> str:
        if not dice.chance(0.4):
            return word
        at = dice.below(len(word))
        return word[:at] + word[at] * dice.between(3, 5) + word[at + 1 :]

    return _by_word(text, change)


def dropped_vowels(text: str, rng: np.random.Generator) -> str:
    """Inner vowels left out ("scrt"), in half the words of four letters and more."""
    dice = Dice(rng)

    def change(word: str) -> str:
        if len(word) < 4 or not dice.chance(0.5):
            return word
        return word[0] + "".join(x for x in word[1:-1] if x not in _VOWELS) + word[-1]

    return _by_word(text, change)


def typos(text: str, rng: np.random.Generator) -> str:
    """One slip of the finger in 30 of 100 words."""
    dice = Dice(rng)
    return _by_word(
        text, lambda word: mistype(word, dice) if len(word) > 2 and dice.chance(0.3) else word
    )


def emoji_for_words(text: str, rng: np.random.Generator) -> str:
    """Words that have a picture become that picture, 80 in 100."""
    dice = Dice(rng)

    def change(word: str) -> str:
        picture = _PICTURES.get(word.lower())
        return picture if picture is not None and dice.chance(0.8) else word

    return _by_word(text, change)


def gibberish(text: str, rng: np.random.Generator) -> str:
    """Made-up words among the real ones; about a third of the result is made up."""
    dice = Dice(rng)
    words: list[str] = []
    for word in text.split(" ") if text else []:
        words.append(word)
        if dice.chance(0.5):
            words.append("".join(chr(97 + dice.below(26)) for _ in range(dice.between(2, 9))))
    return " ".join(words)


def split_messages(
    conversation: Conversation, rng: np.random.Generator, *, share: float = 0.5
) -> Conversation:
    """Messages of six words and more are sent in two or three pieces, ``share`` of them.

    The onset stays at the first piece of its message, the harm at the last one, where the ask is
    complete; the cues go with the last piece. A piece follows the one before by two seconds, and
    never comes after the next message.
    """
    dice = Dice(rng)
    messages: list[Turn] = []
    first: list[int] = []
    last: list[int] = []
    turns = conversation.messages
    for at, turn in enumerate(turns):
        words = turn.text.split(" ")
        count = 1 if len(words) < 6 or not dice.chance(share) else dice.between(2, 3)
        size = -(-len(words) // count)
        pieces = [" ".join(words[i : i + size]) for i in range(0, len(words), size)]
        end = turns[at + 1].t if at + 1 < len(turns) else float("inf")
        first.append(len(messages))
        last.append(len(messages) + len(pieces) - 1)
        for i, piece in enumerate(pieces):
            cues = turn.cues if i == len(pieces) - 1 else ()
            messages.append(replace(turn, text=piece, t=min(turn.t + 2.0 * i, end), cues=cues))
    return replace(
        conversation,
        messages=tuple(messages),
        onset=None if conversation.onset is None else first[conversation.onset],
        harm=None if conversation.harm is None else last[conversation.harm],
    )


PERTURBATIONS: Final[Mapping[str, Perturbation]] = {
    function.__name__: function
    for function in (
        leet,
        spaced_letters,
        homoglyphs,
        fullwidth,
        zero_width,
        repeated_letters,
        dropped_vowels,
        typos,
        emoji_for_words,
        gibberish,
    )
}


def perturb(
    conversation: Conversation,
    name: str,
    rng: np.random.Generator,
    *,
    senders: tuple[str, ...] = ("contact",),
) -> Conversation:
    """A conversation with one rewriting applied to every message of some senders.

    ``name``: one of `PERTURBATIONS`, or ``split_messages``, which takes both senders.

    Raises:
        UsageError: no such rewriting.
    """
    if name == "split_messages":
        return split_messages(conversation, rng)
    if name not in PERTURBATIONS:
        known = ", ".join((*PERTURBATIONS, "split_messages"))
        raise UsageError(f"no such perturbation: {name}; there are {known}")
    change = PERTURBATIONS[name]
    return replace(
        conversation,
        messages=tuple(
            replace(turn, text=change(turn.text, rng)) if turn.sender in senders else turn
            for turn in conversation.messages
        ),
    )
