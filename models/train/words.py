"""Words in the graph: a hash of each word, three slots to look in, and pieces for the rest.

Theory
------
A word's hash is the sum of table[position, class] over its characters (tabulation hashing, Zobrist
1970), which a running sum computes for all words of a message at once. Each vocabulary word lies in
one of three slots given by its hash (cuckoo placement, Fotakis et al. 2005) beside a 31-bit
fingerprint, so a look-up is exact but for about one stranger in 10^8. What is not found is read
again with leet digits as letters, if it has a letter at all. What is still not found is read by its
pieces: the mean vector of its hashed 3- and 4-grams, boundaries included, which are trained to give
known words (and their misspellings) the vector of the word.

Position 0 is the word's first character. The offline functions here and the graph's front end must
agree; a test looks every vocabulary word up through the graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from models.train.fold import CLASSES, fold

POSITIONS: Final = 32  # characters with entries of their own; later ones share the last
FINGERPRINT: Final = 2**31 - 1  # a Mersenne prime
SHIFTS: Final = (1, 2**13, 2**26)  # what the hash is divided by before the modulus, for each slot
GRAM_FACTORS: Final = (40503, 30011)  # multipliers that spread 3- and 4-grams over the buckets


def hash_table(seed: int) -> npt.NDArray[np.int64]:
    """Random table: int64 ``(32 * 64,)`` in 0..2^40 - 1, at position * 64 + class."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2**40, POSITIONS * CLASSES, dtype=np.int64)


def word_hash(classes: Sequence[int], table: npt.NDArray[np.int64]) -> int:
    """Hash of one word: the same sum that the graph takes, for any length.

    Args:
        classes: of its characters, as `models.train.fold.fold` gives them.
        table: int64 ``(2048,)``, of `hash_table`.
    """
    return sum(int(table[min(i, POSITIONS - 1) * CLASSES + c]) for i, c in enumerate(classes))


def slots_of(hash_: int, slots: int) -> tuple[int, ...]:
    """The three slots where a hash may lie, each 0..slots-1; they may coincide."""
    return tuple((hash_ // shift) % slots for shift in SHIFTS)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the words lie.

    Attributes:
        row_of: slot of each placed word, 0..slots-1.
        fingerprints: int32 ``(slots + 1,)``, -1 where no word lies; slot s is at index s + 1, and
            index 0 is no slot.
        lost: words without a slot.
    """

    row_of: dict[str, int]
    fingerprints: npt.NDArray[np.int32]
    lost: tuple[str, ...]


def place(words: Sequence[str], slots: int, table: npt.NDArray[np.int64], seed: int) -> Placement:
    """Lay words into slots; earlier words (more frequent) are laid first.

    A word with the hash of an earlier one is lost and named, or with the fingerprint 0, which is
    that of no word at all. So is whichever word is left without a
    slot after 5,000 moves, which three slots a word make unlikely until 9 in 10 are taken.

    Args:
        words: distinct, in the order in which they are laid.
        slots: how many there are.
        table: int64 ``(2048,)``, of `hash_table`.
        seed: of the draws that decide which word moves on.
    """
    rng = np.random.default_rng(seed)
    owner: dict[int, tuple[str, int]] = {}
    lost: list[str] = []
    known: dict[int, str] = {}
    for word in words:
        hash_ = word_hash(fold(word), table)
        if hash_ in known or hash_ % FINGERPRINT == 0:
            lost.append(word)
            continue
        known[hash_] = word
        item = (word, hash_)
        for _ in range(5_000):
            options = slots_of(item[1], slots)
            free = [slot for slot in options if slot not in owner]
            if free:
                owner[free[0]] = item
                break
            slot = options[int(rng.integers(len(options)))]
            item, owner[slot] = owner[slot], item
        else:
            lost.append(item[0])
    fingerprints = np.full(slots + 1, -1, dtype=np.int32)
    row_of: dict[str, int] = {}
    for slot, (word, hash_) in owner.items():
        fingerprints[slot + 1] = hash_ % FINGERPRINT
        row_of[word] = slot
    return Placement(row_of, fingerprints, tuple(lost))


def grams_of(classes: Sequence[int], buckets: int) -> list[int]:
    """Buckets of a word's 3- and 4-grams, boundaries included.

    Args:
        classes: of its characters, leet digits and signs already read as letters.
        buckets: how many there are.

    Returns:
        1..buckets each (0 is the empty row); two for each character but the last, which has one.
    """
    padded = [0, *classes, 0]
    found: list[int] = []
    for i in range(len(classes)):
        a, b, c = padded[i : i + 3]
        tri = (a * CLASSES + b) * CLASSES + c
        found.append(tri * GRAM_FACTORS[0] % buckets + 1)
        if i + 3 < len(padded):
            quad = tri * CLASSES + padded[i + 3]
            found.append(quad * GRAM_FACTORS[1] % buckets + 1)
    return found
