"""The user's ledger: times of past nudges across all chats, and nothing else.

Its bytes, as a store seals them: a version, a count (uint8), and at most 32 times of nudges (uint32
seconds since the epoch), little endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from nudge_sdk.errors import StateError

VERSION: Final = 1
LEDGER: Final = 32  # nudge times remembered for the user
_MAX_TIME: Final = 2**32 - 1  # seconds since the epoch


@dataclass(frozen=True, kw_only=True, slots=True)
class UserLedger:
    """Times of past nudges across all chats, for the budget, and nothing else.

    Attributes:
        times: whole seconds since the epoch, oldest first; at most 32.
    """

    times: tuple[int, ...] = ()

    def near(self, now: float, span: float) -> int:
        """How many nudges were given within ``span`` seconds of ``now`` (since the epoch)."""
        return sum(abs(now - time) <= span for time in self.times)

    def with_nudge(self, now: float) -> UserLedger:
        """The ledger after one more nudge."""
        return UserLedger(times=(*self.times, whole_seconds(now))[-LEDGER:])

    def to_bytes(self) -> bytes:
        """Version, count, times."""
        count = len(self.times)
        return struct.pack(f"<BB{count}I", VERSION, count, *self.times)

    @classmethod
    def from_bytes(cls, raw: bytes) -> UserLedger:
        """Read it back.

        Raises:
            StateError: wrong size or unknown version.
        """
        if len(raw) < 2 or raw[0] != VERSION or raw[1] > LEDGER or len(raw) != 2 + 4 * raw[1]:
            raise StateError("user ledger: unknown version or wrong size")
        return cls(times=struct.unpack_from(f"<{raw[1]}I", raw, 2))


def whole_seconds(time: float) -> int:
    """A time as it is kept: whole seconds since the epoch, within 32 bits."""
    return int(min(max(time, 0.0), _MAX_TIME))
