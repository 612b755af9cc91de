"""A client on a store that fails: it answers, says so once, and nothing is lost when it is over.

The faults are real: a lock held by somebody else, a limit on the size of files, a damaged file, a
key that is not there.
"""

from __future__ import annotations

import contextlib
import resource
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nudge_sdk import Client, Contact, Message, Nudge, StateError
from nudge_sdk._outage import LONGEST_WAIT
from nudge_sdk._steady import MOST, SteadyStore
from nudge_sdk.errors import StoreDamagedError, StoreError, StoreKeyError, StoreWarning
from nudge_sdk.policy import shipped_policy
from nudge_sdk.sealed import HostKey, SealedStore
from nudge_sdk.state import ConversationState
from nudge_sdk.store import slot
from tests.sealing import KEY, OTHER_KEY, Keys, copied, got, ledger, open_store, put

if TYPE_CHECKING:
    from tests.fixtures import Clock, OpenToy

KAI = Contact(id="kai", relationship="stranger", days_known=0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "s"


@pytest.fixture
def store(path: Path) -> SealedStore:
    return open_store(path, patience=0)


@pytest.fixture
def client(open_toy: OpenToy, store: SealedStore) -> Client:
    return open_toy(store=store)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Somebody else writes, and takes their time."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextlib.contextmanager
def full(path: Path) -> Iterator[None]:
    """No file of this process may grow: the kernel refuses the write."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size // 2, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


@contextlib.contextmanager
def damaged(path: Path) -> Iterator[None]:
    """The file's header is not there any more, for a while."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        (own,) = other.execute("SELECT * FROM store").fetchall()
        other.execute("DELETE FROM store")
        yield
        other.execute("INSERT INTO store VALUES (?, ?, ?, ?, ?, ?)", own)


FAULTS = (locked, full, damaged)


@pytest.fixture(params=FAULTS, ids=lambda fault: fault.__name__)
def fault(
    request: pytest.FixtureRequest,
) -> Callable[[Path], contextlib.AbstractContextManager[None]]:
    found: Callable[[Path], contextlib.AbstractContextManager[None]] = request.param
    return found


@contextlib.contextmanager
def outage(words: str = "memory in this process") -> Iterator[pytest.WarningsRecorder]:
    """An outage is said meanwhile."""
    with pytest.warns(StoreWarning, match=words) as said:
        yield said


def on_disk(path: Path, chat: str) -> int | None:
    return got(open_store(path), chat)


def row(path: Path, chat: str) -> ConversationState:
    store = open_store(path)
    (found,) = store.read([slot(store.salt, chat, "kai")]).states
    assert found is not None
    return found


def hear(client: Client, chat: str, count: int, text: str = "hello") -> None:
    for _ in range(count):
        client.receive(chat, text, KAI)


def test_without_a_fault_nothing_is_said_and_all_is_on_disk(client: Client, path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hear(client, "c", 3)
    assert on_disk(path, "c") == 3


def test_the_fault_is_one(
    store: SealedStore,
    path: Path,
    fault: Callable[[Path], contextlib.AbstractContextManager[None]],
) -> None:
    """The positive control: without a client before it, the store fails under each of these."""
    put(store, "c", 1)
    with fault(path), pytest.raises((StoreError, StoreDamagedError)):
        put(store, "c", 2)
    put(store, "c", 2)


def test_a_message_is_answered_and_it_is_said_once(
    client: Client,
    path: Path,
    fault: Callable[[Path], contextlib.AbstractContextManager[None]],
) -> None:
    hear(client, "c", 2)
    with fault(path), outage() as said:
        nudge = client.receive("c", "T", KAI)
        assert isinstance(nudge, Nudge)
        client.sent("c", "no")
        client.answer("c", nudge, KAI, "help")
        assert client.not_reading("c", KAI) is None
        assert client.receive("c", "T", KAI) is None  # the same evidence nudges once
        assert client.receive("new chat", "T", KAI) is not None
    assert len([item for item in said if item.category is StoreWarning]) == 1
    assert "T" not in str(said[0].message).split()


def test_what_was_read_meanwhile_is_written_back(
    client: Client,
    path: Path,
    fault: Callable[[Path], contextlib.AbstractContextManager[None]],
) -> None:
    hear(client, "c", 2)
    with fault(path), outage():
        client.receive("c", "T", KAI)
        client.answer("c", "coercion", KAI, "help")
        hear(client, "d", 3)
    hear(client, "e", 8)  # enough for it to be tried again
    assert [on_disk(path, chat) for chat in "cde"] == [3, 3, 8]
    history = row(path, "c").of("coercion")
    assert (history.nudges, history.answers) == (1, 2)
    assert len(ledger(open_store(path)).times) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the outage is over, and nothing more is said
        hear(client, "c", 1)
    assert on_disk(path, "c") == 4


def test_each_outage_is_said(client: Client, path: Path) -> None:
    for _ in range(2):
        with locked(path), outage():
            hear(client, "c", 3)
        hear(client, "c", LONGEST_WAIT + 1)
    assert on_disk(path, "c") == 2 * (3 + LONGEST_WAIT + 1)


def test_the_budget_holds_over_an_outage(client: Client, path: Path, clock: Clock) -> None:
    band = shipped_policy().bands["13_15"]
    limit = band.per_week
    nudges = 0
    with locked(path), outage():
        for chat in range(limit):  # the first nudge of a chat always passes
            nudges += client.receive(f"a {chat}", "A", KAI) is not None
            clock.now += 1
    hear(client, "a 0", LONGEST_WAIT + 1)  # what was worked out meanwhile is on the disk again
    clock.now += band.cooldown_s
    for chat in range(limit):
        nudges += client.receive(f"a {chat}", "I", KAI) is not None
    assert nudges == limit
    assert len(ledger(open_store(path)).times) == limit


def test_nudges_of_both_sides_are_counted_once(
    open_toy: OpenToy, client: Client, path: Path, clock: Clock
) -> None:
    other = open_toy(store=open_store(path, patience=0))
    client.receive("a", "A", KAI)
    clock.now += 1
    with outage(), locked(path):
        client.receive("b", "A", KAI)
    clock.now += 1
    other.receive("d", "A", KAI)
    hear(client, "e", 8)
    assert len(ledger(open_store(path)).times) == 3


def test_what_somebody_else_wrote_meanwhile_stays(
    open_toy: OpenToy, client: Client, path: Path
) -> None:
    other = open_toy(store=open_store(path, patience=0))
    hear(client, "c", 2)
    with locked(path), outage():
        hear(client, "c", 1)
    hear(other, "c", 5)
    hear(client, "d", 8)
    assert on_disk(path, "c") == 7


def test_a_group_knows_who_was_heard(client: Client, path: Path) -> None:
    mia = Contact(id="mia")
    client.receive("c", "hello", KAI)
    client.receive("c", "hello", mia)
    with locked(path), outage():
        client.receive("c", "hello", KAI)
        client.sent("c", "hi")
    hear(client, "d", 8)
    assert [got(open_store(path), "c", who) for who in ("kai", "mia")] == [3, 2]


class TestForgetting:
    def test_the_host_is_told_that_the_disk_has_not(self, client: Client, path: Path) -> None:
        hear(client, "c", 3)
        hear(client, "d", 3)
        with outage(), locked(path):
            with pytest.raises(StateError):
                client.forget("c")
            hear(client, "c", 1)
            assert on_disk(path, "c") == 3
        hear(client, "d", 8)
        assert on_disk(path, "c") == 1  # forgotten first, then the new message
        assert on_disk(path, "d") == 11

    def test_a_wipe_is_made_good_too(self, client: Client, path: Path) -> None:
        hear(client, "c", 3)
        with outage(), locked(path):
            with pytest.raises(StateError):
                client.wipe()
            hear(client, "c", 1)
        hear(client, "d", 8)
        assert [on_disk(path, chat) for chat in "cd"] == [1, 8]

    def test_a_wipe_that_works_ends_an_outage(self, client: Client, path: Path) -> None:
        with locked(path), outage():
            hear(client, "c", 3)
        client.wipe()
        hear(client, "c", 1)
        assert on_disk(path, "c") == 1

    def test_forgetting_that_works_during_an_outage_is_done_at_once(
        self, client: Client, path: Path
    ) -> None:
        hear(client, "c", 2)
        with locked(path), outage():
            hear(client, "c", 1)
        client.forget("c")
        hear(client, "c", 1)
        hear(client, "d", 8)
        assert on_disk(path, "c") == 1

    def test_switching_off_says_so_and_stays_off(self, client: Client, path: Path) -> None:
        hear(client, "c", 3)
        with outage(), locked(path):
            with pytest.raises(StateError):
                client.switch = "off"
            assert client.switch == "off"
            assert client.receive("c", "T", KAI) is None


class TestOpening:
    @pytest.mark.parametrize("content", [b"x" * 10_000, b"SQLite format 3\0" + bytes(5000)])
    def test_a_damaged_file_does_not_stop_the_client(
        self, open_toy: OpenToy, path: Path, content: bytes
    ) -> None:
        path.write_bytes(content)
        with outage() as said:
            client = open_toy(store=open_store(path))
            assert client.receive("c", "T", KAI) is not None
            hear(client, "c", 20)
        assert len(said) == 1
        assert path.read_bytes() == content  # it is not ours to delete
        client.wipe()
        hear(client, "c", 1)
        assert on_disk(path, "c") == 1

    def test_a_folder_that_is_not_there_does_not_stop_it(
        self, open_toy: OpenToy, tmp_path: Path
    ) -> None:
        path = tmp_path / "later" / "s"
        with outage():
            client = open_toy(store=open_store(path))
            assert client.receive("c", "T", KAI) is not None
        path.parent.mkdir()
        hear(client, "d", 8)
        assert on_disk(path, "d") is not None  # from then on, on disk
        assert on_disk(path, "c") is None  # it had no name there
        assert open_store(path).accepted_release is not None

    def test_a_key_that_goes_missing_does_not_stop_it(self, open_toy: OpenToy, path: Path) -> None:
        client = open_toy(store=open_store(path))
        hear(client, "c", 2)
        elsewhere = open_store(path)
        elsewhere.rotate(HostKey(OTHER_KEY))
        with outage("another key"):
            assert client.receive("c", "T", KAI) is not None
        elsewhere.rotate(HostKey(KEY))
        hear(client, "d", 8)
        assert [on_disk(path, chat) for chat in "cd"] == [3, 8]

    def test_a_wrong_key_is_said_before_there_is_a_client(self, path: Path) -> None:
        open_store(path)
        with pytest.raises(StoreKeyError):
            open_store(path, keys=Keys())


class TestModels:
    def test_another_model_starts_its_state_anew_and_keeps_the_history(
        self, open_toy: OpenToy, path: Path
    ) -> None:
        """DESIGN.md, section 2: the graph's state starts anew, history and answers stay."""
        client = open_toy(store=open_store(path))
        client.receive("c", "T", KAI)
        client.answer("c", "coercion", KAI, "fine")
        before = row(path, "c")
        foreign = replace(before, model_id=b"another.", graph=before.graph[:3])
        store = open_store(path)
        at = store.read([slot(store.salt, "c", "kai")])
        assert store.swap(at, [foreign], at.ledger)
        open_toy(store=store).receive("c", "hello", KAI)
        after = row(path, "c")
        assert after.model_id == before.model_id
        assert after.graph.shape == before.graph.shape
        assert after.messages == before.messages + 1
        assert after.history == before.history
        assert after.ring == before.ring


def test_a_chat_goes_on_after_a_restart(open_toy: OpenToy, path: Path) -> None:
    texts = ["hello", "S", "later", "P"]
    whole = open_toy(store=open_store(path.with_name("whole")))
    for text in texts:
        whole.receive("c", Message(text, id=text), KAI)
    for text in texts:  # another client for each message
        open_toy(store=open_store(path)).receive("c", Message(text, id=text), KAI)
    one, two = row(path, "c"), row(path.with_name("whole"), "c")
    assert one.graph.tolist() == two.graph.tolist()
    assert (one.messages, one.history) == (two.messages, two.history)
    assert open_toy(store=open_store(path)).receive("c", Message("P", id="P"), KAI) is None
    assert row(path, "c").messages == len(texts)  # a repeat after a restart changes nothing


def test_copies_in_memory_are_bounded(open_toy: OpenToy, store: SealedStore) -> None:
    steady = SteadyStore(store)
    for chat in range(MOST + 5):
        put(steady, str(chat), 1)
    assert len(steady._copies) == MOST  # noqa: SLF001


def test_a_backup_that_is_put_back_is_read(client: Client, path: Path, tmp_path: Path) -> None:
    hear(client, "c", 2)
    backup = copied(path, tmp_path / "backup")
    hear(client, "c", 2)
    assert [on_disk(path, "c"), on_disk(backup, "c")] == [4, 2]
