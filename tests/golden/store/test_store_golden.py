"""Files that an earlier SDK has written open for ever.

`v1.store` was written once by `write` below, in format 1, under the tests' key. It is never written
again: a new format gets a file of its own beside it.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from nudge_sdk.sealed import SealedStore
from nudge_sdk.state import ConversationState, UserLedger
from nudge_sdk.store import slot
from tests.sealing import START, open_store

STATE: Final = ConversationState(
    model_id=b"modelone",
    graph=np.linspace(-1, 1, 20, dtype=np.float32),
    newest=START - 1.5,
    messages=7,
    seen=0b101,
    ring=(3, 2, 1),
).with_answer("coercion", "help")
LEDGER: Final = UserLedger(times=(int(START) - 60, int(START)))


def write(path: str) -> None:
    """Write the file of the present format."""
    store = open_store(Path(path))
    store.accept_release(3)
    where = [slot(store.salt, "chat", who) for who in ("kai", "mia")]
    store.swap(store.read(where), [STATE, replace(STATE, messages=8)], LEDGER, heard=True)
    store.close()


@pytest.fixture(params=["v1.store"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> SealedStore:
    shutil.copy(Path(__file__).with_name(request.param), tmp_path / "s")
    return open_store(tmp_path / "s")


def test_all_of_it_is_read(store: SealedStore) -> None:
    found = store.read([slot(store.salt, "chat", who) for who in ("kai", "mia", "new")])
    assert found.states == (STATE, replace(STATE, messages=8), None)
    assert found.ledger == LEDGER
    assert store.accepted_release == 3
    assert len(store.senders(slot(store.salt, "chat", "").conversation, 9)) == 2
