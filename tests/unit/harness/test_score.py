"""Replay: what the engine sees, what it must not see, and that nothing depends on the cut.

`Words` stands in for the graph: it reads cues off the code points and counts them in its state, so
that the engine, the policy and the clock are the real ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest
from nudge_harness.errors import UsageError
from nudge_harness.formats import Conversation, conversation_from
from nudge_harness.formats.raw import RawLine
from nudge_harness.lockstep import MAX_CODEPOINTS
from nudge_harness.model import Opened
from nudge_harness.replay import (
    Assume,
    Replayed,
    Settings,
    replay,
)
from nudge_harness.score import assume_from
from nudge_harness.scoring import CHUNK_LINES, chunks

from nudge_sdk.engine import Engine, ModelSpec, Output, Request, Signals
from nudge_sdk.policy import Thresholds, shipped_policy
from nudge_sdk.values import CUES, RISKS, SWITCHES

SPEC = ModelSpec(
    model_id=b"\1" * 8,
    state_size=4,
    cap=64,
    overlap=8,
    windows=8,
    thresholds=Thresholds(
        cue=(0.5,) * len(CUES),
        gentle=(0.5,) * len(RISKS),
        strong=(0.9,) * len(RISKS),
        other_language=0.9,
    ),
)


class Words:
    """A graph that knows two words; its state counts them, and its risk follows the count."""

    def __init__(self) -> None:
        self.seen: list[Request] = []
        self.sizes: list[int] = []

    def run(self, requests: Sequence[Request]) -> list[list[Output]]:
        self.seen += requests
        self.sizes.append(sum(len(w) for request in requests for w in request.windows))
        return [[self._one(request, w) for w in request.windows] for request in requests]

    def _one(self, request: Request, window: np.ndarray) -> Output:
        text = "".join(map(chr, window.tolist()))
        cues = np.full(len(CUES) + 1, 0.01, dtype=np.float32)
        cues[CUES.index("secrecy")] = 0.95 if "secret" in text else 0.02
        cues[CUES.index("meet_request")] = 0.9 if "meet" in text else 0.02
        state = request.graph_state + np.float32(cues[:-1].max() > 0.5)
        risk = np.full(len(RISKS), 0.03, dtype=np.float32)
        risk[0] = min(0.2 + 0.35 * float(state[0]), 0.99)
        return Output(cues=cues, risk=risk, next_state=state)


def conversation(*texts: str, name: str = "c", gap: float = 7_200, **facts: Any) -> Conversation:
    """Contact and user take turns, the contact first, ``gap`` seconds apart."""
    messages = [
        {"from": "user" if i % 2 else "contact", "text": text, "t": i * gap}
        for i, text in enumerate(texts)
    ]
    return conversation_from({"id": name, "messages": messages, **facts})


USUAL = Settings()
GROOMING = conversation("hey", "hi", "its a secret", "ok", "meet me", "no", label="grooming")


def scored(
    conversations: Sequence[Conversation],
    settings: Settings = USUAL,
    model: Words | None = None,
) -> list[Replayed]:
    """Replayed through the real engine and policy."""
    engine = Engine(SPEC, shipped_policy())
    return replay(Opened("words@1", engine, model or Words()), conversations, settings)


def test_a_nudge_stands_at_the_message_on_whose_arrival_it_appears() -> None:
    (row,) = scored([GROOMING])
    first, second = row.score.nudges
    assert (first.message, first.risk, first.level) == (2, "grooming", "gentle")
    assert (second.message, second.level) == (4, "strong")
    assert first.cues == ("secrecy",) and second.cues == ("meet_request",)
    assert row.score.messages == 6 and row.trace is None
    assert row.score.risk is not None
    assert row.score.risk["grooming"] == pytest.approx(0.9) and set(row.score.risk) == set(RISKS)


def test_what_evaluation_knows_never_reaches_the_engine() -> None:
    marked = replace(
        GROOMING,
        label="benign",
        family="f",
        lang="xx",
        onset=0,
        harm=1,
        messages=tuple(replace(turn, cues=("threat",)) for turn in GROOMING.messages),
    )
    models = Words(), Words()
    bare, full = (scored([c], model=m) for c, m in zip((GROOMING, marked), models, strict=True))
    assert bare == full
    for one, two in zip(models[0].seen, models[1].seen, strict=True):
        assert np.array_equal(one.context, two.context)
        assert all(map(np.array_equal, one.windows, two.windows))


def test_conversations_do_not_touch_each_other() -> None:
    chats = [
        conversation(*(["meet", "secret", "x", "y", "z"][: 1 + i % 5]), name=f"c{i}")
        for i in range(40)
    ]
    together = scored(chats)
    assert together == [scored([chat])[0] for chat in chats]
    assert together[::-1] == scored(chats[::-1])
    assert [row.score.id for row in together] == [chat.id for chat in chats]


def context_of(signals: Signals, **facts: Any) -> np.ndarray:
    """Context of the contact's second message."""
    model = Words()
    scored([conversation("a", "b", "c", **facts)], Settings(signals=signals), model)
    return model.seen[2].context


def test_signals_hide_what_they_say() -> None:
    known = {"contact": {"relationship": "stranger", "days_known": 3, "claimed_age": 30}}
    assert np.array_equal(context_of("text", **known), context_of("text"))
    assert np.array_equal(context_of("text", gap=5), context_of("text", gap=90_000))
    assert not np.array_equal(context_of("all", **known), context_of("all"))
    assert not np.array_equal(context_of("metadata", **known), context_of("metadata"))
    model = Words()
    (row,) = scored([GROOMING], Settings(signals="metadata"), model)
    assert all(len(w) == 0 for request in model.seen for w in request.windows)
    assert row.score.nudges == ()


def test_under_text_the_clock_knows_order_only() -> None:
    quick, slow = (conversation("secret", "", "meet", "", "secret", gap=g) for g in (1.0, 9e5))
    rows = scored([quick, slow], Settings(signals="text"))
    assert rows[0] == rows[1]


def test_the_age_is_profile_and_always_given() -> None:
    for signals in get_args(Signals):
        young = context_of(signals, user_age=9)
        assert not np.array_equal(young, context_of(signals, user_age=16))
        unknown = context_of(signals)
        assert np.array_equal(unknown, context_of(signals, user_age=14))


def test_assumptions_fill_only_what_is_missing() -> None:
    def context(assume: Assume, **facts: Any) -> np.ndarray:
        model = Words()
        scored([conversation("a", **facts)], Settings(assume=assume), model)
        return model.seen[0].context

    assume = Assume(relationship="stranger", days_known=0, user_age=12)
    stated = {"contact": {"relationship": "stranger", "days_known": 0}, "user_age": 12}
    assert np.array_equal(context(assume), context(Assume(), **stated))
    other = {"contact": {"relationship": "family", "days_known": 900}, "user_age": 16}
    assert np.array_equal(context(assume, **other), context(Assume(), **other))


def test_off_infers_nothing_and_needs_no_model() -> None:
    (row,) = replay(None, [GROOMING], Settings(switch="off", trace=True))
    assert row.score.risk is None and row.score.nudges == () and row.score.messages == 6
    assert row.trace is not None
    assert {(m.cues is None, m.risk is None, m.decision) for m in row.trace.messages} == {
        (True, True, "off")
    }


def test_gentle_gives_no_more_than_full() -> None:
    gentle, full = (scored([GROOMING], Settings(switch=s))[0] for s in SWITCHES[1:])
    assert len(gentle.score.nudges) <= len(full.score.nudges)


def test_a_trace_has_each_message_and_no_text() -> None:
    (row,) = scored([GROOMING], Settings(trace=True))
    assert row.trace is not None and row.trace.model == "words@1"
    assert [m.message for m in row.trace.messages] == list(range(6))
    assert [m.sender for m in row.trace.messages] == ["contact", "user"] * 3
    assert row.trace.messages[1].decision == "own_message"
    assert set(row.trace.messages[0].cues or ()) == set(CUES)
    assert "secret" not in repr(row.trace)


def test_a_long_message_is_read_to_its_end_and_calls_stay_bounded() -> None:
    hidden = conversation("x" * 200 + " secret " + "x" * 200, *[""] * 4, "meet")
    assert scored([hidden])[0].score.nudges[0].message == 0
    model = Words()
    scored([conversation("x" * 10_000, name=f"c{i}") for i in range(300)], model=model)
    assert len(model.sizes) > 1 and max(model.sizes) <= MAX_CODEPOINTS


def test_odd_texts_and_times_are_heard() -> None:
    odd = ["", "\x00", "\ud800", "\u202emeet", "\U0001f600" * 999, "meet"]
    row = conversation_from(
        {
            "id": "odd",
            "messages": [
                {"from": "contact", "text": text, "t": t}
                for text, t in zip(odd, [-5, 1e300, 3, None, -1e300, 10**400], strict=True)
            ],
        }
    )
    assert scored([row])[0].score.messages == 6


def test_chunks_hold_everything_in_order_and_are_bounded() -> None:
    lines = [RawLine(number, b"{}") for number in range(1, 2 * CHUNK_LINES + 2)]
    cut = list(chunks(lines))
    assert [len(chunk) for chunk in cut] == [CHUNK_LINES, CHUNK_LINES, 1]
    assert [line for chunk in cut for line in chunk] == lines
    long = [RawLine(number, b"x" * 1_000_000) for number in range(9)]
    assert [len(chunk) for chunk in chunks(long)] == [4, 4, 1]
    assert list(chunks([])) == []


def test_assume_reads_its_option() -> None:
    got = assume_from("relationship=stranger, days_known=0,user_age=12")
    assert got == Assume(relationship="stranger", days_known=0, user_age=12)


@pytest.mark.parametrize(
    "text",
    ["", "stranger", "relationship=boss", "user_age=x", "user_age=12.5", "days_known=-1",
     "days_known=nan", "days_known=inf", "shoe_size=4", "user_age=12,user_age=13"],
)  # fmt: skip
def test_assume_names_what_is_wrong(text: str) -> None:
    with pytest.raises(UsageError, match=r"^--assume"):
        assume_from(text)


def test_scores_do_not_hold_text() -> None:
    assert "meet me" not in repr(scored([GROOMING], Settings(trace=True)))
