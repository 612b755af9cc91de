"""The front end once more, one character at a time: what the graph's nodes have to agree with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.train.fold import LETTERS, SEPARATOR, fold, fold_tables
from models.train.tables import Lexicon
from models.train.words import FINGERPRINT, grams_of, slots_of, word_hash

WORD, TOKEN = 1, 2


def read(text: str, lexicon: Lexicon) -> list[tuple[int, npt.NDArray[np.float32]]]:
    """Row and vector float32 ``(width,)`` of each word."""
    return [_look_up(word, lexicon) for word in _cut(_joined(fold(text)))]


def _kind(classes: Sequence[int], at: int) -> int:
    """0 outside of the text."""
    return int(fold_tables().kind[classes[at]]) if 0 <= at < len(classes) else 0


def _joined(classes: Sequence[int]) -> list[int]:
    """Without the separators that part single characters: "h e y" but not "i a"."""

    def lone(at: int) -> bool:
        around = (_kind(classes, at - 1), _kind(classes, at + 1))
        return _kind(classes, at) == WORD and WORD not in around

    def joins(at: int) -> bool:
        between = classes[at] == SEPARATOR and lone(at - 1) and lone(at + 1)
        return between and (lone(at - 3) or lone(at + 3))

    return [c for at, c in enumerate(classes) if not joins(at)]


def _cut(classes: Sequence[int]) -> list[list[int]]:
    words: list[list[int]] = []
    inside = False
    for at, c in enumerate(classes):
        kind = _kind(classes, at)
        if kind == TOKEN or (kind == WORD and not inside):
            words.append([])
        if kind in (WORD, TOKEN):
            words[-1].append(c)
        inside = kind == WORD
    return words


def _row(classes: Sequence[int], lexicon: Lexicon) -> int:
    hash_ = word_hash(classes, lexicon.hash_table)
    rows = {slot + 1 for slot in slots_of(hash_, lexicon.slots)}
    hits = [row for row in rows if lexicon.fingerprints[row] == hash_ % FINGERPRINT]
    return max(hits, default=0)


def _look_up(word: Sequence[int], lexicon: Lexicon) -> tuple[int, npt.NDArray[np.float32]]:
    leet = [int(fold_tables().leet[c]) for c in word]
    row = _row(word, lexicon)
    if not row and any(c in LETTERS for c in word):
        row = _row(leet, lexicon)
    if row:
        vector = lexicon.word_vectors()[row]
    elif fold_tables().kind[word[0]] == TOKEN:
        vector = np.zeros(lexicon.width, dtype=np.float32)
    else:
        vector = lexicon.piece_vectors()[grams_of(leet, lexicon.buckets)].mean(axis=0)
    return row, vector
