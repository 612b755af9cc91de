"""Misspellings of single words, to train the pieces on: what a hurried or a sly writer does."""

from __future__ import annotations

import numpy as np

_NEAR = {
    "a": "qsz", "b": "vgn", "c": "xvd", "d": "sfe", "e": "wrd", "f": "dgr", "g": "fht", "h": "gjy",
    "i": "uok", "j": "hku", "k": "jli", "l": "kop", "m": "njk", "n": "bmh", "o": "ipl", "p": "ol",
    "q": "wa", "r": "etf", "s": "adw", "t": "ryg", "u": "yij", "v": "cbf", "w": "qes", "x": "zcs",
    "y": "tuh", "z": "xas",
}  # fmt: skip


def misspell(word: str, rng: np.random.Generator) -> str:
    """The word with one change; as it stands where it has fewer than four letters.

    A letter is dropped, doubled, swapped, hit beside or starred, or the vowels are left out.
    """
    if len(word) < 4:
        return word
    kind = int(rng.integers(6))
    at = int(rng.integers(1, len(word) - 1))
    if kind == 0:
        return word[:at] + word[at + 1 :]
    if kind == 1:
        return word[:at] + word[at] + word[at:]
    if kind == 2:
        return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]
    if kind == 3:
        near = _NEAR.get(word[at], "e")
        return word[:at] + near[int(rng.integers(len(near)))] + word[at + 1 :]
    if kind == 4:
        return word[0] + "".join(c for c in word[1:] if c not in "aeiou")
    return word[:at] + "*" + word[at + 1 :] if len(word) > 4 else word + word[-1]
