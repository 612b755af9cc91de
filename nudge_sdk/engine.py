"""The engine: the core without I/O. It reads no clock, file or network, and remembers nothing.

Theory of operation
-------------------
One message goes through in two halves, with the graph between them::

    prepare(message, contact, state, ...)  ->  Request (windows, context, graph state) | Step
    graph(request)                         ->  one Output for each window
    conclude(request, outputs, ...)        ->  Step (assessment, decision, state, ledger)

The graph is run by whoever holds it: the client calls the single graph, the harness packs many
requests into one call of the batched graph. Both go through the same two functions, so what the
harness measures is what a host app gets. Whoever calls keeps the state; the engine returns the next
one as a new frozen value, so two chats can never mix.

What happens to a message, by what it is:

=================  =============================================================================
message            effect
=================  =============================================================================
ordinary           read; the state moves on; a decision is made
repeated           same (id, revision) as one of the last 16: nothing changes (`Step` at once)
sent               written by the young person: the state moves on, never a nudge
backfill, late     loaded from history, or over a day old: the state moves on, never a nudge
edited             a new revision is one more message: what was read cannot be unread
deleted            nothing changes: the state holds no message, only what the chat has shown
over the cap       read in windows from the same state; the window with the highest risk counts
not text           an event with a kind: its text (a caption) is read, it is never opened
=================  =============================================================================

Times are those of the host: a time before the epoch counts as 0, one in the future as now.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from nudge_sdk._codepoints import CodePoints, codepoints_of, windows_of
from nudge_sdk._context import ContextVector, context_vector
from nudge_sdk._stays import Stays
from nudge_sdk.errors import ModelError
from nudge_sdk.policy import (
    Assessment,
    Circumstances,
    Decision,
    Policy,
    Thresholds,
    decide,
    held,
    raise_marks,
    remember,
)
from nudge_sdk.state import RING, ConversationState, UserLedger, id_hash
from nudge_sdk.values import CUES, RISKS, AgeBand, Contact, Message, Switch

Signals: TypeAlias = Literal["all", "text", "metadata"]
"""What the graph may see; hosts use ``all``, studies compare."""

_OUTPUT_CUES: Final = len(CUES) + 1  # the last one: another language


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelSpec:
    """What the engine has to know of a model; read from the bundle's ``config.json``.

    Attributes:
        model_id: 8 bytes, the first of the graph's SHA-256.
        state_size: floats in the graph's state.
        cap, overlap, windows: see `windows_of`.
        thresholds: the policy's numbers that belong to this model.
    """

    model_id: bytes
    state_size: int
    cap: int
    overlap: int
    windows: int
    thresholds: Thresholds


@dataclass(frozen=True, kw_only=True, slots=True)
class Request(Stays):
    """One message, ready for the graph.

    Attributes:
        windows: int32 code points, one array ``(n,)`` for each window, 0 <= n <= cap.
        context: float32 ``(32,)``.
        graph_state: float32 ``(state_size,)``, the same for every window.
        sent: when the message was sent, seconds since the epoch, at most ``at.now``.
    """

    windows: list[CodePoints] = field(repr=False)
    context: ContextVector = field(repr=False)
    graph_state: npt.NDArray[np.float32] = field(repr=False)
    state: ConversationState = field(repr=False)
    ledger: UserLedger = field(repr=False)
    at: Circumstances = field(repr=False)
    sent: float = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Output:
    """What the graph gives for one window.

    Attributes:
        cues: float32 ``(18,)`` in 0..1: the 17 `CUES`, then "another language".
        risk: float32 ``(4,)`` in 0..1, calibrated, in the order of `RISKS`.
        next_state: float32 ``(state_size,)``.
    """

    cues: npt.NDArray[np.float32]
    risk: npt.NDArray[np.float32]
    next_state: npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """Result of one message: the raw assessment, the decision with its reason, the next memory.

    ``assessment`` is ``None`` for a repeated message, which is not read again.
    """

    assessment: Assessment | None
    decision: Decision
    state: ConversationState = field(repr=False)
    ledger: UserLedger = field(repr=False)


class Engine:
    """Pure functions over one model's numbers and one policy. Immutable; share it freely."""

    __slots__ = ("_for_drafts", "_for_outside", "_policy", "_spec")

    def __init__(self, spec: ModelSpec, policy: Policy) -> None:
        self._spec = spec
        self._policy = policy
        derived, usual = policy.derived.of(spec.model_id), spec.thresholds
        self._for_outside = usual.easier(derived.adult_outside_contacts_odds)
        self._for_drafts = usual.easier(derived.draft_odds)

    @property
    def spec(self) -> ModelSpec:
        """The model's numbers."""
        return self._spec

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self._policy

    def fresh_state(self) -> ConversationState:
        """State of a conversation before its first message."""
        graph = np.zeros(self._spec.state_size, dtype=np.float32)
        return ConversationState(model_id=self._spec.model_id, graph=graph)

    def adopt(self, state: ConversationState) -> ConversationState:
        """State as this model can use it: another model's graph state starts anew, the history of
        nudges and the user's answers stay."""
        if state.model_id == self._spec.model_id and state.graph.shape[0] == self._spec.state_size:
            return state
        return replace(state, model_id=self._spec.model_id, graph=self.fresh_state().graph)

    def prepare(
        self,
        message: Message,
        *,
        contact: Contact | None,
        state: ConversationState,
        ledger: UserLedger,
        now: float,
        band: AgeBand,
        switch: Switch = "full",
        from_contact: bool = True,
        backfill: bool = False,
        salt: bytes = b"",
        signals: Signals = "all",
    ) -> Request | Step:
        """First half: everything before the graph.

        Args:
            message, contact: as the host gave them; ``contact=None`` when nothing is known.
            state, ledger: the memory, from `fresh_state` or an earlier `Step`.
            now: seconds since the epoch, by the host's clock.
            band, switch: the young person's age band and switch; never called under ``off``.
            from_contact: ``False`` for the young person's own messages.
            backfill: the message comes from history loaded later.
            salt: the store's secret for hashing message ids, at most 64 bytes.
            signals: what the graph may see.

        Returns:
            A `Request` for the graph, or, for a repeated message, the final `Step`.
        """
        state = self.adopt(state)
        ring = state.ring
        familiar = self._policy.draft.familiar(state.familiar, contact, from_contact)
        if message.id is not None:
            identity = id_hash(message.id, message.revision, salt)
            if identity in ring:
                decision = Decision(reason="repeat")
                return Step(assessment=None, decision=decision, state=state, ledger=ledger)
            ring = (*ring, identity)[-RING:]
        sent = now if message.sent_at is None else _within(message.sent_at, now)
        gap = None if state.newest is None else max(sent - state.newest, 0.0)
        newest = sent if state.newest is None else max(sent, state.newest)
        words, facts = signals != "metadata", signals != "text"
        spec = self._spec
        return Request(
            windows=windows_of(
                codepoints_of(message.text if words else ""),
                cap=spec.cap,
                overlap=spec.overlap,
                most=spec.windows,
            ),
            context=context_vector(
                from_contact=from_contact,
                contact=contact if facts else None,
                band=band,
                kind=message.kind if facts else None,
                gap=gap if facts else None,
            ),
            graph_state=state.graph,
            state=state.heard(newest, familiar, ring),
            ledger=ledger,
            sent=sent,
            at=Circumstances(
                now=now,
                band=band,
                switch=switch,
                from_contact=from_contact,
                backfill=backfill,
                late=now - sent > self._policy.late_after_s,
                outside=facts and self._policy.outside.apply(contact, band),
            ),
        )

    def conclude(self, request: Request, outputs: Sequence[Output]) -> Step:
        """Second half: everything after the graph.

        Args:
            outputs: one for each window of the request, in order.

        Raises:
            ModelError: the graph's outputs are of the wrong number, shape or range.
        """
        if len(outputs) != len(request.windows):
            raise ModelError("the graph gave another number of outputs than there are windows")
        read = [self._read(output) for output in outputs]
        worst, assessment = 0, read[0]
        if len(read) > 1:
            worst = max(range(len(read)), key=lambda window: max(read[window].risk))
            cues = zip(*[window.cues for window in read], strict=True)
            assessment = replace(read[worst], cues=tuple(map(max, cues)))
        state = request.state
        thresholds = self._for_outside if request.at.outside else self._spec.thresholds
        decision = decide(self._policy, thresholds, assessment, state, request.ledger, request.at)
        not_reading = assessment.other_language >= thresholds.other_language
        shown = held(assessment, thresholds) if request.at.from_contact and not not_reading else 0
        state = state.read(outputs[worst].next_state, shown, not_reading)
        if shown:
            limits, now = self._for_drafts.gentle, request.at.now
            state = raise_marks(
                self._policy, limits, state, assessment.risk, shown, request.sent, now
            )
        state, ledger = remember(self._policy, state, request.ledger, decision, request.at.now)
        return Step(assessment=assessment, decision=decision, state=state, ledger=ledger)

    def _read(self, output: Output) -> Assessment:
        if (
            output.cues.shape != (_OUTPUT_CUES,)
            or output.risk.shape != (len(RISKS),)
            or output.next_state.shape != (self._spec.state_size,)
        ):
            raise ModelError("the graph's outputs are of another shape than the config promises")
        *cues, other_language = every = output.cues.tolist()
        risk = output.risk.tolist()
        every += risk
        # A NaN hides from a comparison, but not from a sum.
        if not (min(every) >= 0.0 and max(every) <= 1.0 and math.isfinite(sum(every))):
            raise ModelError("the graph gave something that is not a probability")
        if not math.isfinite(sum(output.next_state.tolist())):  # one that is not makes the sum so
            raise ModelError("the graph gave a state that is not finite")
        return Assessment(cues=tuple(cues), risk=tuple(risk), other_language=other_language)


def _within(sent: float, now: float) -> float:
    """A message's time between the epoch and now; what is not a number counts as now."""
    return float(max(sent, 0.0)) if sent < now else now
