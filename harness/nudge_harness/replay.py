"""Conversations through the engine, as a phone would hear them, many at a time.

Theory of operation
-------------------
Every conversation is a fresh user with fresh memory, so conversations do not touch each other and
may be heard in lockstep (`nudge_harness.lockstep`), through the two halves of the engine that a
host app's client calls, so what is measured is what ships. The clock is simulated: a message
arrives ``t`` seconds after the first.

What the engine may see is read here, field by field, and nowhere else: text, sender, kind, time,
contact and the user's age. Label, family, onset, harm, cues and language are not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, TypeAlias

from nudge_harness.ablate import taken_away
from nudge_harness.formats import (
    ContactInfo,
    Conversation,
    NudgeRow,
    ScoreRow,
    TraceMessage,
    TraceRow,
)
from nudge_harness.formats.conversation import PACE
from nudge_harness.lockstep import run_lanes
from nudge_harness.model import Opened
from nudge_sdk.engine import Engine, Request, Signals, Step
from nudge_sdk.policy import Decision
from nudge_sdk.state import UserLedger
from nudge_sdk.values import CUES, RISKS, Contact, Message, Profile, Switch

START: Final = 1_700_000_000.0  # seconds since the epoch at which every conversation begins
DIGITS: Final = 6  # of a probability, as it is written


@dataclass(frozen=True, kw_only=True, slots=True)
class Assume:
    """What to take for contact fields and an age that a file lacks; ``None`` leaves it unknown."""

    relationship: str | None = None
    days_known: float | None = None
    claimed_age: float | None = None
    user_age: int | None = None


NOTHING = Assume()


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """How to replay. ``switch`` is the user's switch, ``signals`` what the graph may see,
    ``without`` what is taken away (`nudge_harness.ablate`)."""

    signals: Signals = "all"
    switch: Switch = "full"
    assume: Assume = NOTHING
    trace: bool = False
    without: frozenset[str] = frozenset()


class Replayed(NamedTuple):
    """Scores of one conversation, and its trace if asked for."""

    score: ScoreRow
    trace: TraceRow | None


Watch: TypeAlias = Callable[[int, int, Request, Step], None]
"""Told of every message that the graph has read: the conversation's place, the message's, what went
in and what came out."""


def replay(
    opened: Opened | None,
    conversations: Sequence[Conversation],
    settings: Settings,
    watch: Watch | None = None,
) -> list[Replayed]:
    """Hear conversations in lockstep.

    Args:
        opened: the model; not needed, and not asked, under the switch ``off``.
        conversations: one chunk; the result is the same, up to rounding in the graph, however a
            file is cut, and exactly the same for the same cut.
        settings: see `Settings`.
        watch: see `Watch`; studies keep cues and states of it.

    Raises:
        ModelError: the graph failed on a message.
    """
    if settings.switch == "off" or opened is None:
        return [_silent(conversation, settings.trace) for conversation in conversations]
    engine = opened.engine
    chats = [_Chat(engine, conversation, settings) for conversation in conversations]
    if watch is None:
        run_lanes(opened, chats)
    else:
        run_lanes(opened, [_Watched(at, chat, watch) for at, chat in enumerate(chats)])
    return [Replayed(chat.score(), chat.trace(opened.name)) for chat in chats]


class _Chat:
    """One conversation while it is being heard."""

    __slots__ = (
        "_band",
        "_contact",
        "_conversation",
        "_engine",
        "_even",
        "_highest",
        "_ledger",
        "_next",
        "_nudges",
        "_settings",
        "_state",
        "_traced",
    )

    def __init__(self, engine: Engine, conversation: Conversation, settings: Settings) -> None:
        assume = settings.assume
        conversation = taken_away(conversation, settings.without)
        age = conversation.user_age
        self._engine, self._conversation, self._settings = engine, conversation, settings
        self._contact = contact_of(conversation.contact, assume)
        self._even = settings.signals == "text" or "time" in settings.without
        self._band = Profile(age=assume.user_age if age is None else age).age_band
        self._state, self._ledger = engine.fresh_state(), UserLedger()
        self._next = 0
        self._highest = [0.0] * len(RISKS)
        self._nudges: list[NudgeRow] = []
        self._traced: list[TraceMessage] = []

    @property
    def more(self) -> bool:
        return self._next < len(self._conversation.messages)

    @property
    def at(self) -> int:
        return self._next

    def hear(self) -> Request | Step:
        turn, settings = self._conversation.messages[self._next], self._settings
        if turn.sender == "user" and "sent" in settings.without:
            own = Decision(reason="own_message")
            return Step(assessment=None, decision=own, state=self._state, ledger=self._ledger)
        # Order is known with the signals `text`, time is not: one message a minute.
        time = PACE * self._next if self._even else turn.t
        if "memory" in settings.without:
            self._state = replace(self._state, graph=self._engine.fresh_state().graph)
        return self._engine.prepare(
            Message(turn.text, kind=turn.kind),  # type: ignore[arg-type]  # checked at the border
            contact=self._contact,
            state=self._state,
            ledger=self._ledger,
            now=START + time,
            band=self._band,
            switch=settings.switch,
            from_contact=turn.sender == "contact",
            signals=settings.signals,
        )

    def take(self, step: Step) -> None:
        at, decision, assessment = self._next, step.decision, step.assessment
        self._state, self._ledger = step.state, step.ledger
        self._next += 1
        if assessment is not None:
            self._highest = list(map(max, self._highest, assessment.risk))
        if decision.risk is not None and decision.level is not None:
            self._nudges.append(
                NudgeRow(
                    message=at,
                    risk=decision.risk,
                    level=decision.level,
                    cues=decision.cues,
                    confidence=_rounded(decision.confidence),
                )
            )
        if self._settings.trace:
            self._traced.append(
                TraceMessage(
                    message=at,
                    sender=self._conversation.messages[at].sender,
                    cues=None if assessment is None else _shares(CUES, assessment.cues),
                    risk=None if assessment is None else _shares(RISKS, assessment.risk),
                    decision=decision.reason,
                )
            )

    def score(self) -> ScoreRow:
        return ScoreRow(
            id=self._conversation.id,
            messages=len(self._conversation.messages),
            risk=_shares(RISKS, self._highest),
            nudges=tuple(self._nudges),
        )

    def trace(self, model: str) -> TraceRow | None:
        if not self._settings.trace:
            return None
        return TraceRow(id=self._conversation.id, model=model, messages=tuple(self._traced))


class _Watched:
    """A conversation that somebody watches."""

    def __init__(self, place: int, chat: _Chat, watch: Watch) -> None:
        self._place, self._chat, self._watch = place, chat, watch
        self._asked: Request | None = None

    @property
    def more(self) -> bool:
        return self._chat.more

    def hear(self) -> Request | Step:
        heard = self._chat.hear()
        self._asked = heard if isinstance(heard, Request) else None
        return heard

    def take(self, step: Step) -> None:
        if self._asked is not None:
            self._watch(self._place, self._chat.at, self._asked, step)
        self._chat.take(step)


def contact_of(known: ContactInfo, assume: Assume) -> Contact:
    """What is known of the contact, with what is assumed where the file says nothing."""

    def either(given: float | None, assumed: float | None) -> float | None:
        return assumed if given is None else given

    return Contact(
        id="contact",
        relationship=known.relationship or assume.relationship,  # type: ignore[arg-type]  # checked
        days_known=either(known.days_known, assume.days_known),
        claimed_age=either(known.claimed_age, assume.claimed_age),
    )


def _silent(conversation: Conversation, traced: bool) -> Replayed:
    """Under ``off`` nothing is inferred and nothing changes."""
    trace = None
    if traced:
        messages = tuple(
            TraceMessage(message=at, sender=turn.sender, cues=None, risk=None, decision="off")
            for at, turn in enumerate(conversation.messages)
        )
        trace = TraceRow(id=conversation.id, model=None, messages=messages)
    return Replayed(ScoreRow(id=conversation.id, messages=len(conversation.messages)), trace)


def _shares(names: Sequence[str], values: Iterable[float]) -> dict[str, float]:
    return {name: round(value, DIGITS) for name, value in zip(names, values, strict=True)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
