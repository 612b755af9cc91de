"""The engine on the toy graph: what each sort of message does to the memory and the decision."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nudge_sdk._onnx import SingleModel
from nudge_sdk.engine import Engine, Output, Request, Step
from nudge_sdk.errors import ModelError
from nudge_sdk.policy import shipped_policy
from nudge_sdk.state import ConversationState, UserLedger
from nudge_sdk.values import CUES, Contact, Message
from tests import toy

NOW = 1_800_000_000.0
DAY = 86_400.0
KAI = Contact(id="kai", relationship="stranger", days_known=0)


class Chat:
    """One sender and one user, through `prepare`, graph, `conclude`."""

    def __init__(self) -> None:
        self.engine = Engine(toy.SPEC, shipped_policy())
        self.model = SingleModel(toy.single_model(), toy.SPEC)
        self.state = self.engine.fresh_state()
        self.ledger = UserLedger()

    def say(self, message: Message | str, **options: Any) -> Step:
        if isinstance(message, str):
            message = Message(message)
        arguments = {"contact": KAI, "now": NOW, "band": "13_15", **options}
        half = self.engine.prepare(message, state=self.state, ledger=self.ledger, **arguments)
        step = (
            self.engine.conclude(half, self.model.run(half)) if isinstance(half, Request) else half
        )
        self.state, self.ledger = step.state, step.ledger
        return step


@pytest.fixture
def chat() -> Chat:
    return Chat()


def test_an_ordinary_message_moves_the_memory_and_says_nothing(chat: Chat) -> None:
    before = chat.state
    step = chat.say("hello")
    assert step.decision.reason == "below_threshold"
    assert (step.state.messages, step.state.newest) == (1, NOW)
    assert step.state.graph.tolist() != before.graph.tolist()
    assert step.ledger == UserLedger()


def test_a_risky_message_nudges_and_is_remembered(chat: Chat) -> None:
    step = chat.say("T")
    assert (step.decision.reason, step.decision.risk) == ("floor", "coercion")
    assert step.decision.cues == ("threat",)
    assert step.decision.confidence == pytest.approx(0.777, abs=1e-3)
    assert step.state.of("coercion").nudges == 1
    assert step.ledger.times == (int(NOW),)
    assert step.assessment is not None
    assert step.assessment.cues[CUES.index("threat")] > 0.9


def test_a_repeated_message_changes_nothing(chat: Chat) -> None:
    first = chat.say(Message("T", id="1"))
    again = chat.say(Message("T", id="1"), now=NOW + 3600)
    assert again.decision.reason == "repeat"
    assert again.assessment is None
    assert again.state == first.state
    assert again.ledger == first.ledger


def test_an_edit_is_one_more_message(chat: Chat) -> None:
    chat.say(Message("hello", id="1"))
    step = chat.say(Message("T", id="1", revision=1))
    assert step.decision.nudges
    assert step.state.messages == 2


def test_only_the_last_16_messages_are_known_again(chat: Chat) -> None:
    for i in range(17):
        chat.say(Message("hello", id=str(i)))
    assert chat.say(Message("hello", id="1")).decision.reason == "repeat"
    assert chat.say(Message("hello", id="0")).decision.reason != "repeat"


def test_without_an_id_every_message_is_new(chat: Chat) -> None:
    chat.say("hello")
    assert chat.say("hello").state.messages == 2


def test_own_messages_count_and_never_nudge(chat: Chat) -> None:
    step = chat.say("T M", from_contact=False)
    assert step.decision.reason == "own_message"
    assert step.state.messages == 1
    assert step.state.seen == 0


@pytest.mark.parametrize(
    ("options", "sent_at", "reason"),
    [
        ({"backfill": True}, None, "backfill"),
        ({"backfill": True}, NOW - 9 * DAY, "backfill"),
        ({}, NOW - DAY - 1, "late"),
        ({}, -5.0, "late"),
        ({}, float("-inf"), "late"),
    ],
)
def test_old_messages_are_read_and_never_nudge(
    chat: Chat, options: dict[str, Any], sent_at: float | None, reason: str
) -> None:
    step = chat.say(Message("T", sent_at=sent_at), **options)
    assert step.decision.reason == reason
    assert step.state.messages == 1
    assert step.state.seen == 1 << CUES.index("threat")
    assert step.state.of("coercion").nudges == 0


@pytest.mark.parametrize(
    "sent_at", [NOW - DAY, NOW, NOW + 1e9, float("inf"), float("nan"), 10**400]
)
def test_a_time_up_to_a_day_old_or_in_the_future_nudges(chat: Chat, sent_at: float) -> None:
    step = chat.say(Message("T", sent_at=sent_at))
    assert step.decision.nudges
    assert step.state.newest is not None
    assert step.state.newest <= NOW


def test_a_late_message_does_not_set_the_chat_back(chat: Chat) -> None:
    chat.say("hello")
    step = chat.say(Message("hello", sent_at=NOW - 2 * DAY))
    assert step.state.newest == NOW


def test_another_language_is_not_read_and_the_host_can_tell(chat: Chat) -> None:
    step = chat.say("T Z")
    assert step.decision.reason == "language"
    assert step.state.not_reading
    assert step.state.seen == 0
    assert not chat.say("hello").state.not_reading


def test_a_risk_without_words_never_nudges(chat: Chat) -> None:
    step = chat.say("!!")
    assert step.decision.reason == "no_words"
    assert step.decision.confidence is not None


def test_metadata_alone_never_reaches_the_words(chat: Chat) -> None:
    assert chat.say("T", signals="metadata").decision.reason == "below_threshold"


@pytest.mark.parametrize("signals", ["text", "metadata"])
def test_what_a_study_hides_the_graph_does_not_see(chat: Chat, signals: Any) -> None:
    half = chat.engine.prepare(
        Message("hello", kind="image"), contact=KAI, state=chat.state, ledger=chat.ledger, now=NOW,
        band="10_12", signals=signals,
    )  # fmt: skip
    assert isinstance(half, Request)
    assert half.context[15] == 1.0  # the band is profile, not signal
    if signals == "text":
        assert half.context[[8, 10, 13, 25, 27, 29]].tolist() == [1.0] * 6
    else:
        assert half.windows[0].tolist() == []


@pytest.mark.parametrize("where", ["head", "middle", "tail", "border"])
def test_an_ask_in_a_long_message_is_found(chat: Chat, where: str) -> None:
    at = {"head": 0, "middle": 200, "tail": 399, "border": toy.CAP}[where]
    text = "a" * 400
    step = chat.say((text[:at] + "T" + text[at + 1 :]).replace("a", "b"))
    assert step.decision.cues == ("threat",)


def test_another_model_starts_the_graph_anew_and_keeps_history_and_answers(chat: Chat) -> None:
    chat.say("T")
    chat.state = chat.state.with_answer("coercion", "fine")
    newer = Engine(replace(toy.SPEC, model_id=b"model two"[:8]), shipped_policy())
    state = newer.adopt(chat.state)
    assert state.graph.tolist() == [0.0] * toy.STATE
    assert state.history == chat.state.history
    assert state.of("coercion").answers == 1
    assert state.model_id == b"model tw"
    assert newer.adopt(state) is state


def request_and_output(chat: Chat, text: str) -> tuple[Request, list[Output]]:
    half = chat.engine.prepare(
        Message(text), contact=None, state=chat.state, ledger=chat.ledger, now=NOW, band="adult"
    )
    assert isinstance(half, Request)
    return half, chat.model.run(half)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"cues": np.zeros(17, np.float32)}, "another shape"),
        ({"risk": np.zeros(5, np.float32)}, "another shape"),
        ({"next_state": np.zeros(3, np.float32)}, "another shape"),
        ({"cues": np.full(18, np.nan, np.float32)}, "not a probability"),
        ({"risk": np.full(4, 1.01, np.float32)}, "not a probability"),
        ({"risk": np.full(4, -0.01, np.float32)}, "not a probability"),
        ({"next_state": np.full(8, np.inf, np.float32)}, "not finite"),
    ],
)
@pytest.mark.parametrize("window", [0, 1])
def test_nonsense_from_the_graph_is_refused_in_every_window(
    chat: Chat, change: dict[str, Any], says: str, window: int
) -> None:
    half, outputs = request_and_output(chat, "x" * 70)
    outputs[window] = replace(outputs[window], **change)
    with pytest.raises(ModelError, match=says):
        chat.engine.conclude(half, outputs)


def test_a_missing_window_is_refused(chat: Chat) -> None:
    half, outputs = request_and_output(chat, "x" * 70)
    with pytest.raises(ModelError, match="number of outputs"):
        chat.engine.conclude(half, outputs[:1])


@pytest.mark.parametrize(("text", "window"), [("T" + "x" * 99, 0), ("x" * 99 + "T", 1)])
def test_the_window_with_the_highest_risk_makes_the_state(
    chat: Chat, text: str, window: int
) -> None:
    half, outputs = request_and_output(chat, text)
    step = chat.engine.conclude(half, outputs)
    assert len(outputs) == 2
    assert step.state.graph.tolist() == outputs[window].next_state.tolist()


def test_the_same_inputs_give_the_same_step(chat: Chat) -> None:
    half, outputs = request_and_output(chat, "T S")
    assert chat.engine.conclude(half, outputs) == chat.engine.conclude(half, outputs)


def test_states_are_values_and_never_changed(chat: Chat) -> None:
    before, raw = chat.state, chat.state.to_bytes()
    chat.say("T")
    assert before.to_bytes() == raw
    assert isinstance(before, ConversationState)
