"""The policy: (assessment, history, answers, profile, now) to a decision with its reason.

Theory of operation
-------------------
``policy.json`` is the table, this module its interpreter; Python and JavaScript read the same file,
and no number of the policy stands in code (`nudge_sdk.policy_table`). Numbers that depend on the
model (when a cue holds, from which probability a risk counts) come with the bundle, as
`Thresholds`. A decision is made in this order, and the first rule that applies gives the reason:

1. ``own_message``: what the young person writes never nudges.
2. ``backfill``, ``late``: history loaded later, or a message older than ``late_after_s``.
3. ``language``: the message is in a language that the model does not read.
4. ``below_threshold``: no risk reaches its gentle threshold. Where an adult writes who is not among
   a child's contacts, the engine hands in thresholds with lower odds: who writes moves what the
   words have to show. The words are asked for all the same, by the next rule.
5. ``no_words``: a risk does, but no cue of its ``evidence`` list holds in this message. Metadata
   alone never nudges.
6. The **floor** (threat, pressure after a threat, request to meet, photo with secrecy): one nudge
   for each new piece of evidence, always ``strong``, past answers, cooldown and budget, so that
   nobody can use the budget up to hide them. A rule's ``copy`` names the kind that the nudge is
   about where it is not the one that came up: a threat leads to the texts about coercion, whichever
   risk is up. Of two rules that apply, the first in the table counts.
7. ``no_new_evidence``: every cue that holds was already part of a nudge of this kind here, or of
   the kind that a floor rule leads it to.
8. ``answered_fine``: the user said "this is fine" to this kind here; only a strong nudge passes.
   The answer "help" quietens nothing.
9. ``gentle_switch``: under the switch ``gentle``, one gentle nudge for each kind and chat.
10. ``burst``, ``cooldown``, ``budget_conversation``, ``budget_week``: too soon, or enough said.
    The week's budget holds back repeats only. The first nudge of a chat in a week always passes it:
    else whoever stages a few risky chats from new accounts silences the one that follows.
11. ``nudge``.

A burst gives one nudge: within ``burst_s`` of the last nudge of this chat nothing follows, but a
strong one may replace a gentle one. The level is ``strong`` by the floor, or when the risk reaches
its strong threshold and ``distinct_cues`` of its evidence have been seen; else ``gentle``. So a
nudge rises above the last one only with evidence that no nudge of its kind has named, never with
repetition.

A message is covered until tapped when the kind of the table's ``cover`` is up and its cue holds,
whichever kind the nudge is about: what is to be hidden is the message, not the reason.

A past nudge counts by its distance in time from now, either way: after a clock that ran ahead is
set back, it holds others back no longer than if it lay as far in the past.

Guarantees, each held by a property test: never over budget but for the floor; never twice for the
same evidence; never after ``off``; a level rises only on new evidence; the same inputs give the
same decision. A stateful test holds all of it against a second, slow interpreter of the table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import ge
from typing import Final, Literal, TypeAlias

from nudge_sdk.policy_table import (
    BandRules,
    FloorRule,
    Policy,
    Presentation,
    Thresholds,
    cue_bits,
    cues_of,
    shipped_policy,
)
from nudge_sdk.state import (
    FINE,
    LEVELS,
    ConversationState,
    RiskHistory,
    UserLedger,
    whole_seconds,
)
from nudge_sdk.values import CUES, RISKS, AgeBand, Level, RiskKind, Switch

__all__ = [
    "Assessment",
    "BandRules",
    "Circumstances",
    "Decision",
    "FloorRule",
    "Policy",
    "Presentation",
    "Reason",
    "Thresholds",
    "cue_bits",
    "cues_of",
    "day_of",
    "decide",
    "held",
    "raise_marks",
    "remember",
    "shipped_policy",
    "unwise",
]

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

    Attributes:
        reason: the rule that decided; see the module.
        risk: the kind that the nudge is about, or that was weighed; ``None`` when none came up.
        raised_by: the kind that reached its threshold; another one than ``risk`` where a floor rule
            says so.
        confidence: probability of ``raised_by``.
        cues: evidence for ``risk`` that holds in this message, most probable first.
        level, presentation: ``None`` when there is no nudge.
        discreet: nothing of it on a lock screen or in a notification.
        rule: name of the floor rule that applied.
    """

    reason: Reason
    risk: RiskKind | None = None
    raised_by: RiskKind | None = None
    confidence: float | None = None
    cues: tuple[str, ...] = ()
    level: Level | None = None
    presentation: Presentation | None = None
    discreet: bool = False
    rule: str | None = None

    @property
    def nudges(self) -> bool:
        """Whether the user is to see something."""
        return self.level is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Circumstances:
    """What a decision depends on beside the model's output and the memory.

    ``now``: seconds since the epoch. ``late``: the message is older than the policy's limit.
    ``outside``: an adult wrote it who is not among a child's contacts; the thresholds are lowered
    for that by whoever hands them in.
    """

    now: float
    band: AgeBand
    switch: Switch
    from_contact: bool = True
    backfill: bool = False
    late: bool = False
    outside: bool = False


_DAY: Final = 86_400.0  # seconds
_BITS: Final = tuple(1 << i for i in range(len(CUES)))
_BELOW: Final = Decision(reason="below_threshold")  # by far the most frequent, so made once
_OWN: Final = Decision(reason="own_message")


def held(assessment: Assessment, thresholds: Thresholds) -> int:
    """Bit set of the cues that hold in one message."""
    bits = 0
    for bit, holds in zip(_BITS, map(ge, assessment.cues, thresholds.cue), strict=True):
        if holds:
            bits |= bit
    return bits


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
        return _OWN
    if at.backfill or at.late:
        return Decision(reason="backfill" if at.backfill else "late")
    if assessment.other_language >= thresholds.other_language:
        return Decision(reason="language")
    if True not in map(ge, assessment.risk, thresholds.gentle):
        return _BELOW
    risks = [i for i, p in enumerate(assessment.risk) if p >= thresholds.gentle[i]]
    cues = held(assessment, thresholds)
    weighed = [_weigh(policy, thresholds, assessment, state, ledger, at, cues, i) for i in risks]
    decision = max(weighed, key=_urgency)
    if (
        decision.nudges
        and cues & policy.cover_cue
        and any(RISKS[i] == policy.cover_risk for i in risks)
        and policy.bands[at.band].cover
        and at.switch == "full"
    ):
        return replace(decision, presentation="cover")
    return decision


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
    raised: RiskKind = RISKS[index]
    seen = state.seen | cues
    rule = _floor(policy, state, raised, cues, seen)
    risk = rule.copy.get(raised, raised) if rule else raised
    evidence = cues & policy.evidence[risk]
    weighed = Decision(
        reason="no_words",
        risk=risk,
        raised_by=raised,
        confidence=assessment.risk[index],
        cues=tuple(sorted(cues_of(evidence), key=lambda cue: -assessment.cues[CUES.index(cue)])),
        rule=rule.name if rule else None,
    )
    if not evidence:
        return weighed
    strong = rule is not None or (
        assessment.risk[index] >= thresholds.strong[index]
        and (seen & policy.evidence[risk]).bit_count() >= policy.strong_distinct_cues
    )
    level: Level = "strong" if strong else "gentle"
    new = evidence & ~_told(policy, state, risk)
    reason = "floor" if rule else _hold_back(policy, state, ledger, at, state.of(risk), new, level)
    if reason not in ("floor", "nudge"):
        return replace(weighed, reason=reason)
    return replace(
        weighed,
        reason=reason,
        level=level,
        presentation=policy.presentation[at.switch][level],
        discreet=policy.discreet[risk],
    )


def _floor(
    policy: Policy, state: ConversationState, raised: RiskKind, cues: int, seen: int
) -> FloorRule | None:
    """The first floor rule that applies; its evidence has to be new for the kind it leads to."""
    for rule in policy.floor:
        if rule.now & cues and not rule.seen & ~seen and raised in rule.risks:
            risk = rule.copy.get(raised, raised)
            if rule.now & cues & policy.evidence[risk] & ~_told(policy, state, risk):
                return rule
    return None


def _told(policy: Policy, state: ConversationState, risk: RiskKind) -> int:
    """Cues that the user was already told of, for a kind: its own, and what rules lead away."""
    told = state.of(risk).cues
    for rule in policy.floor:
        if risk in rule.copy:
            told |= rule.now & state.of(rule.copy[risk]).cues
    return told


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
    highest = max(item.level for item in state.history)  # in this chat, of any kind
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
    if recent and ledger.near(at.now, policy.week_s) >= band.per_week:
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


def day_of(time: float) -> int:
    """A time (seconds since the epoch) as a whole day since the epoch, from 1 to 65,535."""
    return min(max(int(time // _DAY), 1), 2**16 - 1)


def raise_marks(
    policy: Policy,
    limits: tuple[float, ...],
    state: ConversationState,
    risks: tuple[float, ...],
    cues: int,
    sent: float,
    now: float,
) -> ConversationState:
    """Memory of which kinds were raised by words in this message, for `unwise`.

    One day is kept for each kind: that of this message, unless the one kept lies nearer to now, so
    that old history does not hide what is new, and neither does a clock that ran ahead.

    Args:
        policy: the table.
        limits: probability from which each of `RISKS` counts as raised.
        state: of the sender.
        risks: probability of each, as the model gave it.
        cues: bit set of the cues that hold in this message.
        sent, now: of the message, and by the host's clock; seconds since the epoch.
    """
    for risk, p, limit in zip(RISKS, risks, limits, strict=True):
        if p >= limit and cues & policy.evidence[risk]:
            history, day, today = state.of(risk), day_of(sent), day_of(now)
            if not history.raised or abs(today - day) < abs(today - history.raised):
                state = state.with_history(risk, replace(history, raised=day))
    return state


def unwise(policy: Policy, state: ConversationState, now: float) -> bool:
    """Whether a chat calls for a pause before something private is shared in it.

    Silent among family and friends, and for a kind to which the user said "this is fine", unless a
    strong nudge of that kind was given: the answer never quietens those.

    Args:
        policy: the table.
        state: of one sender in the conversation.
        now: seconds since the epoch.
    """
    if state.familiar:
        return False
    return any(
        history.raised > 0
        and abs(day_of(now) - history.raised) <= policy.draft.raised_for_days
        and not (history.answers & FINE and history.level < LEVELS.index("strong"))
        for history in state.history
    )
