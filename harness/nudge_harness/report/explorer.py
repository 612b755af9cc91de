"""The error explorer: which conversations went most wrong, and what the detector saw in them.

Misses are positives without a nudge by the harm (at all, where no harm is stated), the most certain
ones first: the lower the highest risk by then, the further the detector was from seeing it. False
nudges are benign, the most confident first. At most two come from one family, so that one bad
scenario does not fill the list.

Text is taken in for generated chats only, when the caller says that they are; of real ones the
explorer shows ids and curves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nudge_harness.formats import Conversation, TraceRow
from nudge_harness.metrics.curve import Curve, curve_of
from nudge_harness.metrics.outcome import Outcome

SHOWN: Final = 12  # of each sort
_PER_FAMILY: Final = 2
_CUE_SHOWN: Final = 0.5  # probability from which a cue is named


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One message of a case.

    Attributes:
        index: from 0.
        sender: ``contact`` or ``user``; ``None`` when nobody said.
        text: ``None`` for real chats.
        kind: text, image, ...; ``None`` when unknown.
        risk: highest of the kinds after it, 0..1; ``None`` without a trace.
        cues: names of the cues found in it.
        decision: the engine's reason; ``None`` without a trace.
        nudge: kind of risk that a nudge named here.
    """

    index: int
    sender: str | None = None
    text: str | None = None
    kind: str | None = None
    risk: float | None = None
    cues: tuple[str, ...] = ()
    decision: str | None = None
    nudge: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One conversation of the explorer: its outcome, its curve and its messages."""

    outcome: Outcome
    curve: Curve | None
    lines: tuple[Line, ...]

    @property
    def peak(self) -> tuple[int, float] | None:
        """Index and height of the highest risk; ``None`` without a trace."""
        risks = [(line.risk, -line.index) for line in self.lines if line.risk is not None]
        if not risks:
            return None
        risk, index = max(risks)
        return -index, risk


@dataclass(frozen=True, kw_only=True, slots=True)
class Cases:
    """What the explorer shows, worst first, and how many there were in all."""

    missed: tuple[Case, ...]
    false: tuple[Case, ...]
    all_missed: int
    all_false: int


def is_missed(outcome: Outcome) -> bool:
    """A positive that got no nudge in time; where no harm is stated, none at all."""
    if not outcome.positive:
        return False
    return not outcome.nudged if outcome.harm is None else not outcome.caught


def is_false(outcome: Outcome) -> bool:
    """A benign conversation that got a nudge."""
    return outcome.benign and outcome.nudged


def worst(
    outcomes: Sequence[Outcome], curves: Mapping[str, Curve], shown: int = SHOWN
) -> tuple[list[Outcome], list[Outcome]]:
    """The worst misses and the worst false nudges, in order.

    Args:
        outcomes: all conversations.
        curves: by id; without one, longer chats come first among misses and more nudges among
            false ones.
        shown: at most so many of each.
    """

    def peak(outcome: Outcome) -> float:
        curve = curves.get(outcome.id)
        if curve is None or np.isnan(curve.highest).all():
            return 0.5
        end = None if outcome.harm is None or outcome.benign else outcome.harm + 1
        seen = curve.highest[:end]
        return float(np.nanmax(seen)) if len(seen) and not np.isnan(seen).all() else 0.5

    missed = sorted(filter(is_missed, outcomes), key=lambda o: (peak(o), -o.messages, o.id))
    false = sorted(filter(is_false, outcomes), key=lambda o: (-peak(o), -len(o.nudges), o.id))
    return _varied(missed, shown), _varied(false, shown)


def _varied(ranked: Iterable[Outcome], shown: int) -> list[Outcome]:
    taken: Counter[str] = Counter()
    chosen: list[Outcome] = []
    for outcome in ranked:
        if outcome.family is not None:
            if taken[outcome.family] == _PER_FAMILY:
                continue
            taken[outcome.family] += 1
        chosen.append(outcome)
        if len(chosen) == shown:
            break
    return chosen


def explore(
    outcomes: Sequence[Outcome],
    curves: Mapping[str, Curve],
    *,
    conversations: Iterable[Conversation] = (),
    traces: Iterable[TraceRow] = (),
    generated: bool = False,
    shown: int = SHOWN,
) -> Cases:
    """Pick the worst cases and gather what is known of them in one pass over each file.

    Args:
        outcomes: all conversations.
        curves: by id, to rank them.
        conversations: the truth once more, streamed.
        traces: the trace once more, streamed.
        generated: whether the chats are made up; only then is their text taken in.
        shown: at most so many misses and so many false nudges.
    """
    missed, false = worst(outcomes, curves, shown)
    wanted = {outcome.id for outcome in (*missed, *false)}
    said = {own.id: own for own in conversations if own.id in wanted}
    seen = {row.id: row for row in traces if row.id in wanted}

    def case(outcome: Outcome) -> Case:
        return _case(outcome, said.get(outcome.id), seen.get(outcome.id), generated)

    return Cases(
        missed=tuple(map(case, missed)),
        false=tuple(map(case, false)),
        all_missed=sum(map(is_missed, outcomes)),
        all_false=sum(map(is_false, outcomes)),
    )


def _case(
    outcome: Outcome, said: Conversation | None, seen: TraceRow | None, generated: bool
) -> Case:
    curve = None if seen is None else curve_of(seen)
    highest = None if curve is None else curve.highest
    nudges = {given.message: given.risk for given in reversed(outcome.nudges)}
    steps = {} if seen is None else {item.message: item for item in seen.messages}
    lines = []
    for index in range(outcome.messages):
        turn = said.messages[index] if said is not None else None
        step = steps.get(index)
        risk = None if highest is None or index >= len(highest) else float(highest[index])
        cues = {} if step is None or step.cues is None else step.cues
        lines.append(
            Line(
                index=index,
                sender=turn.sender if turn else step.sender if step else None,
                text=turn.text if turn and generated else None,
                kind=turn.kind if turn else None,
                risk=None if risk is None or np.isnan(risk) else risk,
                cues=tuple(sorted(c for c, p in cues.items() if p >= _CUE_SHOWN)),
                decision=step.decision if step else None,
                nudge=nudges.get(index),
            )
        )
    return Case(outcome=outcome, curve=curve, lines=tuple(lines))
