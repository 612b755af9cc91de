"""The sealed store: `StateStore` on one SQLite file. See `nudge_sdk.sealed` for how to use it.

Theory of operation
-------------------
`read` and `swap` are as in `nudge_sdk.store`; `MemoryStore` is their reference, and a stateful test
runs both side by side. A swap compares inside one write transaction: the nonces of the ledger and
of each row are their revisions, for every write makes a new one. Rows, ledger and, about once a
day, what has lapsed go in that same transaction: **one commit for each message, at most**.

A row or ledger that is damaged reads as absent, and the next write takes its place: nobody could
ever open it again, and whoever can damage it can delete it just as well. It is said once through a
`StoreWarning`.
"""

from __future__ import annotations

import math
import os
import time  # noqa: TID251  the store on disk is part of the shell: what lapses, lapses by a clock
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from nudge_sdk.errors import StateError, StoreKeyError, StoreWarning, UsageError
from nudge_sdk.sealed.contents import Contents
from nudge_sdk.sealed.expiry import expire
from nudge_sdk.sealed.keys import KeyProvider
from nudge_sdk.sealed.layout import MOST_RELEASE, Row
from nudge_sdk.sealed.retention import DAY, DEFAULT_DAYS, LEAST_DAYS, MOST_DAYS
from nudge_sdk.sealed.vault import Vault
from nudge_sdk.state import ConversationState, UserLedger, whole_seconds
from nudge_sdk.store import Slot, Snapshot

PATIENCE: Final = 1.0  # seconds
MOST_PATIENCE: Final = 60


class SealedStore:
    """Memory on disk that nobody can read without the key.

    Every method may be called from any thread; several processes may share the file. Only the file
    and, beside it, ``-wal`` and ``-shm`` are ever written.

    A key that is missing or wrong is raised here, at once: the host can mend it. A file that cannot
    be used is not: each method raises what is the matter, tries again the next time, and a `Client`
    goes on from memory meanwhile.

    Args:
        path: the file; made when it is not there, in a folder that is.
        keys: where its keys come from. There is no default.
        keep_days: after so many days without a message a conversation is forgotten, 7 to 3650.
        clock: the host's clock, seconds since the epoch; the same that the client gets.
        patience: seconds to wait for another process's transaction.

    Raises:
        UsageError: an argument is of the wrong type or out of range.
        StoreKeyError: there is no key for the file, or another one.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        keys: KeyProvider,
        *,
        keep_days: float = DEFAULT_DAYS,
        clock: Callable[[], float] = time.time,
        patience: float = PATIENCE,
    ) -> None:
        _check(path, keys, keep_days, patience)
        self._keep = keep_days * DAY
        self._clock = clock
        self._warned = False
        self._vault = Vault(Path(path).absolute(), keys, patience=patience)
        try:
            _ = self._vault.salt
        except StoreKeyError:
            raise
        except StateError:
            pass  # said with each use, and by the client with a warning

    def __repr__(self) -> str:
        return "<SealedStore>"

    @property
    def salt(self) -> bytes:
        """See `StateStore`."""
        return self._vault.salt

    def read(self, slots: Sequence[Slot]) -> Snapshot:
        """See `StateStore`. What has lapsed is not there."""
        now = self._now()
        with self._vault.transaction(write=False) as contents:
            found = [contents.find(where) for where in slots]
            revision, ledger = contents.ledger()
            watch = contents.header().watch
        states: list[ConversationState | None] = []
        damaged = ledger is None
        for item in found:
            state = None
            try:
                row = item.opened()
                if row is not None and not watch.lapsed(row.written, now, self._keep):
                    state = row.conversation()
            except StateError:
                damaged = True
            states.append(state)
        if damaged:
            self._say()
        return Snapshot(
            slots=tuple(slots),
            states=tuple(states),
            ledger=ledger or UserLedger(),
            revisions=(revision, *(item.revision for item in found)),
        )

    def swap(
        self,
        before: Snapshot,
        states: Sequence[ConversationState],
        ledger: UserLedger,
        *,
        heard: bool = False,
    ) -> bool:
        """See `StateStore`. At most one commit."""
        now = self._now()
        with self._vault.transaction(write=True) as contents:
            found = [contents.find(where) for where in before.slots]
            revision, old_ledger = contents.ledger()
            if (revision, *(item.revision for item in found)) != before.revisions:
                return False
            chats = {where.conversation for where in before.slots} if heard else ()
            last = {chat: _last_heard(contents, chat) for chat in chats}
            for where, item, state in zip(before.slots, found, states, strict=True):
                order = item.row.heard if item.row else 0
                if heard:
                    order = last[where.conversation] + 1
                raw = state.to_bytes()
                contents.put(where, Row(written=whole_seconds(now), heard=order, state=raw))
            if ledger != old_ledger:
                contents.put_ledger(ledger)
            expire(contents, now, self._keep)
        return True

    def senders(self, conversation: bytes, most: int) -> tuple[Slot, ...]:
        """See `StateStore`."""
        now = self._now()
        with self._vault.transaction(write=False) as contents:
            rows = contents.conversation(conversation)
            watch = contents.header().watch
        order = [
            (row.heard, where.sender)
            for where, row in rows
            if row.heard and not watch.lapsed(row.written, now, self._keep)
        ]
        return tuple(Slot(conversation, sender) for _, sender in sorted(order, reverse=True)[:most])

    def forget(self, conversation: bytes) -> None:
        """See `StateStore`. The sealed bytes are overwritten; only `wipe` destroys the key."""
        with self._vault.transaction(write=True) as contents:
            contents.delete_conversation(conversation)
        with suppress(StateError):  # it is forgotten; the log is emptied sooner or later
            self._vault.checkpoint()

    def wipe(self, keys: KeyProvider | None = None) -> None:
        """See `StateStore`. The key is destroyed, so no copy of the file can be read any more.

        Also the way out of a file that is damaged, or whose key is lost: it is made anew.

        Args:
            keys: where keys come from, from now on; the present provider when left out.

        Raises:
            StoreError: the file cannot be written now.
            StoreKeyError: the provider gives no new key, or does not destroy the old one.
        """
        self._vault.wipe(keys)

    def rotate(self, keys: KeyProvider | None = None) -> None:
        """Seal everything anew under a new key and destroy the old one. May run while in use.

        Other processes ask their own providers for the new key with their next transaction.

        Args:
            keys: where keys come from, from now on, for example a new passphrase; the present
                provider when left out.

        Raises:
            StateError: the file or a key cannot be used; then all is as it was.
        """
        self._vault.rotate(keys)

    def expire(self) -> None:
        """Delete now what has lapsed. A day after the last time, `swap` does so by itself.

        Raises:
            StateError: the file or its key cannot be used.
        """
        with self._vault.transaction(write=True) as contents:
            expire(contents, self._now(), self._keep, always=True)
        with suppress(StateError):
            self._vault.checkpoint()

    @property
    def accepted_release(self) -> int | None:
        """See `StateStore`."""
        with self._vault.transaction(write=False) as contents:
            return contents.header().release

    def accept_release(self, release: int) -> None:
        """See `StateStore`."""
        release = min(release, MOST_RELEASE)
        with self._vault.transaction(write=True) as contents:
            header = contents.header()
            if header.release is None or release > header.release:
                contents.put_header(replace(header, release=release))
            expire(contents, self._now(), self._keep)

    def close(self) -> None:
        """Close the file. The next use opens it again."""
        self._vault.close()

    def _now(self) -> float:
        now = self._clock()
        if not math.isfinite(now):
            raise UsageError("clock must give seconds since the epoch")
        return max(float(now), 0.0)

    def _say(self) -> None:
        if not self._warned:
            self._warned = True
            words = "store: a value was damaged; it starts anew"
            warnings.warn(words, StoreWarning, stacklevel=3)


def _last_heard(contents: Contents, conversation: bytes) -> int:
    return max((row.heard for _, row in contents.conversation(conversation)), default=0)


def _check(path: object, keys: object, keep_days: object, patience: object) -> None:
    if not isinstance(path, str | os.PathLike):
        raise UsageError("path must be a str or a path")
    if not all(callable(getattr(keys, name, None)) for name in ("new", "key", "destroy")):
        raise UsageError("keys must be a KeyProvider")
    if not isinstance(keep_days, int | float) or not LEAST_DAYS <= keep_days <= MOST_DAYS:
        raise UsageError(f"keep_days must be from {LEAST_DAYS} to {MOST_DAYS}")
    if not isinstance(patience, int | float) or not 0 <= patience <= MOST_PATIENCE:
        raise UsageError(f"patience must be from 0 to {MOST_PATIENCE} seconds")
