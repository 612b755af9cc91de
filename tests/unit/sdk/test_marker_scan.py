"""Nothing of a chat in a store's files: no text, identifier or time, in whichever form.

One line in ``STORES`` adds a store. The scan looks at every file below the store's folder, its
write-ahead log and journal too, while the store is in use, after it is closed, and after `forget`.
What stays in the memory of the live process is reported by ``tests/e2e/test_memory_report.py``.
"""

from __future__ import annotations

import base64
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nudge_sdk import Contact, Message
from nudge_sdk.store import MemoryStore, StateStore, slot
from tests import marks
from tests.fixtures import START
from tests.sealing import open_store

if TYPE_CHECKING:
    from tests.fixtures import OpenToy

STORES: dict[str, Callable[[Path], StateStore]] = {
    "memory": lambda _: MemoryStore(),
    "sealed": lambda folder: open_store(folder / "store"),
}
ON_DISK = {"sealed"}
KAI = Contact(id=marks.NAME, relationship="stranger")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "kept"
    made.mkdir()
    return made


@pytest.fixture(params=STORES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store(name: str, folder: Path) -> Iterator[StateStore]:
    made = STORES[name](folder)
    yield made
    getattr(made, "close", lambda: None)()


def clean(folder: Path) -> bool:
    for name, raw in marks.files_below(folder):
        assert not marks.found_in(raw), name
        for time in (marks.SENT_AT, START):
            assert not marks.times_in(raw, time), name
    return True


def chat(open_toy: OpenToy, store: StateStore, times: int = 20) -> None:
    client = open_toy(store=store)
    for number in range(times):
        message = Message(marks.TEXT, id=f"{marks.ID} {number}", sent_at=marks.SENT_AT)
        client.receive(marks.CHAT, message, KAI)
        client.sent(marks.CHAT, f"no {marks.MARK}")
    client.answer(marks.CHAT, "coercion", KAI, "help")
    client.deleted(marks.CHAT, marks.ID)


def test_no_file_holds_anything_of_a_chat(
    name: str, store: StateStore, folder: Path, open_toy: OpenToy
) -> None:
    chat(open_toy, store)
    assert clean(folder)  # the log is not yet merged
    kept = dict(marks.files_below(folder))
    assert bool(kept) == (name in ON_DISK), "the scan looked at nothing"
    open_toy(store=store).forget(marks.CHAT)
    assert clean(folder)
    getattr(store, "close", lambda: None)()
    assert clean(folder)


def test_the_chat_was_kept_so_there_was_something_to_find(
    store: StateStore, open_toy: OpenToy
) -> None:
    chat(open_toy, store, times=1)
    (state,) = store.read([slot(store.salt, marks.CHAT, marks.NAME)]).states
    assert state is not None
    assert state.messages == 2
    assert marks.times_in(state.to_bytes(), START) == ["float64", "uint32"]  # unsealed


@pytest.mark.parametrize("form", marks.forms_of())
def test_the_scan_finds_every_form(form: str) -> None:
    """Positive control: each form alone, somewhere in other bytes."""
    assert form in marks.found_in(b"\1\2x" + marks.forms_of()[form] + b"y\xff")


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_the_scan_finds_packed_and_encoded_text_wherever_it_stands(before: str) -> None:
    text = f"{before}{marks.MARK} and more".encode()
    assert any("base64" in name for name in marks.found_in(base64.b64encode(text)))
    assert "zlib, utf-8" in marks.found_in(b"??" + zlib.compress(text) + b"??")


def test_the_scan_finds_what_a_careless_store_leaves(folder: Path) -> None:
    """Positive control: a database in clear, whose text stands in the log and not in the file."""
    database = sqlite3.connect(folder / "store")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE chat (text TEXT, time REAL)")
    database.execute("INSERT INTO chat VALUES (?, ?)", (marks.TEXT, marks.SENT_AT))
    database.commit()
    kept = dict(marks.files_below(folder))
    assert not marks.found_in(kept["store"])
    assert marks.found_in(kept["store-wal"]) == ["utf-8"]
    assert "float64 big endian" in marks.times_in(kept["store-wal"])
    database.close()
