"""The policy: (assessment, history, answers, profile, now) to a decision with its reason.

Theory of operation
-------------------
``policy.json`` is the table, this module its interpreter; Python and JavaScript read the same file,
and no number of the policy stands in code. Numbers that depend on the model (when a cue holds, from
which probability a risk counts) come with the bundle, as `Thresholds`. A decision is made in this
order, and the first rule that applies gives the reason:

1. ``own_message``: what the young person writes never nudges.
2. ``backfill``, ``late``: history loaded later, or a message older than ``late_after_s``.
3. ``language``: the message is in a language that the model does not read.
4. ``below_threshold``: no risk reaches its gentle threshold.
5. ``no_words``: a risk does, but no cue of its ``evidence`` list holds in this message. Metadata
   alone never nudges.
6. The **floor** (threat, request to meet, photo with secrecy, pressure after a threat): one nudge
   for each new piece of evidence, always ``strong``, past answers, cooldown and budget, so that
   nobody can use the budget up to hide them.
7. ``no_new_evidence``: every cue that holds was already part of a nudge of this kind here.
8. ``answered_fine``: the user said "this is fine" to this kind here; only a strong nudge passes.
9. ``gentle_switch``: under the switch ``gentle``, one gentle nudge for each kind and chat.
10. ``burst``, ``cooldown``, ``budget_conversation``, ``budget_week``: too soon, or enough said.
11. ``nudge``.

A burst gives one nudge: within ``burst_s`` of the last nudge of this chat nothing follows, but a
strong one may replace a gentle one. The level is ``strong`` by the floor, or when the risk reaches
its strong threshold and ``distinct_cues`` of its evidence have been seen; else ``gentle``.

A past nudge counts by its distance in time from now, either way: after a clock that ran ahead is
set back, it holds others back no longer than if it lay as far in the past.

Guarantees, each held by a property test: never over budget but for the floor; never twice for the
same evidence; never after ``off``; the same inputs give the same decision.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, Final, Literal, TypeAlias

from nudge_sdk.state import (
    FINE,
    LEVELS,
    ConversationState,
    RiskHistory,
    UserLedger,
    whole_seconds,
)
from nudge_sdk.values import CUES, RISKS, AgeBand, Level, RiskKind, Switch

Reason: TypeAlias = Literal[
    "own_message",
    "repeat",
    "backfill",
    "late",
    "language",
    "below_threshold",
    "no_words",
    "no_new_evidence",
    "answered_fine",
    "gentle_switch",
    "burst",
    "cooldown",
    "budget_conversation",
    "budget_week",
    "floor",
    "nudge",
]
Presentation: TypeAlias = Literal["inline", "card", "cover"]

_BIT: Final = {cue: 1 << i for i, cue in enumerate(CUES)}


def cue_bits(cues: Iterable[str]) -> int:
    """Bit set over `CUES`."""
    bits = 0
    for cue in cues:
        bits |= _BIT[cue]
    return bits


def cues_of(bits: int) -> tuple[str, ...]:
    """Names in a bit set, in the order of `CUES`."""
    return tuple(cue for cue, bit in _BIT.items() if bits & bit)


@dataclass(frozen=True, kw_only=True, slots=True)
class Thresholds:
    """Numbers of the policy that belong to a model; they come from the bundle's ``config.json``.

    Attributes:
        cue: probability from which each cue holds, in the order of `CUES`.
        gentle, strong: probability from which each risk counts, in the order of `RISKS`.
        other_language: probability from which a message counts as not read.
    """

    cue: tuple[float, ...]
    gentle: tuple[float, ...]
    strong: tuple[float, ...]
    other_language: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment:
    """Raw output of the model for one message, before any decision.

    Attributes:
        cues: probability of each of `CUES`.
        risk: calibrated probability of each of `RISKS`.
        other_language: probability that the message is in a language that is not read.
    """

    cues: tuple[float, ...]
    risk: tuple[float, ...]
    other_language: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What to do about one message, and why.

    ``risk`` and ``confidence`` (a probability) are those of the kind that was weighed; ``None``
    when no risk came up. ``cues``: evidence that holds in this message, most probable first.
    ``level`` and ``presentation`` are ``None`` when there is no nudge.
    """

    reason: Reason
    risk: RiskKind | None = None
    confidence: float | None = None
    cues: tuple[str, ...] = ()
    level: Level | None = None
    presentation: Presentation | None = None
    discreet: bool = False

    @property
    def nudges(self) -> bool:
        """Whether the user is to see something."""
        return self.level is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class BandRules:
    """Limits of one age band: seconds, and nudges in any seven days."""

    cooldown_s: float
    per_conversation_week: int
    per_week: int
    cover: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class FloorRule:
    """Evidence that no budget can hide: cues in this message, with others seen before."""

    name: str
    risks: tuple[str, ...]
    now: int
    seen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """``policy.json`` as values; see the module for what each part does."""

    version: str
    late_after_s: float
    burst_s: float
    week_s: float
    senders_updated_by_a_reply: int
    strong_distinct_cues: int
    bands: Mapping[str, BandRules]
    evidence: Mapping[str, int]
    discreet: Mapping[str, bool]
    floor: tuple[FloorRule, ...]
    presentation: Mapping[str, Mapping[str, Presentation]]
    cover_risk: str
    cover_cue: int
    gentle_switch_limit: int

    @classmethod
    def from_dict(cls, table: Mapping[str, Any]) -> Policy:
        """Read the table; it is validated against its schema in the tests, not here."""
        timing, risks = table["timing"], table["risks"]
        return cls(
            version=table["version"],
            late_after_s=timing["late_after_s"],
            burst_s=timing["burst_s"],
            week_s=timing["week_s"],
            senders_updated_by_a_reply=table["groups"]["senders_updated_by_a_reply"],
            strong_distinct_cues=table["strong"]["distinct_cues"],
            bands={name: BandRules(**rules) for name, rules in table["bands"].items()},
            evidence={name: cue_bits(rule["evidence"]) for name, rule in risks.items()},
            discreet={name: rule["discreet"] for name, rule in risks.items()},
            floor=tuple(
                FloorRule(
                    name=rule["name"],
                    risks=tuple(rule["risks"]),
                    now=cue_bits(rule["now"]),
                    seen=cue_bits(rule["seen"]),
                )
                for rule in table["floor"]
            ),
            presentation=table["presentation"],
            cover_risk=table["cover"]["risk"],
            cover_cue=cue_bits([table["cover"]["cue"]]),
            gentle_switch_limit=table["gentle_switch"]["gentle_nudges_per_kind_and_chat"],
        )


@cache
def shipped_policy() -> Policy:
    """The policy that ships with the SDK."""
    text = resources.files("nudge_sdk").joinpath("policy.json").read_text(encoding="utf-8")
    return Policy.from_dict(json.loads(text))


@dataclass(frozen=True, kw_only=True, slots=True)
class Circumstances:
    """What a decision depends on beside the model's output and the memory.

    ``now``: seconds since the epoch. ``late``: the message is older than the policy's limit.
    """

    now: float
    band: AgeBand
    switch: Switch
    from_contact: bool = True
    backfill: bool = False
    late: bool = False


_BELOW: Final = Decision(reason="below_threshold")  # by far the most frequent, so made once


def held(assessment: Assessment, thresholds: Thresholds) -> int:
    """Bit set of the cues that hold in one message."""
    pairs = zip(assessment.cues, thresholds.cue, strict=True)
    return sum(1 << i for i, (cue, threshold) in enumerate(pairs) if cue >= threshold)


def decide(
    policy: Policy,
    thresholds: Thresholds,
    assessment: Assessment,
    state: ConversationState,
    ledger: UserLedger,
    at: Circumstances,
) -> Decision:
    """Weigh one message. ``state.seen`` does not hold this message's cues yet."""
    if not at.from_contact:
        return Decision(reason="own_message")
    if at.backfill or at.late:
        return Decision(reason="backfill" if at.backfill else "late")
    if assessment.other_language >= thresholds.other_language:
        return Decision(reason="language")
    risks = [i for i, p in enumerate(assessment.risk) if p >= thresholds.gentle[i]]
    if not risks:
        return _BELOW
    cues = held(assessment, thresholds)
    weighed = [_weigh(policy, thresholds, assessment, state, ledger, at, cues, i) for i in risks]
    return max(weighed, key=_urgency)


def _urgency(decision: Decision) -> tuple[bool, bool, float]:
    return decision.nudges, decision.level == "strong", decision.confidence or 0.0


def _weigh(
    policy: Policy,
    thresholds: Thresholds,
    assessment: Assessment,
    state: ConversationState,
    ledger: UserLedger,
    at: Circumstances,
    cues: int,
    index: int,
) -> Decision:
    risk: RiskKind = RISKS[index]
    evidence = cues & policy.evidence[risk]
    history = state.of(risk)
    new = evidence & ~history.cues
    ranked = sorted(cues_of(evidence), key=lambda cue: -assessment.cues[CUES.index(cue)])
    weighed = Decision(
        reason="no_words",
        risk=risk,
        confidence=assessment.risk[index],
        cues=tuple(ranked),
    )
    if not evidence:
        return weighed
    floor = any(
        risk in rule.risks and rule.now & new and not rule.seen & ~(state.seen | cues)
        for rule in policy.floor
    )
    seen = (state.seen | cues) & policy.evidence[risk]
    strong = floor or (
        assessment.risk[index] >= thresholds.strong[index]
        and seen.bit_count() >= policy.strong_distinct_cues
    )
    level: Level = "strong" if strong else "gentle"
    reason = "floor" if floor else _hold_back(policy, state, ledger, at, history, new, level)
    if reason not in ("floor", "nudge"):
        return replace(weighed, reason=reason)
    covered = (
        risk == policy.cover_risk
        and bool(cues & policy.cover_cue)
        and policy.bands[at.band].cover
        and at.switch == "full"
    )
    return replace(
        weighed,
        reason=reason,
        level=level,
        presentation="cover" if covered else policy.presentation[at.switch][level],
        discreet=policy.discreet[risk],
    )


def _hold_back(
    policy: Policy,
    state: ConversationState,
    ledger: UserLedger,
    at: Circumstances,
    history: RiskHistory,
    new: int,
    level: Level,
) -> Reason:
    band = policy.bands[at.band]
    highest = max(item.level for item in state.history)
    past = [item for item in state.history if item.last]
    since = min((abs(at.now - item.last) for item in past), default=None)
    if not new:
        return "no_new_evidence"
    if level == "gentle" and history.answers & FINE:
        return "answered_fine"
    if at.switch == "gentle" and level == "gentle" and history.nudges >= policy.gentle_switch_limit:
        return "gentle_switch"
    rises = LEVELS.index(level) > highest
    if since is not None and since < policy.burst_s and not rises:
        return "burst"
    if since is not None and since < band.cooldown_s and not rises:
        return "cooldown"
    recent = sum(item.recent for item in past if abs(at.now - item.last) <= policy.week_s)
    if recent >= band.per_conversation_week:
        return "budget_conversation"
    if ledger.near(at.now, policy.week_s) >= band.per_week:
        return "budget_week"
    return "nudge"


def remember(
    policy: Policy, state: ConversationState, ledger: UserLedger, decision: Decision, now: float
) -> tuple[ConversationState, UserLedger]:
    """Memory after a decision: a nudge enters the history of its kind and the ledger."""
    if decision.risk is None or decision.level is None:
        return state, ledger
    old = state.of(decision.risk)
    history = replace(
        old,
        cues=old.cues | cue_bits(decision.cues),
        nudges=min(old.nudges + 1, 255),
        level=max(old.level, LEVELS.index(decision.level)),
        recent=min((old.recent if abs(now - old.last) <= policy.week_s else 0) + 1, 255),
        last=whole_seconds(now),
    )
    return state.with_history(decision.risk, history), ledger.with_nudge(now)
