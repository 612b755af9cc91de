"""What is inside a seal: a row, the ledger and the header, as bytes of a fixed size.

The size of a sealed value stands in clear. So the ledger is filled up to its greatest size, and
tells nothing about how many nudges there were; the size of a row depends on the model only.

======  ====================================================================================
value   layout, little endian
======  ====================================================================================
row     time of the last write (uint32 seconds since the epoch), order in which the sender was
        heard last (uint64, 0 = never), `ConversationState` (212 + 4 n bytes, n <= 64)
ledger  `UserLedger`, filled with zeros to 130 bytes
header  salt for hashing identifiers (32 bytes), highest accepted release of a bundle (int64,
        -1 = none), what is remembered of the clock (3 float64, NaN = ``None``), id of the key
        before this one (16 bytes, zeros = none)
======  ====================================================================================

With the greatest model a sealed row has 12 + 468 + 28 = 508 bytes; the promise is 512.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field
from typing import Final

from nudge_sdk.errors import StateError, StoreDamagedError
from nudge_sdk.sealed.record import KEY_ID_BYTES, SEAL_BYTES
from nudge_sdk.sealed.retention import Watch
from nudge_sdk.state import LEDGER, ConversationState, UserLedger
from nudge_sdk.store import SALT_BYTES

_ROW: Final = struct.Struct("<IQ")
_HEADER: Final = struct.Struct(f"<{SALT_BYTES}sqddd{KEY_ID_BYTES}s")
_LEDGER_BYTES: Final = 2 + 4 * LEDGER
_MOST_HEARD: Final = 2**64 - 1
MOST_RELEASE: Final = 2**63 - 1
NO_KEY: Final = bytes(KEY_ID_BYTES)


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One sender in one conversation.

    Attributes:
        written: whole seconds since the epoch, by the host's clock.
        heard: the higher, the later within its conversation; 0 = never heard.
        state: `ConversationState.to_bytes`.
    """

    written: int = field(repr=False)
    heard: int = field(repr=False)
    state: bytes = field(repr=False)

    def to_bytes(self) -> bytes:
        """The layout of the module docstring."""
        return _ROW.pack(self.written, min(self.heard, _MOST_HEARD)) + self.state

    @classmethod
    def from_bytes(cls, raw: bytes) -> Row:
        """Read it back; the state is read by `conversation`.

        Raises:
            StoreDamagedError: too short.
        """
        if len(raw) < _ROW.size:
            raise StoreDamagedError("store: a row is too short")
        written, heard = _ROW.unpack_from(raw)
        return cls(written=written, heard=heard, state=raw[_ROW.size :])

    def conversation(self) -> ConversationState:
        """The state in it.

        Raises:
            StateError: as `ConversationState.from_bytes`.
        """
        return ConversationState.from_bytes(self.state)


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """What the store keeps of itself.

    Attributes:
        salt: 32 secret bytes for hashing identifiers.
        release: highest release number of an accepted bundle; ``None`` before any.
        watch: what is remembered of the host's clock, for retention.
        old: id of the key before this one, 16 bytes, while it may not be destroyed yet.
    """

    salt: bytes = field(repr=False)
    release: int | None = None
    watch: Watch = field(default_factory=Watch, repr=False)
    old: bytes = field(default=NO_KEY, repr=False)

    def to_bytes(self) -> bytes:
        """The layout of the module docstring."""
        release = -1 if self.release is None else self.release
        watch = (self.watch.swept, self.watch.high, self.watch.behind)
        times = (math.nan if time is None else time for time in watch)
        return _HEADER.pack(self.salt, release, *times, self.old)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Header:
        """Read it back.

        Raises:
            StoreDamagedError: of another size.
        """
        if len(raw) != _HEADER.size:
            raise StoreDamagedError("store: a header of the wrong size")
        salt, release, *watch, old = _HEADER.unpack(raw)
        swept, high, behind = (None if math.isnan(x) else x for x in watch)
        return cls(
            salt=salt,
            release=None if release < 0 else release,
            watch=Watch(swept=swept, high=high, behind=behind),
            old=old,
        )


def ledger_to_bytes(ledger: UserLedger) -> bytes:
    """A ledger, filled up to 130 bytes."""
    return ledger.to_bytes().ljust(_LEDGER_BYTES, b"\0")


def ledger_from_bytes(raw: bytes) -> UserLedger:
    """Read it back.

    Raises:
        StoreDamagedError: not such a ledger.
    """
    if len(raw) != _LEDGER_BYTES or raw[1] > LEDGER:
        raise StoreDamagedError("store: a ledger of the wrong size")
    try:
        return UserLedger.from_bytes(raw[: 2 + 4 * raw[1]])
    except StateError as error:
        raise StoreDamagedError("store: a ledger that cannot be read") from error


def sealed_size(state: ConversationState) -> int:
    """Bytes that a conversation's state takes when it is sealed in a row."""
    return _ROW.size + len(state.to_bytes()) + SEAL_BYTES
