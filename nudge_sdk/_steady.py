"""A store that may fail, and a client that goes on: memory in this process stands in for it.

Theory of operation
-------------------
A message that arrives has to be answered, whatever the disk does. `SteadyStore` stands between the
client and a store and hands everything through, and keeps copies of the last rows it saw (at most
256 senders, some 1 KB each, in memory only). When the store fails, an **outage** begins:

===============  ===============================================================================
during it        what happens
===============  ===============================================================================
`read`           from memory: the copy; else the store's, if it can still be read; else nothing
`swap`           into memory; the message that met the failure is read once more, from memory
`senders`        those heard in memory, then the store's, if it can still be read
`forget, wipe`   memory forgets; `StateError` if the store has not, which is done at the end
the host         gets one `StoreWarning`; nothing is raised on the message path
===============  ===============================================================================

The store is **tried again** after 1 more message, then 2, 4, and so on, then with every 64th: by
count, for no clock is trusted here, and seldom, for each try may wait for a lock. Once it works the
outage is over: what memory holds is written back, row by row, and the next failure is a new outage.
A row that somebody else has changed meanwhile, or whose write was done although it was reported as
failed, stays as it stands in the store. Times of nudges are joined, so the budget holds. Each row
that is written back stands for at least one message without a commit.

A process that ends during an outage loses what it read since. A store that could not be opened at
all has no salt to name rows by, so what was kept until it opens is dropped then.
"""

from __future__ import annotations

import threading
import warnings
from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from nudge_sdk._outage import Outage
from nudge_sdk.errors import StateError, StoreWarning
from nudge_sdk.state import ConversationState, UserLedger

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nudge_sdk.store import Slot, Snapshot, StateStore

MOST: Final = 256  # copies of rows


class SteadyStore:
    """A `StateStore` whose message path never fails; see the module.

    Args:
        store: the one that may fail.
    """

    def __init__(self, store: StateStore) -> None:
        self._store = store
        self._lock = threading.RLock()
        self._copies: OrderedDict[Slot, ConversationState] = OrderedDict()
        self._ledger = UserLedger()
        self._release: int | None = None
        self._outage: Outage | None = None
        self._turn = 0  # another one with each beginning and end of an outage
        self._unsaid: str | None = None

    def __repr__(self) -> str:
        return f"<SteadyStore over {self._store!r}>"

    @property
    def salt(self) -> bytes:
        """See `StateStore`; the memory's own while the store has never been opened."""
        with self._saying():
            if self._outage is None:
                try:
                    return self._store.salt
                except StateError as error:
                    self._begin(error)
            return self._began().memory.salt

    def read(self, slots: Sequence[Slot]) -> Snapshot:
        """See `StateStore`; never fails."""
        with self._saying():
            if self._outage is not None and self._outage.due():
                self._try_again()
            if self._outage is None:
                try:
                    return self._marked(self._copied(self._store.read(slots)))
                except StateError as error:
                    self._begin(error)
            outage = self._began()
            outage.fetch(slots)
            return self._marked(outage.memory.read(slots))

    def swap(
        self,
        before: Snapshot,
        states: Sequence[ConversationState],
        ledger: UserLedger,
        *,
        heard: bool = False,
    ) -> bool:
        """See `StateStore`; never fails."""
        with self._saying():
            turn, *revisions = before.revisions
            if turn != self._turn:
                return False  # the store has failed or come back since: read again
            before = replace(before, revisions=tuple(revisions))
            if self._outage is not None:
                self._outage.note(before.slots, heard=heard)
                return self._outage.memory.swap(before, states, ledger, heard=heard)
            try:
                done = self._store.swap(before, states, ledger, heard=heard)
            except StateError as error:
                self._begin(error)
                return False  # read again, this time from memory
            if done:
                self._copied(replace(before, states=tuple(states), ledger=ledger))
            return done

    def senders(self, conversation: bytes, most: int) -> tuple[Slot, ...]:
        """See `StateStore`; never fails."""
        with self._saying():
            if self._outage is None:
                try:
                    return self._store.senders(conversation, most)
                except StateError as error:
                    self._begin(error)
            return self._began().senders(conversation, most)

    def forget(self, conversation: bytes) -> None:
        """See `StateStore`.

        Raises:
            StateError: the store has not forgotten it yet; memory has.
        """
        with self._saying():
            for where in [where for where in self._copies if where.conversation == conversation]:
                del self._copies[where]
            try:
                self._store.forget(conversation)
            except StateError as error:
                self._begin(error)
                self._began().forget(conversation, later=True)
                raise
            if self._outage is not None:
                self._outage.forget(conversation, later=False)

    def wipe(self) -> None:
        """See `StateStore`. A store that has been wiped works again: an outage is over.

        Raises:
            StateError: the store has not been wiped yet; memory has.
        """
        with self._saying():
            self._copies.clear()
            self._ledger = UserLedger()
            try:
                self._store.wipe()
            except StateError as error:
                self._begin(error)
                self._began().wipe()
                raise
            self._end()

    @property
    def accepted_release(self) -> int | None:
        """See `StateStore`; while the store fails, what this process has accepted."""
        with self._saying():
            try:
                return self._store.accepted_release
            except StateError as error:
                self._begin(error)
                return self._release

    def accept_release(self, release: int) -> None:
        """See `StateStore`; never fails, and is made good at the end of an outage."""
        with self._saying():
            self._release = max(release, self._release or release)
            try:
                self._store.accept_release(self._release)
            except StateError as error:
                self._begin(error)
                self._began().release = self._release

    def _begin(self, error: StateError) -> None:
        if self._outage is not None:
            return
        try:
            salt = self._store.salt
        except StateError:
            salt = None
        self._outage = Outage(self._store, salt, self._copies, self._ledger)
        self._turn += 1
        self._unsaid = f"memory in this process stands in for the store: {error}"

    def _began(self) -> Outage:
        if self._outage is None:
            raise StateError("store: there is no outage")
        return self._outage

    def _try_again(self) -> None:
        try:
            self._began().write_back()
        except StateError:
            return
        self._end()

    def _end(self) -> None:
        if self._outage is not None:
            self._outage = None
            self._copies.clear()
            self._turn += 1

    def _copied(self, snapshot: Snapshot) -> Snapshot:
        """Keep copies of what the store holds."""
        self._ledger = snapshot.ledger
        for where, state in zip(snapshot.slots, snapshot.states, strict=True):
            self._copies.pop(where, None)
            if state is not None:
                self._copies[where] = state
        while len(self._copies) > MOST:
            self._copies.popitem(last=False)
        return snapshot

    def _marked(self, snapshot: Snapshot) -> Snapshot:
        return replace(snapshot, revisions=(self._turn, *snapshot.revisions))

    @contextmanager
    def _saying(self) -> Iterator[None]:
        """One call at a time; what there is to say is said after it, with no lock held."""
        with self._lock:
            yield
            words, self._unsaid = self._unsaid, None
        if words is not None:
            warnings.warn(words, StoreWarning, stacklevel=2)
