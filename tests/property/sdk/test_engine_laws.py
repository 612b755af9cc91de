"""State-equivalence laws: streaming = in a batch = saved and restored anywhere in between.

A bug in a streaming detector lives where a state is cut: between two messages, two windows, two
processes or two rows of a batch. Each law takes a chat two ways and wants the same end.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nudge_sdk._onnx import BatchedModel, SingleModel
from nudge_sdk.engine import Engine, Request, Step
from nudge_sdk.policy import Decision, shipped_policy
from nudge_sdk.state import ConversationState, UserLedger
from nudge_sdk.values import Contact
from tests import toy
from tests.property.sdk.strategies import CONTACTS, Turn, chats, renamed

ENGINE = Engine(toy.SPEC, shipped_policy())
KAI = Contact(id="kai", relationship="new_contact")


@cache
def single() -> SingleModel:
    return SingleModel(toy.single_model(), toy.SPEC)


@cache
def batched() -> BatchedModel:
    return BatchedModel(toy.batched_model(), toy.SPEC)


Memory = tuple[ConversationState, UserLedger]


def fresh() -> Memory:
    return ENGINE.fresh_state(), UserLedger()


def half(turn: Turn, memory: Memory, contact: Contact = KAI) -> Request | Step:
    return ENGINE.prepare(
        turn.message,
        contact=contact,
        state=memory[0],
        ledger=memory[1],
        now=turn.now,
        band="10_12",
        from_contact=not turn.own,
        backfill=turn.backfill,
        salt=b"salt",
    )


def take(turn: Turn, memory: Memory, contact: Contact = KAI) -> tuple[Decision, Memory]:
    request = half(turn, memory, contact)
    step = (
        ENGINE.conclude(request, single().run(request)) if isinstance(request, Request) else request
    )
    return step.decision, (step.state, step.ledger)


def stream(
    turns: list[Turn], memory: Memory, contact: Contact = KAI
) -> tuple[list[Decision], Memory]:
    decisions = []
    for turn in turns:
        decision, memory = take(turn, memory, contact)
        decisions.append(decision)
    return decisions, memory


def restored(memory: Memory) -> Memory:
    return (
        ConversationState.from_bytes(memory[0].to_bytes()),
        UserLedger.from_bytes(memory[1].to_bytes()),
    )


@given(chats(), CONTACTS, st.data())
@settings(max_examples=100, deadline=None)
def test_saved_and_restored_anywhere_is_as_if_never_stopped(
    turns: list[Turn], contact: Contact, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(turns)))
    whole, end = stream(turns, fresh(), contact)
    first, middle = stream(turns[:at], fresh(), contact)
    second, late_end = stream(turns[at:], restored(middle), contact)
    assert first + second == whole
    assert late_end == end


@given(st.lists(chats(most=8), max_size=5))
@settings(max_examples=60, deadline=None)
def test_many_chats_in_a_batch_are_as_each_alone(group: list[list[Turn]]) -> None:
    alone = [stream(turns, fresh()) for turns in group]
    memories = [fresh() for _ in group]
    decisions: list[list[Decision]] = [[] for _ in group]
    for at in range(max(map(len, group), default=0)):
        going = [i for i, turns in enumerate(group) if at < len(turns)]
        halves = {i: half(group[i][at], memories[i]) for i in going}
        asked = {i: request for i, request in halves.items() if isinstance(request, Request)}
        rows = dict(zip(asked, batched().run(list(asked.values())), strict=True))
        for i, request in halves.items():
            step = ENGINE.conclude(request, rows[i]) if isinstance(request, Request) else request
            decisions[i].append(step.decision)
            memories[i] = (step.state, step.ledger)
    for got, memory, (wanted, end) in zip(decisions, memories, alone, strict=True):
        outcome = [(d.reason, d.risk, d.level, set(d.cues)) for d in got]
        assert outcome == [(d.reason, d.risk, d.level, set(d.cues)) for d in wanted]
        np.testing.assert_allclose(memory[0].graph, end[0].graph, atol=1e-5)
        assert memory[0].history == end[0].history
        assert (memory[0].messages, memory[0].seen) == (end[0].messages, end[0].seen)
        assert memory[1] == end[1]


@given(chats(), chats(), st.data())
@settings(max_examples=60, deadline=None)
def test_two_chats_never_mix(a: list[Turn], b: list[Turn], data: st.DataObject) -> None:
    """However two chats of one user interleave, each graph sees its own chat only."""
    order = data.draw(st.permutations([0] * len(a) + [1] * len(b)))
    ledger = UserLedger()
    states = [ENGINE.fresh_state(), ENGINE.fresh_state()]
    rest = [iter(a), iter(b)]
    for which in order:
        _, (states[which], ledger) = take(next(rest[which]), (states[which], ledger))
    for state, turns in zip(states, (a, b), strict=True):
        _, (alone, _) = stream(turns, fresh())
        assert state.graph.tolist() == alone.graph.tolist()
        assert (state.messages, state.seen, state.ring) == (
            alone.messages,
            alone.seen,
            alone.ring,
        )


@given(chats(), st.data())
@settings(max_examples=60, deadline=None)
def test_a_message_heard_again_changes_nothing(turns: list[Turn], data: st.DataObject) -> None:
    turns = renamed(turns, "m")
    _, memory = stream(turns, fresh())
    if turns:
        again = data.draw(st.sampled_from(turns[-16:]))
        decision, after = take(again, memory)
        assert decision.reason == "repeat"
        assert after == memory


@given(chats())
@settings(max_examples=60, deadline=None)
def test_hearing_every_message_twice_is_as_hearing_it_once(turns: list[Turn]) -> None:
    turns = renamed(turns, "m")
    once, end = stream(turns, fresh())
    twice, same_end = stream([turn for turn in turns for _ in range(2)], fresh())
    assert twice[::2] == once
    assert {decision.reason for decision in twice[1::2]} <= {"repeat"}
    assert same_end == end


@given(chats())
@settings(max_examples=60, deadline=None)
def test_a_state_keeps_its_size_and_its_numbers_in_bounds(turns: list[Turn]) -> None:
    _, (state, ledger) = stream(turns, fresh())
    assert len(state.to_bytes()) == len(ENGINE.fresh_state().to_bytes())
    assert len(ledger.times) <= len(turns)
    assert len(state.ring) <= 16
