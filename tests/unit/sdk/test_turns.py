"""What happens between the reading of a snapshot and its writing: the switch, and somebody else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pytest

from nudge_sdk import Client, Contact
from nudge_sdk._recent import MOST, RecentContacts
from nudge_sdk.state import ConversationState
from nudge_sdk.store import MemoryStore, Slot, Snapshot, slot

if TYPE_CHECKING:
    from tests.fixtures import OpenToy

KAI = Contact(id="kai", relationship="stranger", days_known=0)


class Interrupted(MemoryStore):
    """A store in which something happens once, right after a snapshot was read."""

    def __init__(self) -> None:
        super().__init__()
        self.then: Callable[[], object] | None = None

    def read(self, slots: Sequence[Slot]) -> Snapshot:
        snapshot = super().read(slots)
        then, self.then = self.then, None
        if then:
            then()
        return snapshot

    def state(self) -> ConversationState | None:
        return super().read([slot(self.salt, "c", "kai")]).states[0]


@pytest.fixture
def store() -> Interrupted:
    return Interrupted()


@pytest.fixture
def client(open_toy: OpenToy, store: Interrupted) -> Client:
    return open_toy(store=store)


def turn_off(client: Client) -> Callable[[], None]:
    return lambda: setattr(client, "switch", "off")


def test_a_switch_turned_off_meanwhile_stops_a_message(client: Client, store: Interrupted) -> None:
    store.then = turn_off(client)
    assert client.receive("c", "T", KAI) is None
    assert store.state() is None


def test_a_switch_turned_off_meanwhile_stops_an_answer(client: Client, store: Interrupted) -> None:
    client.receive("c", "T", KAI)
    store.then = turn_off(client)
    client.answer("c", "coercion", KAI, "fine")
    assert store.state() is None


def test_a_message_that_was_overtaken_starts_again(client: Client, store: Interrupted) -> None:
    client.receive("c", "hello", KAI)
    store.then = lambda: client.receive("c", "T", KAI)
    assert client.receive("c", "T", KAI) is None  # the other one has nudged for this evidence
    state = store.state()
    assert state is not None
    assert state.messages == 3
    assert state.of("coercion").nudges == 1


def test_an_answer_that_was_overtaken_starts_again(client: Client, store: Interrupted) -> None:
    client.receive("c", "T", KAI)
    store.then = lambda: client.receive("c", "hello", KAI)
    client.answer("c", "coercion", KAI, "help")
    state = store.state()
    assert state is not None
    assert state.messages == 2
    assert state.of("coercion").answers == 2


def test_a_chat_forgotten_meanwhile_stays_forgotten(client: Client, store: Interrupted) -> None:
    for _ in range(3):
        client.receive("c", "hello", KAI)
    store.then = lambda: client.forget("c")
    client.receive("c", "hello", KAI)
    state = store.state()
    assert state is not None
    assert state.messages == 1


def test_nobody_is_answered_under_off(client: Client, store: Interrupted) -> None:
    client.receive("c", "hello", KAI)
    client.switch = "off"
    client.sent("c", "hi")
    assert store.state() is None


class TestRecentContacts:
    WHERE = slot(bytes(32), "c", "kai")

    def test_an_identifier_is_never_kept(self) -> None:
        recent = RecentContacts()
        recent.put([(self.WHERE, KAI)])
        assert recent.get(self.WHERE) == Contact(id="", relationship="stranger", days_known=0)
        assert "kai" not in repr(vars(recent))

    def test_what_is_not_known_is_none(self) -> None:
        recent = RecentContacts()
        recent.put([(self.WHERE, None)])
        assert recent.get(self.WHERE) is None

    def test_the_one_not_heard_for_longest_makes_room(self) -> None:
        recent = RecentContacts()
        names = [slot(bytes(32), "c", str(i)) for i in range(MOST + 1)]
        recent.put([(name, KAI) for name in names[:-1]])
        recent.put([(names[0], KAI)])
        recent.put([(names[-1], KAI)])
        assert [recent.get(name) is None for name in (names[0], names[1], names[-1])] == [
            False,
            True,
            False,
        ]

    def test_forgetting_a_chat_leaves_the_others(self) -> None:
        recent = RecentContacts()
        other = slot(bytes(32), "d", "kai")
        recent.put([(self.WHERE, KAI), (other, KAI)])
        recent.forget(self.WHERE.conversation)
        assert recent.get(self.WHERE) is None
        assert recent.get(other)
        recent.clear()
        assert recent.get(other) is None
