"""Where memory is kept between messages: the interface, and a store that lives in memory.

Theory of operation
-------------------
One row for each sender in each conversation, and one ledger for the user. A row is named by a
`Slot`: keyed hashes of the host's identifiers, so that no store ever holds one in clear.

The graph takes most of the time of a message, so no lock is held while it runs. Instead a change is
a **compare-and-swap**::

    before = store.read(slots)              # rows and ledger, as one consistent snapshot
    ...                                     # the engine works out the next states
    store.swap(before, states, ledger)      # True: all written. False: nothing written, read again

`swap` writes rows and ledger together, or nothing at all. It refuses when a row of the snapshot or
the ledger was written, forgotten or wiped since the snapshot was read, so that no update is lost
and no nudge is counted twice or not at all, whichever threads or processes write. Whoever was
refused starts again from `read`; somebody else has then moved forward, so this ends. The ledger
changes only with a nudge, which is rare: refusals are, too.

The sealed store on disk (`nudge_sdk.sealed`) compares inside one write transaction, and so needs
one commit for each message. What it cannot read or write it raises as `StateError`; a swap that has
returned ``True`` is durable. `nudge_sdk._steady` is what stands before it on the message path.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from nudge_sdk._keyed import keyed_hash
from nudge_sdk.errors import UsageError
from nudge_sdk.state import ConversationState, UserLedger

if TYPE_CHECKING:
    from collections.abc import Sequence

SALT_BYTES: Final = 32
_HASH_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Slot:
    """Name of a row: keyed 16-byte hashes of a conversation and of a sender in it."""

    conversation: bytes = field(repr=False)
    sender: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """Rows and the ledger as they were at one moment.

    Attributes:
        slots: which rows.
        states: their states, in the same order; ``None`` where there is none yet.
        revisions: the store's own, for `StateStore.swap`; opaque to all others.
    """

    slots: tuple[Slot, ...]
    states: tuple[ConversationState | None, ...]
    ledger: UserLedger
    revisions: tuple[int, ...] = field(repr=False)


class StateStore(Protocol):
    """What a store has to do; see the module.

    Every method may be called from any thread, and may raise `StateError`: it cannot be done now.
    """

    @property
    def salt(self) -> bytes:
        """32 secret bytes of this store, for hashing identifiers; the same for its whole life."""

    def read(self, slots: Sequence[Slot]) -> Snapshot:
        """Rows and the ledger, consistent with each other."""

    def swap(
        self,
        before: Snapshot,
        states: Sequence[ConversationState],
        ledger: UserLedger,
        *,
        heard: bool = False,
    ) -> bool:
        """Write one state for each slot of ``before`` and the ledger, all or nothing.

        Args:
            before: the snapshot that the new values were worked out from.
            states: in the order of its slots.
            ledger: the user's ledger.
            heard: a message of these senders arrived: they become the most recently heard.

        Returns:
            Whether it was written; ``False`` when anything in ``before`` is no longer current.
        """

    def senders(self, conversation: bytes, most: int) -> tuple[Slot, ...]:
        """Who has been heard in a conversation (`Slot.conversation`), most recent first."""

    def forget(self, conversation: bytes) -> None:
        """Delete all rows of one conversation. The ledger holds times only and stays."""

    def wipe(self) -> None:
        """Delete all rows and the ledger. What `accepted_release` gives stays."""

    @property
    def accepted_release(self) -> int | None:
        """Highest release number of a bundle that this device has accepted."""

    def accept_release(self, release: int) -> None:
        """Remember that a bundle was accepted; a lower number than before changes nothing."""


def slot(salt: bytes, conversation_id: str, sender_id: str) -> Slot:
    """Name of a row. The sender's hash depends on the conversation: chats cannot be linked."""
    conversation = _keyed(salt, b"conversation", conversation_id.encode("utf-8", "surrogatepass"))
    sender = sender_id.encode("utf-8", "surrogatepass")
    return Slot(conversation, _keyed(salt, b"sender", conversation + sender))


def _keyed(salt: bytes, purpose: bytes, value: bytes) -> bytes:
    return keyed_hash(value, salt, _HASH_BYTES, purpose)


@dataclass(frozen=True, slots=True)
class _Row:
    state: ConversationState
    revision: int
    heard: int  # 0: never


def _checked(salt: object) -> bytes:
    if not isinstance(salt, bytes) or len(salt) != SALT_BYTES:
        raise UsageError(f"salt must be {SALT_BYTES} bytes")
    return salt


def _revisions(ledger: int, rows: Sequence[_Row | None]) -> tuple[int, ...]:
    return (ledger, *[0 if row is None else row.revision for row in rows])


class MemoryStore:
    """A store that lives as long as the process, about 1 KB for each sender.

    States are kept as they are, for they are frozen. That a sealed store, which keeps their bytes,
    gives back the same ones is a law of its own (``tests/property/sdk/test_state_laws.py``).

    Args:
        salt: 32 secret bytes; fresh random ones when left out.

    Raises:
        UsageError: the salt is not 32 bytes.
    """

    def __init__(self, *, salt: bytes | None = None) -> None:
        self._salt = os.urandom(SALT_BYTES) if salt is None else _checked(salt)
        self._lock = threading.Lock()
        self._rows: dict[bytes, dict[bytes, _Row]] = {}
        self._ledger = UserLedger()
        self._ledger_revision = 0
        self._count = 0  # rises with every change, so that no revision is ever used twice
        self._release: int | None = None

    @property
    def salt(self) -> bytes:
        """See `StateStore`."""
        return self._salt

    def read(self, slots: Sequence[Slot]) -> Snapshot:
        """See `StateStore`."""
        with self._lock:
            rows = [self._row(name) for name in slots]
            ledger, revision = self._ledger, self._ledger_revision
        return Snapshot(
            slots=tuple(slots),
            states=tuple([None if row is None else row.state for row in rows]),
            ledger=ledger,
            revisions=_revisions(revision, rows),
        )

    def swap(
        self,
        before: Snapshot,
        states: Sequence[ConversationState],
        ledger: UserLedger,
        *,
        heard: bool = False,
    ) -> bool:
        """See `StateStore`."""
        with self._lock:
            rows = [self._row(name) for name in before.slots]
            if _revisions(self._ledger_revision, rows) != before.revisions:
                return False
            self._count += 1
            for name, old, state in zip(before.slots, rows, states, strict=True):
                when = self._count if heard else old.heard if old else 0
                chat = self._rows.setdefault(name.conversation, {})
                chat[name.sender] = _Row(state, self._count, when)
            if ledger is not self._ledger and ledger != self._ledger:
                self._ledger, self._ledger_revision = ledger, self._count
        return True

    def senders(self, conversation: bytes, most: int) -> tuple[Slot, ...]:
        """See `StateStore`."""
        with self._lock:
            chat = self._rows.get(conversation, {})
            heard = [(row.heard, sender) for sender, row in chat.items() if row.heard]
        return tuple(Slot(conversation, sender) for _, sender in sorted(heard, reverse=True)[:most])

    def forget(self, conversation: bytes) -> None:
        """See `StateStore`."""
        with self._lock:
            self._rows.pop(conversation, None)

    def wipe(self) -> None:
        """See `StateStore`."""
        with self._lock:
            self._rows.clear()
            self._ledger = UserLedger()
            self._count += 1
            self._ledger_revision = self._count

    @property
    def accepted_release(self) -> int | None:
        """See `StateStore`."""
        return self._release

    def accept_release(self, release: int) -> None:
        """See `StateStore`."""
        with self._lock:
            self._release = max(release, self._release or release)

    def _row(self, name: Slot) -> _Row | None:
        chat = self._rows.get(name.conversation)
        return None if chat is None else chat.get(name.sender)
