"""What is remembered: a few numbers for each chat partner, and the times of past nudges.

Theory of operation
-------------------
`ConversationState` belongs to one sender in one conversation, `UserLedger` to the device's user.
Both are frozen: the engine takes one and returns the next. Neither holds text, names or
identifiers; message ids are kept as 64-bit hashes under a salt of the state's own, only to notice
a repeat. The bytes below are what a store seals; with the sealing (12-byte nonce, 16-byte tag) a
conversation stays under 512 bytes.

======  ========  =================================================================================
offset  size      ConversationState, version 1, little endian
======  ========  =================================================================================
0       1         version
1       8         model id: the first 8 bytes of the graph's SHA-256
9       2         n, number of floats of the graph's state (at most 64)
11      8         time of the newest message, seconds since the epoch, float64; NaN before any
19      4         messages seen, uint32
23      4         cues that the contact's messages have shown so far, bit set over `CUES`
27      1         flags: bit 0 = the newest message was in a language that the model does not read,
                  bit 1 = the contact was last said to be family or a friend
28      4 x 14    history for each risk kind, in the order of `RISKS`:
                  cues already nudged (uint32 bit set), nudges given (uint8), highest level given
                  (uint8), answers (uint8 bit set), recent nudges (uint8), time of last nudge
                  (uint32 seconds, 0 = never), day on which words last raised the risk (uint16,
                  days since the epoch, 0 = never)
84      8 x 16    ring of hashed message ids, 0 = empty
212     4 x n     graph state, float32
======  ========  =================================================================================

`UserLedger`: see `nudge_sdk._ledger`.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from nudge_sdk._keyed import keyed_hash
from nudge_sdk._ledger import LEDGER, UserLedger, whole_seconds
from nudge_sdk.errors import StateError
from nudge_sdk.values import RISKS, Answer, RiskKind

__all__ = [
    "LEDGER",
    "LEVELS",
    "RING",
    "ConversationState",
    "RiskHistory",
    "UserLedger",
    "id_hash",
    "whole_seconds",
]

VERSION: Final = 1
MODEL_ID_BYTES: Final = 8
MAX_GRAPH_STATE: Final = 64  # float32 values: DESIGN.md, section 3
RING: Final = 16  # message ids remembered for each sender
LEVELS: Final = ("", "gentle", "strong")

_HEAD: Final = struct.Struct("<B8sHdIIB")
_HISTORY: Final = struct.Struct("<IBBBBIH")
_FIELDS: Final = ("cues", "nudges", "level", "answers", "recent", "last", "raised")
_RING: Final = struct.Struct(f"<{RING}Q")
_RING_AT: Final = _HEAD.size + _HISTORY.size * len(RISKS)
_FIXED: Final = _RING_AT + _RING.size


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskHistory:
    """What was said to the user about one kind of risk in one conversation.

    Attributes:
        cues: bit set over `CUES` of the evidence already nudged.
        nudges: how many were given, saturating at 255.
        level: index into `LEVELS` of the highest level given.
        answers: bit 0 "this is fine", bit 1 "help".
        recent: nudges in the running week: starts anew when the last one is over a week old, so it
            never counts too few of any seven days.
        last: time of the last nudge, whole seconds since the epoch; 0 = never.
        raised: day on which the risk was last raised by words, whole days since the epoch, so that
            a draft can be looked at without any text of the past; 0 = never.
    """

    cues: int = 0
    nudges: int = 0
    level: int = 0
    answers: int = 0
    recent: int = 0
    last: int = 0
    raised: int = 0


FINE: Final = 1
HELP: Final = 2

_NO_HISTORY: Final = (RiskHistory(),) * len(RISKS)
_NO_HISTORY_BYTES: Final = bytes(_HISTORY.size * len(RISKS))


@dataclass(frozen=True, kw_only=True, slots=True)
class ConversationState:
    """State of one sender in one conversation; see the module for its layout.

    Attributes:
        model_id: 8 bytes that name the model that made ``graph``.
        graph: float32 ``(n,)``, the graph's own memory; treat it as read-only.
        newest: time of the newest message, seconds since the epoch; ``None`` before any.
        messages: messages seen.
        seen: bit set over `CUES` of what the contact's messages have shown so far.
        not_reading: the newest message was in a language that the model does not read.
        familiar: the contact was last said to be family or a friend (the table's ``draft``).
        history: one `RiskHistory` for each of `RISKS`.
        ring: hashed ids of the last messages, newest last; at most 16.
    """

    model_id: bytes
    graph: npt.NDArray[np.float32] = field(repr=False, compare=False)
    newest: float | None = field(default=None, repr=False)
    messages: int = 0
    seen: int = 0
    not_reading: bool = False
    familiar: bool = False
    history: tuple[RiskHistory, ...] = _NO_HISTORY
    ring: tuple[int, ...] = field(default=(), repr=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ConversationState) and self.to_bytes() == other.to_bytes()

    def __hash__(self) -> int:
        return hash(self.to_bytes())

    def to_bytes(self) -> bytes:
        """The layout of the module docstring."""
        newest = math.nan if self.newest is None else self.newest
        head = _HEAD.pack(
            VERSION,
            self.model_id,
            len(self.graph),
            newest,
            self.messages,
            self.seen,
            self.not_reading | self.familiar << 1,
        )
        history = _NO_HISTORY_BYTES
        if self.history is not _NO_HISTORY:
            history = b"".join(
                _HISTORY.pack(h.cues, h.nudges, h.level, h.answers, h.recent, h.last, h.raised)
                for h in self.history
            )
        ring = _RING.pack(*self.ring, *(0,) * (RING - len(self.ring)))
        return head + history + ring + self.graph.astype("<f4").tobytes()

    @classmethod
    def from_bytes(cls, raw: bytes) -> ConversationState:
        """Read the layout back.

        Raises:
            StateError: wrong size, unknown version, or a value that is not possible.
        """
        if len(raw) < _FIXED or raw[0] != VERSION:
            raise StateError("conversation state: unknown version or wrong size")
        _, model_id, n, newest, messages, seen, flags = _HEAD.unpack_from(raw)
        if n > MAX_GRAPH_STATE or len(raw) != _FIXED + 4 * n:
            raise StateError("conversation state: wrong size")
        graph = np.frombuffer(raw, dtype="<f4", offset=_FIXED).astype(np.float32, copy=False)
        if not math.isfinite(sum(graph.tolist())) or math.isinf(newest):
            raise StateError("conversation state: a number that is not finite")
        ring = _RING.unpack_from(raw, _RING_AT)
        return cls(
            model_id=model_id,
            graph=graph,
            newest=None if math.isnan(newest) else newest,
            messages=messages,
            seen=seen,
            not_reading=bool(flags & 1),
            familiar=bool(flags & 2),
            history=_read_histories(raw[_HEAD.size : _RING_AT]),
            ring=ring if ring[-1] else tuple(item for item in ring if item),
        )

    def of(self, risk: RiskKind) -> RiskHistory:
        """History of one kind of risk."""
        return self.history[RISKS.index(risk)]

    def heard(self, newest: float, familiar: bool, ring: tuple[int, ...]) -> ConversationState:
        """The same state after one more message, before the graph has read it."""
        return ConversationState(  # not `replace`, here and below: it costs as much as 3 of these
            model_id=self.model_id,
            graph=self.graph,
            newest=newest,
            messages=min(self.messages + 1, 2**32 - 1),
            seen=self.seen,
            not_reading=self.not_reading,
            familiar=familiar,
            history=self.history,
            ring=ring,
        )

    def read(
        self, graph: npt.NDArray[np.float32], seen: int, not_reading: bool
    ) -> ConversationState:
        """The same state after the graph has read that message: what it shows joins ``seen``."""
        return ConversationState(
            model_id=self.model_id,
            graph=graph,
            newest=self.newest,
            messages=self.messages,
            seen=self.seen | seen,
            not_reading=not_reading,
            familiar=self.familiar,
            history=self.history,
            ring=self.ring,
        )

    def with_answer(self, risk: RiskKind, answer: Answer) -> ConversationState:
        """The same state after the user's answer to a nudge of one kind."""
        old = self.of(risk)
        bit = FINE if answer == "fine" else HELP
        return self.with_history(risk, replace(old, answers=old.answers | bit))

    def with_history(self, risk: RiskKind, history: RiskHistory) -> ConversationState:
        """The same state with another history for one kind of risk."""
        at = RISKS.index(risk)
        return replace(self, history=(*self.history[:at], history, *self.history[at + 1 :]))


def _read_histories(raw: bytes) -> tuple[RiskHistory, ...]:
    if raw == _NO_HISTORY_BYTES:  # nearly every chat, for ever
        return _NO_HISTORY
    rows = list(_HISTORY.iter_unpack(raw))
    if any(row[2] >= len(LEVELS) for row in rows):
        raise StateError("conversation state: unknown level")
    return tuple(RiskHistory(**dict(zip(_FIELDS, row, strict=True))) for row in rows)


def id_hash(message_id: str, revision: int, salt: bytes) -> int:
    """Keyed 64-bit hash of a message's identity; never 0.

    ``salt``: at most 64 bytes, secret to the store, so that nobody outside can craft a collision
    that would hide a message (BLAKE2b in keyed mode, RFC 7693).
    """
    raw = message_id.encode("utf-8", "surrogatepass") + b"\0" + revision.to_bytes(4, "little")
    return int.from_bytes(keyed_hash(raw, salt, 8), "little") or 1
