"""Many conversations at once: the same outcome as one after another, and one budget for all."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from nudge_sdk import Client, Contact, Message
from nudge_sdk.policy import shipped_policy
from nudge_sdk.store import MemoryStore, slot

if TYPE_CHECKING:
    from tests.fixtures import Clock, OpenToy

THREADS = 6
TEXTS = ("hello", "see you", "!", "3", "later then", "ok")


@pytest.fixture(autouse=True)
def eager_switching() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(usual)


def at_once(work: Callable[[int], object], count: int = THREADS) -> None:
    failures: list[BaseException] = []
    gate = threading.Barrier(count)

    def run(number: int) -> None:
        gate.wait()
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001  handed on below
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def chat(client: Client, number: int) -> None:
    contact = Contact(id=str(number))
    for turn, text in enumerate(TEXTS * 4):
        client.receive(f"chat {number}", Message(text, id=str(turn)), contact)
        client.sent(f"chat {number}", Message("mine", id=f"own {turn}"))


def test_chats_in_threads_end_as_chats_in_a_row(open_toy: OpenToy) -> None:
    together, alone = MemoryStore(), MemoryStore()
    client = open_toy(store=together)
    at_once(lambda number: chat(client, number))
    client = open_toy(store=alone)
    for number in range(THREADS):
        chat(client, number)
    for number in range(THREADS):
        states = [
            where.read([slot(where.salt, f"chat {number}", str(number))]).states[0]
            for where in (together, alone)
        ]
        assert states[0] is not None
        assert states[1] is not None
        assert states[0].graph.tolist() == states[1].graph.tolist()
        assert states[0].messages == states[1].messages == 2 * 4 * len(TEXTS)


def test_no_message_of_one_chat_is_lost(open_toy: OpenToy) -> None:
    store = MemoryStore()
    client = open_toy(store=store)
    contact = Contact(id="kai")

    def send(number: int) -> None:
        for turn in range(25):
            client.receive("c", Message("hello", id=f"{number} {turn}"), contact)

    at_once(send)
    (state,) = store.read([slot(store.salt, "c", "kai")]).states
    assert state is not None
    assert state.messages == 25 * THREADS


def test_the_budget_across_chats_holds_between_threads(open_toy: OpenToy, clock: Clock) -> None:
    store = MemoryStore()
    client = open_toy(store=store)
    band = shipped_policy().bands["13_15"]
    kai = Contact(id="kai")
    chats = [f"c {i}" for i in range(band.per_week - 1)]
    assert all(client.receive(chat, "A", kai) for chat in chats)  # the first of a chat passes
    clock.now += band.cooldown_s + 1
    nudges: list[object] = []

    def send(number: int) -> None:
        for chat in chats[number % 2 :] + chats[: number % 2]:
            nudge = client.receive(chat, "I", kai)
            nudges.extend([nudge] if nudge else [])

    at_once(send)
    assert len(nudges) == 1  # one was left, whoever asks first
    assert len(store.read([]).ledger.times) == band.per_week


def test_nothing_is_written_once_the_switch_is_off(open_toy: OpenToy) -> None:
    for _ in range(20):
        store = MemoryStore()
        client = open_toy(store=store)

        def work(number: int, client: Client = client) -> None:
            if number == 0:
                client.switch = "off"
            else:
                client.receive(f"c {number}", "T", Contact(id="kai"))

        at_once(work)
        rows = store.read([slot(store.salt, f"c {i}", "kai") for i in range(THREADS)])
        assert set(rows.states) == {None}
        assert rows.ledger.times == ()
