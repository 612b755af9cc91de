"""Users as lanes: all chats of one young person through the engine, with one ledger.

`UserLane` does what `nudge_sdk.Client` does with its store: a state for each sender in each
conversation, one ledger for the user, and each message passed to the engine with the time at which
it comes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from nudge_harness.formats import Turn
from nudge_harness.replay import START
from nudge_sdk.engine import Engine, Request, Step
from nudge_sdk.state import ConversationState, UserLedger
from nudge_sdk.values import AgeBand, Contact, Message

Event = tuple[str, Contact, Turn, int]
"""Conversation, who it is with, the message, and its index in that conversation."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A nudge: in which conversation, on which of its messages, of what kind, why."""

    conversation: str
    message: int
    risk: str
    level: str
    reason: str


@dataclass(slots=True)
class UserLane:
    """One user. See `nudge_harness.lockstep.Lane`.

    Attributes:
        engine: with the policy to be measured.
        band: the user's age band.
        events: what is to come, in the order of time.
        ledger: nudges of the past; replaced as nudges are given.
        until_spent: drop the rest of a conversation whose name is in here as soon as the budget of
            the week is used up: an attacker who sees the goal reached goes on to the next step.
        per_week: the budget that ``until_spent`` looks at.
        begun_spent: whether it was used up when the first other conversation began.
    """

    engine: Engine
    band: AgeBand
    events: deque[Event]
    ledger: UserLedger = field(default_factory=UserLedger)
    until_spent: frozenset[str] = frozenset()
    per_week: int = 0
    begun_spent: bool | None = None
    shown: list[Shown] = field(default_factory=list)
    heard: int = 0
    _states: dict[str, ConversationState] = field(default_factory=dict)

    @property
    def more(self) -> bool:
        """See `Lane`."""
        while self.events and self.events[0][0] in self.until_spent and self.spent:
            self.events.popleft()
        return bool(self.events)

    @property
    def spent(self) -> bool:
        """Whether the budget of the week is used up at the time of the next message."""
        now = START + self.events[0][2].t
        return self.ledger.near(now, self.engine.policy.week_s) >= self.per_week

    def hear(self) -> Request | Step:
        """See `Lane`."""
        name, contact, turn, _ = self.events[0]
        if self.begun_spent is None and name not in self.until_spent:
            self.begun_spent = self.spent
        state = self._states.get(name) or self.engine.fresh_state()
        return self.engine.prepare(
            Message(turn.text, kind=turn.kind),  # type: ignore[arg-type]  # the generator's own
            contact=contact,
            state=state,
            ledger=self.ledger,
            now=START + turn.t,
            band=self.band,
            from_contact=turn.sender == "contact",
        )

    def take(self, step: Step) -> None:
        """See `Lane`."""
        name, _, _, index = self.events.popleft()
        self.heard += 1
        self._states[name], self.ledger = step.state, step.ledger
        decision = step.decision
        if decision.risk is not None and decision.level is not None:
            self.shown.append(
                Shown(
                    conversation=name,
                    message=index,
                    risk=decision.risk,
                    level=decision.level,
                    reason=decision.reason,
                )
            )


def events_of(name: str, contact: Contact, turns: Iterable[Turn]) -> list[Event]:
    """One conversation's messages as events."""
    return [(name, contact, turn, index) for index, turn in enumerate(turns)]
