"""Values out of a fuzzer's bytes, without the fuzzer: the corpus also runs where there is none.

Every method takes what it needs from the front and answers with something even when nothing is
left, so that each input is a test and small changes of it are small changes of the test.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_LAST = 0x10FFFF


class Taken:
    """A cursor over one input."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 0

    def __bool__(self) -> bool:
        """Whether anything is left."""
        return self._at < len(self._raw)

    def take(self, most: int) -> bytes:
        """Up to ``most`` bytes."""
        found = self._raw[self._at : self._at + most]
        self._at += len(found)
        return found

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(len(self._raw))

    def whole(self, size: int = 1) -> int:
        """An unsigned number of up to ``size`` bytes; 0 when nothing is left."""
        return int.from_bytes(self.take(size), "little")

    def number(self) -> float:
        """A float64 of any bits: NaN, infinities and subnormal numbers included."""
        found: float = struct.unpack("<d", self.take(8).ljust(8, b"\0"))[0]
        return found

    def one_of(self, choices: Sequence[T]) -> T:
        """One of some."""
        return choices[self.whole() % len(choices)]

    def text(self, most: int = 255) -> str:
        """Up to ``most`` code points, any of them: surrogates, NUL and unassigned ones too.

        The first byte says how they are written: one, two or three bytes each, so that the fuzzer
        can find words by changing bytes, and every code point by adding some.
        """
        head = self.whole()
        width, count = 1 + head % 3, self.whole() % (most + 1)
        raw = self.take(width * count)
        cut = (raw[at : at + width] for at in range(0, len(raw), width))
        return "".join(chr(int.from_bytes(piece, "big") % (_LAST + 1)) for piece in cut)
