"""One message through engine, graph and store, as often as it takes.

For each message: read a snapshot of the memory, run the engine's two halves with the graph between
them, swap the next memory in; when somebody else was faster, start again (`nudge_sdk.store`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

from nudge_sdk._recent import RecentContacts
from nudge_sdk.engine import Engine, Request, Step
from nudge_sdk.errors import UsageError
from nudge_sdk.policy import unwise
from nudge_sdk.store import slot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nudge_sdk.engine import Output
    from nudge_sdk.state import ConversationState
    from nudge_sdk.store import Slot, Snapshot, StateStore
    from nudge_sdk.values import AgeBand, Answer, Contact, Message, RiskKind, Switch

Clock: TypeAlias = Callable[[], float]
"""Gives seconds since the Unix epoch."""


class Model(Protocol):
    """The graph: `nudge_sdk._onnx.SingleModel`, or a stand-in that studies put in its place."""

    def run(self, request: Request) -> list[Output]:
        """One `Output` for each window of the request."""
        ...


@dataclass(kw_only=True, slots=True)
class Turns:
    """What `Client` is wired from. Every method may be called from any thread.

    ``switch`` is the young person's switch, the one thing here that changes. It is read again after
    each snapshot: a switch that is turned off in between has the store wiped, so the swap fails and
    nothing is written under ``off``.
    """

    engine: Engine
    model: Model
    store: StateStore
    band: AgeBand = field(repr=False)
    clock: Clock
    switch: Switch
    recent: RecentContacts = field(default_factory=RecentContacts, repr=False)

    @property
    def off(self) -> bool:
        """Whether nothing may be read or changed now."""
        return self.switch == "off"

    def take(
        self,
        message: Message,
        senders: Sequence[tuple[Slot, Contact | None]],
        *,
        from_contact: bool = True,
        backfill: bool = False,
    ) -> list[Step]:
        """Read one message for each of some senders' states, and write these in one change.

        Args:
            message: what was written.
            senders: rows, and what is known of each sender.
            from_contact: ``False`` for the young person's own message.
            backfill: the message comes from history that is loaded now.

        Returns:
            One step for each sender, in order; none under ``off`` and without senders.

        Raises:
            ModelError: the graph failed; nothing was written.
            StateError: the store cannot be read or written; nothing was written. (Not through a
                client, which stands a `SteadyStore` before it.)
        """
        slots = [where for where, _ in senders]
        while senders and not self.off:
            before = self.store.read(slots)
            switch = self.switch
            if switch == "off":
                break
            steps = self._steps(message, senders, before, switch, from_contact, backfill)
            if steps[0].assessment is None and all(step.assessment is None for step in steps):
                return steps  # a repeat changes nothing
            states = [step.state for step in steps]
            ledger = steps[0].ledger  # more senders than one: an own message, the ledger stands
            if self.store.swap(before, states, ledger, heard=from_contact):
                self.recent.put(senders)
                return steps
        return []

    def slot(self, conversation_id: str, name: str) -> Slot:
        """Name of the row of a sender in a conversation, both as the host identifies them."""
        return slot(self.store.salt, conversation_id, name)

    def heard(self, conversation: bytes) -> list[tuple[Slot, Contact | None]]:
        """Those whom a reply in a conversation answers, with what is known of them."""
        if self.off:
            return []
        most = self.engine.policy.senders_updated_by_a_reply
        slots = self.store.senders(conversation, most)
        return [(where, self.recent.get(where)) for where in slots]

    def answer(self, where: Slot, risk: RiskKind, answer: Answer) -> None:
        """Keep the user's answer, unless there is nothing left that it could be about."""
        while not self.off:
            before = self.store.read([where])
            state = before.states[0]
            if state is None or self.off:
                return
            if self.store.swap(before, [state.with_answer(risk, answer)], before.ledger):
                return

    def unwise(self, where: Slot, contact: Contact | None) -> bool:
        """Whether a conversation calls for a pause before something private is shared.

        ``contact``: who it goes to; ``None`` for those heard there lately.
        """
        if self.off:
            return False
        policy, now = self.engine.policy, self._now()
        slots = [where]
        if contact is None:
            slots = list(self.store.senders(where.conversation, policy.senders_updated_by_a_reply))
        states = self.store.read(slots).states
        if policy.draft.familiar(False, contact, True):
            return False
        return any(state is not None and unwise(policy, state, now) for state in states)

    def _steps(
        self,
        message: Message,
        senders: Sequence[tuple[Slot, Contact | None]],
        before: Snapshot,
        switch: Switch,
        from_contact: bool,
        backfill: bool,
    ) -> list[Step]:
        now = self._now()
        salt = self.store.salt
        steps = []
        for (_, contact), state in zip(senders, before.states, strict=True):
            request = self.engine.prepare(
                message,
                contact=contact,
                state=self._or_fresh(state),
                ledger=before.ledger,
                now=now,
                band=self.band,
                switch=switch,
                from_contact=from_contact,
                backfill=backfill,
                salt=salt,
            )
            if isinstance(request, Request):
                steps.append(self.engine.conclude(request, self.model.run(request)))
            else:
                steps.append(request)
        return steps

    def _or_fresh(self, state: ConversationState | None) -> ConversationState:
        return self.engine.fresh_state() if state is None else state

    def _now(self) -> float:
        now = self.clock()
        if not math.isfinite(now):
            raise UsageError("clock must give seconds since the epoch")
        return max(float(now), 0.0)
