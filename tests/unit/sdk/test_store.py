"""What every `StateStore` has to do: in memory, sealed on disk, and with memory standing by."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nudge_sdk._steady import SteadyStore
from nudge_sdk.errors import UsageError
from nudge_sdk.state import ConversationState, UserLedger
from nudge_sdk.store import SALT_BYTES, MemoryStore, Slot, StateStore, slot
from tests.sealing import open_store

SALT = bytes(range(SALT_BYTES))
STORES: dict[str, Callable[[Path], StateStore]] = {
    "memory": lambda _: MemoryStore(salt=SALT),
    "sealed": lambda folder: open_store(folder / "store", clock=lambda: 0.0),
    "steady": lambda folder: SteadyStore(open_store(folder / "store", clock=lambda: 0.0)),
}
EMPTY = ConversationState(model_id=bytes(8), graph=np.zeros(2, dtype=np.float32))
A, B, C = (slot(SALT, "chat", name) for name in "abc")
OTHER = slot(SALT, "other chat", "a")


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> StateStore:
    return STORES[request.param](tmp_path)


def state(messages: int) -> ConversationState:
    return replace(EMPTY, messages=messages)


def put(store: StateStore, where: Slot, messages: int, *, heard: bool = True) -> None:
    before = store.read([where])
    assert store.swap(before, [state(messages)], before.ledger, heard=heard)


def got(store: StateStore, *slots: Slot) -> list[int | None]:
    return [None if row is None else row.messages for row in store.read(slots).states]


def test_nothing_is_there_at_first(store: StateStore) -> None:
    before = store.read([A, B])
    assert before.states == (None, None)
    assert before.ledger == UserLedger()
    assert store.senders(A.conversation, 9) == ()


def test_what_is_swapped_in_is_read_back(store: StateStore) -> None:
    before = store.read([A, B])
    assert store.swap(before, [state(1), state(2)], UserLedger(times=(7,)))
    after = store.read([B, A, C])
    assert after.states == (state(2), state(1), None)
    assert after.ledger.times == (7,)


def test_a_swap_is_refused_whole_when_a_row_has_moved_on(store: StateStore) -> None:
    before = store.read([A, B])
    put(store, B, 5)
    assert not store.swap(before, [state(1), state(1)], UserLedger(times=(7,)))
    assert got(store, A, B) == [None, 5]
    assert store.read([]).ledger == UserLedger()


def test_a_swap_is_refused_when_the_ledger_has_moved_on(store: StateStore) -> None:
    before = store.read([A])
    assert store.swap(store.read([OTHER]), [state(1)], UserLedger(times=(7,)))
    assert not store.swap(before, [state(1)], UserLedger(times=(8,)))
    assert store.read([]).ledger.times == (7,)


def test_a_swap_does_not_mind_other_chats(store: StateStore) -> None:
    before = store.read([A])
    put(store, OTHER, 5)
    assert store.swap(before, [state(1)], before.ledger)


def test_a_snapshot_serves_for_one_swap_only(store: StateStore) -> None:
    before = store.read([A])
    assert store.swap(before, [state(1)], before.ledger)
    assert not store.swap(before, [state(1)], before.ledger)


def test_a_snapshot_from_before_forgetting_is_refused(store: StateStore) -> None:
    put(store, A, 1)
    before = store.read([A])
    store.forget(A.conversation)
    assert not store.swap(before, [state(2)], before.ledger)
    assert got(store, A) == [None]


@pytest.mark.parametrize("was_there", [False, True])
def test_a_snapshot_from_before_a_wipe_is_refused(store: StateStore, was_there: bool) -> None:
    if was_there:
        put(store, A, 1)
    before = store.read([A])
    store.wipe()
    assert not store.swap(before, [state(2)], before.ledger)
    assert got(store, A) == [None]


def test_forgetting_a_conversation_leaves_the_others_and_the_ledger(store: StateStore) -> None:
    for where in (A, B, OTHER):
        put(store, where, 1)
    assert store.swap(store.read([]), [], UserLedger(times=(7,)))
    store.forget(A.conversation)
    store.forget(b"never heard of 1")
    assert got(store, A, B, OTHER) == [None, None, 1]
    assert store.senders(A.conversation, 9) == ()
    assert store.read([]).ledger.times == (7,)


def test_a_wipe_leaves_nothing_but_the_accepted_release(store: StateStore) -> None:
    put(store, A, 1)
    store.swap(store.read([]), [], UserLedger(times=(7,)))
    store.accept_release(4)
    store.wipe()
    assert got(store, A) == [None]
    assert store.read([]).ledger == UserLedger()
    assert store.accepted_release == 4


def test_the_accepted_release_never_falls(store: StateStore) -> None:
    assert store.accepted_release is None
    for release in (3, 2, 5, 1):
        store.accept_release(release)
    assert store.accepted_release == 5


def test_senders_come_in_the_order_in_which_they_were_heard(store: StateStore) -> None:
    for where in (A, B, C, A):
        put(store, where, 1)
    put(store, B, 2, heard=False)  # a reply does not count as being heard
    put(store, OTHER, 1)
    assert store.senders(A.conversation, 9) == (A, C, B)
    assert store.senders(A.conversation, 2) == (A, C)
    assert store.senders(A.conversation, 0) == ()


def test_who_was_never_heard_is_no_sender(store: StateStore) -> None:
    put(store, A, 1, heard=False)
    assert store.senders(A.conversation, 9) == ()


def test_no_update_is_lost_between_threads(store: StateStore) -> None:
    """Each of 8 threads adds 15 to the same row, and each time one nudge to the ledger."""

    def add() -> None:
        for _ in range(15):
            while True:
                before = store.read([A])
                (old,) = before.states
                new = state(1 if old is None else old.messages + 1)
                ledger = UserLedger(times=((before.ledger.times or (0,))[0] + 1,))
                if store.swap(before, [new], ledger):
                    break

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got(store, A) == [120]
    assert store.read([]).ledger.times == (120,)


def test_slots_depend_on_conversation_sender_and_salt() -> None:
    names = {A, B, OTHER, slot(bytes(SALT_BYTES), "chat", "a"), slot(SALT, "chata", "")}
    assert len(names) == 5
    assert A.conversation == B.conversation != OTHER.conversation
    assert A.sender != OTHER.sender  # the same person in two chats cannot be linked
    assert slot(SALT, "\ud800", "\udfff") == slot(SALT, "\ud800", "\udfff")


def test_nothing_shows_in_a_repr(store: StateStore) -> None:
    put(store, A, 1)
    shown = repr(store) + repr(A) + repr(store.read([A]))
    assert A.sender.hex() not in shown
    assert repr(A.sender) not in shown
    assert "chat" not in shown


@pytest.mark.parametrize("salt", [b"", bytes(31), bytes(33), "x" * 32])
def test_a_salt_is_32_bytes(salt: Any) -> None:
    with pytest.raises(UsageError, match="salt must be 32 bytes"):
        MemoryStore(salt=salt)


def test_each_store_has_a_salt_of_its_own() -> None:
    assert MemoryStore().salt != MemoryStore().salt
    assert len(MemoryStore().salt) == SALT_BYTES
