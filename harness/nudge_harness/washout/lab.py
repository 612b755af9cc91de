"""The graph from many states at once, for one risky chat: what the searches measure with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from nudge_harness.formats import Conversation
from nudge_harness.formats.conversation import PACE
from nudge_harness.model import Opened
from nudge_harness.replay import NOTHING, START, contact_of
from nudge_sdk.engine import Request, Step
from nudge_sdk.state import ConversationState, UserLedger
from nudge_sdk.values import Message, Profile

Floats: TypeAlias = npt.NDArray[np.float32]

_CALL: Final = 32_768  # code points in one call of the graph
_TINY: Final = 1e-6  # probabilities nearer to 0 or 1 count as this far


def logit(p: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Log odds of probabilities."""
    clipped = np.clip(p, _TINY, 1 - _TINY)
    return np.log(clipped / (1 - clipped))


class Lab:
    """Asks the graph what a chat looks like after a flood of its own contact.

    Attributes:
        runs: messages read so far.
        lowest, highest: float32 ``(s,)``, bounds of all states that a flood has reached.
    """

    def __init__(self, opened: Opened, chat: Conversation) -> None:
        self._opened = opened
        self._contact = contact_of(chat.contact, NOTHING)
        self._band = Profile(age=chat.user_age).age_band
        self._after = self._one(Message("hi"), opened.engine.fresh_state(), 0.0).state
        self._prepared: dict[str, Request] = {}
        self._chat: list[tuple[Request, bool]] = []
        state, start = self._after, chat.messages[0].t
        for turn in chat.messages:
            message = Message(turn.text, kind=turn.kind)  # type: ignore[arg-type]  # checked there
            own = turn.sender == "contact"
            request = self._one(message, state, PACE + turn.t - start, from_contact=own)
            self._chat.append((request, own))
            state = request.state
        gentle = np.asarray(opened.engine.spec.thresholds.gentle)
        self._gentle = logit(gentle)
        self.runs = 0
        self.lowest = np.zeros(opened.engine.spec.state_size, dtype=np.float32)
        self.highest = self.lowest.copy()

    @property
    def fresh(self) -> Floats:
        """Float32 ``(s,)``: the state before any message."""
        return self._opened.engine.fresh_state().graph

    def _one(
        self, message: Message, state: ConversationState, time: float, *, from_contact: bool = True
    ) -> Request:
        prepared = self._opened.engine.prepare(
            message,
            contact=self._contact,
            state=state,
            ledger=UserLedger(),
            now=START + time,
            band=self._band,
            from_contact=from_contact,
        )
        if isinstance(prepared, Step):
            raise TypeError("a message without an id is never a repeat")
        return prepared

    def said(self, text: str) -> Request:
        """A flood's message, a minute after the one before."""
        if text not in self._prepared:
            self._prepared[text] = self._one(Message(text), self._after, PACE)
        return self._prepared[text]

    def after(self, states: Floats, texts: Sequence[str]) -> Floats:
        """States after one message of a flood each.

        Args:
            states: float32 ``(b, s)``.
            texts: one for each.

        Returns:
            Float32 ``(b, s)``.
        """
        _, states = self._run(states, [self.said(text) for text in texts])
        self.lowest = np.minimum(self.lowest, states.min(axis=0))
        self.highest = np.maximum(self.highest, states.max(axis=0))
        return states

    def margins(self, states: Floats) -> npt.NDArray[np.float64]:
        """How risky the chat looks from some states: log odds above the gentle threshold.

        Args:
            states: float32 ``(b, s)``.

        Returns:
            Float64 ``(b,)``: the highest over the contact's messages and the kinds of risk.
        """
        highest = np.full(len(states), -np.inf)
        for request, own in self._chat:
            risk, states = self._run(states, [request] * len(states))
            if own:
                over = logit(risk.astype(np.float64)) - self._gentle
                highest = np.maximum(highest, over.max(axis=1))
        return highest

    def _run(self, states: Floats, requests: Sequence[Request]) -> tuple[Floats, Floats]:
        """Risk ``(b, 4)`` and next states ``(b, s)``, as `Engine.conclude` takes them."""
        self.runs += len(requests)
        risks, nexts = [], []
        batch: list[Request] = []
        size = 0
        for at, request in enumerate(requests):
            batch.append(replace(request, graph_state=states[at]))
            size += sum(map(len, request.windows))
            if size >= _CALL or at == len(requests) - 1:
                for outputs in self._opened.model.run(batch):
                    worst = max(outputs, key=lambda output: float(output.risk.max()))
                    risks.append(worst.risk)
                    nexts.append(worst.next_state)
                batch, size = [], 0
        return np.stack(risks), np.stack(nexts)
