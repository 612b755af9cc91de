"""One process of several on a store, or one in a tight spot. Run by tests/e2e/test_store_disk.py.

    python store_process.py MODE STORE ARGUMENTS...

Prints one JSON object; nothing is asserted here.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from nudge_sdk import Client, Contact, Profile, StateError
from nudge_sdk.errors import StoreWarning
from nudge_sdk.sealed import HostKey, SealedStore
from nudge_sdk.state import ConversationState, UserLedger
from nudge_sdk.store import slot

KEY = bytes(range(32))
KAI = Contact(id="kai", relationship="stranger", days_known=0)


def add(path: str, count: str) -> dict[str, object]:
    """Add one to the same row and to the ledger, so many times, as other processes do."""
    store = SealedStore(path, HostKey(KEY), clock=lambda: 0.0, patience=60)
    where, refused = slot(store.salt, "c", "kai"), 0
    graph = np.zeros(20, dtype=np.float32)
    for _ in range(int(count)):
        while True:
            before = store.read([where])
            old = before.states[0]
            messages = 1 if old is None else old.messages + 1
            new = ConversationState(model_id=bytes(8), graph=graph, messages=messages)
            ledger = UserLedger(times=((before.ledger.times or (0,))[0] + 1,))
            if store.swap(before, [new], ledger, heard=True):
                break
            refused += 1
    return {"refused": refused}


def fill(path: str, bundle: str, key: str) -> dict[str, object]:
    """Hear chats until the disk is full and beyond; then make room and hear some more."""
    client = Client.open(
        Profile(age=13),
        bundle=bundle,
        pinned_keys=[bytes.fromhex(key)],
        store=SealedStore(path, HostKey(KEY), patience=0.1),
    )
    ballast = Path(path).with_name("ballast")
    heard = nudges = 0
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        while not said and heard < 20_000:
            client.receive(f"chat {heard}", "hello", KAI)
            heard += 1
        before = heard
        for _ in range(100):
            nudges += client.receive(f"chat {heard}", "T", KAI) is not None
            heard += 1
        ballast.unlink()
        for _ in range(130):
            client.receive("last", "hello", KAI)
    store = SealedStore(path, HostKey(KEY))
    rows = store.read([slot(store.salt, f"chat {i}", "kai") for i in range(heard)])
    last = store.read([slot(store.salt, "last", "kai")]).states[0]
    return {
        "before": before,
        "nudges": nudges,
        "warnings": [item.category is StoreWarning for item in said],
        "kept": sum(state is not None for state in rows.states),
        "heard": heard,
        "last": None if last is None else last.messages,
    }


def unprivileged(path: str, bundle: str, key: str) -> dict[str, object]:
    """Hear a chat as a user who may read the file and write nothing."""
    client_arguments = {"bundle": bundle, "pinned_keys": [bytes.fromhex(key)]}
    # Python's and the package's files may be out of this user's reach, and some are read when they
    # are first needed: go the whole way once, with a store, before the rights are given up.
    with tempfile.TemporaryDirectory() as place:
        other = SealedStore(Path(place) / "s", HostKey(KEY))
        ready = Client.open(Profile(age=13), store=other, **client_arguments)  # type: ignore[arg-type]
        for text in ("hello", "T"):
            ready.receive("c", text, KAI)
        ready.forget("c")
        other.close()
    if os.getuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        store = SealedStore(path, HostKey(KEY), patience=0.1)
        client = Client.open(Profile(age=13), store=store, **client_arguments)  # type: ignore[arg-type]
        nudges = [client.receive("c", text, KAI) is not None for text in ("hello", "T", "hello")]
        try:
            client.forget("c")
            forgotten = True
        except StateError:
            forgotten = False
    return {"nudges": nudges, "warnings": len(said), "forgotten": forgotten}


MODES: dict[str, Callable[..., dict[str, object]]] = {
    "add": add,
    "fill": fill,
    "unprivileged": unprivileged,
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(MODES[sys.argv[1]](*sys.argv[2:])))
