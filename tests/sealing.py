"""What tests of the sealed store share: keys, states, a key provider that counts, and ways to look.

Keys are fixed numbers: tests only.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from nudge_sdk.errors import StoreKeyError
from nudge_sdk.sealed import HostKey, SealedStore
from nudge_sdk.state import ConversationState, UserLedger
from nudge_sdk.store import Slot, StateStore, slot

KEY: Final = bytes(range(32))
OTHER_KEY: Final = bytes(range(1, 33))
START: Final = 1_800_000_000.0  # seconds since the epoch
DAY: Final = 86_400.0
EMPTY: Final = ConversationState(model_id=bytes(8), graph=np.zeros(20, dtype=np.float32))


class Keys:
    """A provider that makes keys, as a platform's key store does, and remembers all it was asked.

    The keys can be handed to another process's provider by sharing ``kept``.
    """

    def __init__(self, kept: dict[bytes, bytes] | None = None) -> None:
        self.kept = {} if kept is None else kept
        self.destroyed: list[bytes] = []
        self.broken: Exception | None = None

    def new(self) -> bytes:
        self._fail()
        number = len(self.kept) + len(self.destroyed) + 1
        key_id = number.to_bytes(16, "big")
        self.kept[key_id] = number.to_bytes(32, "big")
        return key_id

    def key(self, key_id: bytes) -> bytes:
        self._fail()
        if key_id not in self.kept:
            raise StoreKeyError("keys of the tests: none of this id")
        return self.kept[key_id]

    def destroy(self, key_id: bytes) -> None:
        self._fail()
        if self.kept.pop(key_id, None) is not None:
            self.destroyed.append(key_id)

    def _fail(self) -> None:
        if self.broken is not None:
            raise self.broken


def open_store(path: Path, **options: Any) -> SealedStore:
    """A store under `KEY` that waits for others, with a clock that stands still."""
    settings = {"keys": HostKey(KEY), "clock": lambda: START, "patience": 60, **options}
    return SealedStore(path, settings.pop("keys"), **settings)


def state(messages: int) -> ConversationState:
    """A state that a test can tell from others."""
    return replace(EMPTY, messages=messages)


def name(store: StateStore, chat: str, sender: str = "kai") -> Slot:
    """Name of a row."""
    return slot(store.salt, chat, sender)


def put(
    store: StateStore, chat: str, messages: int, sender: str = "kai", *, nudged: float | None = None
) -> None:
    """Write one row as heard; ``nudged``: and a time into the ledger."""
    before = store.read([name(store, chat, sender)])
    ledger = before.ledger if nudged is None else before.ledger.with_nudge(nudged)
    assert store.swap(before, [state(messages)], ledger, heard=True)


def got(store: StateStore, chat: str, sender: str = "kai") -> int | None:
    """Messages of one row; ``None`` when there is none."""
    (found,) = store.read([name(store, chat, sender)]).states
    return None if found is None else found.messages


def ledger(store: StateStore) -> UserLedger:
    """The ledger."""
    return store.read([]).ledger


@contextlib.contextmanager
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    """The file as SQLite sees it, without a key; what is changed is committed."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        yield connection
        connection.commit()


def all_bytes(path: Path) -> bytes:
    """Every byte of the file and of what lies beside it."""
    return b"".join(file.read_bytes() for file in sorted(path.parent.glob(path.name + "*")))


def copied(path: Path, to: Path) -> Path:
    """A backup of a store that nobody is writing to, with its log."""
    for suffix in ("", "-wal"):
        file = Path(f"{path}{suffix}")
        if file.exists():
            Path(f"{to}{suffix}").write_bytes(file.read_bytes())
    return to


def damage(path: Path, change: Callable[[bytearray], object]) -> None:
    """Change the file's bytes, after everything has been moved into it."""
    with raw(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    change(content)
    path.write_bytes(content)
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
