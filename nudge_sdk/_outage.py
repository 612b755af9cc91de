"""Memory that stands in for a store while it fails, and how it is brought back; see `_steady`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from nudge_sdk.errors import StateError
from nudge_sdk.state import LEDGER, ConversationState, UserLedger
from nudge_sdk.store import MemoryStore, Slot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nudge_sdk.store import StateStore

LONGEST_WAIT: Final = 64  # messages between two tries


class Outage:
    """One outage of a store. Not for several threads at once.

    Args:
        store: the store that has failed.
        salt: for names of rows; of the memory's own making when the store has never told its own.
        copies: the last states that were seen in the store.
        ledger: the last ledger that was seen in it.
    """

    def __init__(
        self,
        store: StateStore,
        salt: bytes | None,
        copies: Mapping[Slot, ConversationState],
        ledger: UserLedger,
    ) -> None:
        self.memory = MemoryStore(salt=salt)
        self.release: int | None = None
        self._store = store
        self._copies = copies
        self._base: dict[Slot, ConversationState | None] = {}  # what the store holds, if known
        self._changed: dict[Slot, bool] = {}  # rows to write back, in order; and whether heard
        self._forget: list[bytes] = []
        self._wipe = False
        self._wait = self._left = 1
        self.memory.swap(self.memory.read([]), [], ledger)

    def due(self) -> bool:
        """Whether to try the store again with this message."""
        self._left -= 1
        if self._left >= 0:
            return False
        self._wait = self._left = min(2 * self._wait, LONGEST_WAIT)
        return True

    def fetch(self, slots: Sequence[Slot]) -> None:
        """See that memory holds what is known of some rows."""
        for where in slots:
            if where in self._base:
                continue
            state = None if self._gone(where.conversation) else self._last(where)
            self._base[where] = state
            if state is not None:
                before = self.memory.read([where])
                self.memory.swap(before, [state], before.ledger)

    def note(self, slots: Sequence[Slot], *, heard: bool) -> None:
        """Rows were changed in memory."""
        for where in slots:
            self._changed[where] = self._changed.pop(where, False) or heard

    def senders(self, conversation: bytes, most: int) -> tuple[Slot, ...]:
        """Who was heard: in memory first, then in the store, if it can still be read."""
        found = list(self.memory.senders(conversation, most))
        if not self._gone(conversation):
            try:
                found += self._store.senders(conversation, most)
            except StateError:
                found += [where for where in self._copies if where.conversation == conversation]
        return tuple(dict.fromkeys(found))[:most]

    def forget(self, conversation: bytes, *, later: bool) -> None:
        """Memory forgets; ``later``: so has the store to, at the end."""
        self.memory.forget(conversation)
        for where in [where for where in self._base if where.conversation == conversation]:
            del self._base[where]
            self._changed.pop(where, None)
        if later:
            self._forget.append(conversation)

    def wipe(self) -> None:
        """Memory forgets all; so has the store to, at the end."""
        self.memory.wipe()
        self._base.clear()
        self._changed.clear()
        self._wipe = True

    def write_back(self) -> None:
        """Bring the store up to memory. What is done is not done again when it fails half-way.

        Raises:
            StateError: the store still fails.
        """
        if self._wipe:
            self._store.wipe()
            self._wipe = False
        while self._forget:
            self._store.forget(self._forget[-1])
            self._forget.pop()
        if self.release is not None:
            self._store.accept_release(self.release)
        if self._store.salt != self.memory.salt:
            return  # nothing that memory holds has a name in the store
        while self._changed:
            where = next(iter(self._changed))
            self._write_row(where)
            del self._changed[where]
        self._write_ledger()

    def _write_row(self, where: Slot) -> None:
        mine = self.memory.read([where])
        (state,) = mine.states
        if state is None:
            return
        while True:
            theirs = self._store.read([where])
            if theirs.states[0] != self._base.get(where):
                return  # somebody else has moved forward
            joined = _joined(theirs.ledger, mine.ledger)
            if self._store.swap(theirs, [state], joined, heard=self._changed[where]):
                return

    def _write_ledger(self) -> None:
        mine = self.memory.read([]).ledger
        while True:
            theirs = self._store.read([])
            joined = _joined(theirs.ledger, mine)
            if joined == theirs.ledger or self._store.swap(theirs, [], joined):
                return

    def _gone(self, conversation: bytes) -> bool:
        return self._wipe or conversation in self._forget

    def _last(self, where: Slot) -> ConversationState | None:
        if where in self._copies:
            return self._copies[where]
        try:
            return self._store.read([where]).states[0]
        except StateError:
            return None


def _joined(one: UserLedger, other: UserLedger) -> UserLedger:
    """Every nudge of both once: two at the same second in one ledger are two."""
    times = (Counter(one.times) | Counter(other.times)).elements()
    return UserLedger(times=tuple(sorted(times)[-LEDGER:]))
