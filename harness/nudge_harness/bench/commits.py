"""The sealed store's cost for a message, beside a bare SQLite commit of the same size.

The store's side is all that a message costs it: a snapshot read and opened, then compared, sealed
and committed. The bare side writes as many bytes under the same name into a table of the same form,
with the same journal and the same durability, and nothing else. Both are on one file system, called
in turn, and each waits for the disk: that wait is most of the time, hence the ratio.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from nudge_harness.bench.loops import Call, in_turn
from nudge_harness.model import Opened
from nudge_sdk.sealed import HostKey, SealedStore
from nudge_sdk.sealed.layout import sealed_size
from nudge_sdk.state import ConversationState
from nudge_sdk.store import Slot, slot

CHATS: Final = 200  # senders that take turns
_KEY: Final = bytes(range(32))  # measured, then deleted


def commits(ready: Opened, calls: int) -> tuple[list[int], list[int]]:
    """Nanoseconds of each message in the sealed store and of each bare commit, taken in turn."""
    state = ready.engine.fresh_state()
    with (
        TemporaryDirectory() as folder,
        closing(SealedStore(f"{folder}/s", HostKey(_KEY))) as store,
    ):
        slots = [slot(store.salt, f"chat {i}", "contact") for i in range(CHATS)]
        with bare(Path(folder, "bare"), sealed_size(state)) as write:
            return in_turn(message(store, slots, state), write, calls)


def message(store: SealedStore, slots: list[Slot], state: ConversationState) -> Call:
    """What the store does for one message."""

    def call(number: int) -> bool:
        before = store.read([slots[number % len(slots)]])
        return store.swap(before, [state], before.ledger, heard=True)

    return call


@contextmanager
def bare(path: Path, size: int) -> Iterator[Call]:
    """A commit of ``size`` bytes by SQLite alone."""
    rng = np.random.default_rng(0)
    names, values = [rng.bytes(32) for _ in range(CHATS)], [rng.bytes(size) for _ in range(CHATS)]
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA wal_autocheckpoint = 64")
        connection.execute("CREATE TABLE rows (name BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID")

        def call(number: int) -> None:
            at = number % CHATS
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT OR REPLACE INTO rows VALUES (?, ?)", (names[at], values[at]))
            connection.execute("COMMIT")

        yield call
