"""The policy's guarantees, on any history, and its agreement with a second interpreter.

Laws (docstring of `nudge_sdk.policy`): never over budget but for the floor; never twice for the
same evidence; metadata alone never nudges; what is own, old or foreign never nudges; the same
inputs give the same decision.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from importlib import resources

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nudge_sdk.policy import (
    Assessment,
    Circumstances,
    Decision,
    cue_bits,
    cues_of,
    decide,
    held,
    remember,
    shipped_policy,
)
from nudge_sdk.state import ConversationState, UserLedger
from nudge_sdk.values import AGE_BANDS, CUES, RISKS, AgeBand, Answer, RiskKind, Switch
from tests.property.sdk.reference_policy import Answer as Answered
from tests.property.sdk.reference_policy import Given, Reference
from tests.toy import THRESHOLDS

TABLE = json.loads(resources.files("nudge_sdk").joinpath("policy.json").read_text("utf-8"))
POLICY = shipped_policy()
START = 1_800_000_000.0
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


@dataclass(frozen=True)
class Event:
    """One message in one of three chats, ``after`` seconds after the one before."""

    chat: int
    cues: frozenset[str]
    risk: tuple[float, ...]
    after: float
    own: bool = False
    backfill: bool = False
    late: bool = False
    foreign: bool = False
    answer: Answer | None = None


RARELY = st.sampled_from([False] * 9 + [True])
EVENTS = st.builds(
    Event,
    chat=st.integers(0, 2),
    cues=st.frozensets(st.sampled_from(CUES), max_size=3),
    risk=st.tuples(*[st.sampled_from([0.0, 0.49, 0.5, 0.7, 0.9, 1.0])] * 4),
    after=st.sampled_from([0.0, 1.0, 19.0, 20.0, 21.0, 10 * MINUTE, HOUR, 2 * HOUR, DAY, 3 * DAY]),
    own=RARELY,
    backfill=RARELY,
    late=RARELY,
    foreign=RARELY,
    answer=st.sampled_from((*((None,) * 8), "fine", "help")),
)
HISTORIES = st.lists(EVENTS, max_size=40)
BANDS = st.sampled_from(AGE_BANDS)
SWITCHES: st.SearchStrategy[Switch] = st.sampled_from(["full", "gentle"])


@dataclass
class Taken:
    """One event and what the policy made of it, with the memory before."""

    event: Event
    now: float
    decision: Decision
    state: ConversationState
    ledger: UserLedger


def assessment_of(event: Event) -> Assessment:
    return Assessment(
        cues=tuple(0.9 - i / 100 if cue in event.cues else 0.1 for i, cue in enumerate(CUES)),
        risk=event.risk,
        other_language=0.9 if event.foreign else 0.0,
    )


class Run:
    """Three chats of one user under the policy, as `Engine.conclude` drives it."""

    def __init__(self, band: AgeBand, switch: Switch) -> None:
        self.band, self.switch, self.now = band, switch, START
        fresh = ConversationState(model_id=bytes(8), graph=np.zeros(1, dtype=np.float32))
        self.states = [fresh] * 3
        self.ledger = UserLedger()
        self.taken: list[Taken] = []

    def take(self, event: Event) -> Decision:
        self.now += event.after
        state, ledger = self.states[event.chat], self.ledger
        at = Circumstances(
            now=self.now,
            band=self.band,
            switch=self.switch,
            from_contact=not event.own,
            backfill=event.backfill,
            late=event.late,
        )
        assessment = assessment_of(event)
        decision = decide(POLICY, THRESHOLDS, assessment, state, ledger, at)
        assert decision == decide(POLICY, THRESHOLDS, assessment, state, ledger, at)
        self.taken.append(Taken(event, self.now, decision, state, ledger))
        if not event.own and not event.foreign:
            state = replace(state, seen=state.seen | held(assessment, THRESHOLDS))
        state, self.ledger = remember(POLICY, state, ledger, decision, self.now)
        if event.answer and decision.risk:
            state = state.with_answer(decision.risk, event.answer)
        self.states[event.chat] = state
        return decision

    def all(self, events: list[Event]) -> list[Taken]:
        for event in events:
            self.take(event)
        return self.taken


def seen_of(got: Decision) -> Answered:
    """A decision as the reference gives it."""
    return Answered(got.reason, got.risk, got.level, got.presentation, got.raised_by, got.rule)


def nudging(taken: list[Taken]) -> list[Taken]:
    return [item for item in taken if item.decision.nudges]


@given(HISTORIES, BANDS, SWITCHES)
@settings(max_examples=300)
def test_two_interpreters_agree(events: list[Event], band: AgeBand, switch: Switch) -> None:
    run, reference = Run(band, switch), Reference(TABLE, band)
    for event in events:
        got = run.take(event)
        assessment = assessment_of(event)
        wanted = reference.decide(
            event.chat,
            Given(
                cues=dict(zip(CUES, assessment.cues, strict=True)),
                risk=dict(zip(RISKS, event.risk, strict=True)),
                other_language=assessment.other_language,
                own=event.own,
                backfill=event.backfill,
                late=event.late,
            ),
            switch,
            run.now,
        )
        assert seen_of(got) == wanted
        if event.answer == "fine" and got.risk:
            reference.fine.add((event.chat, got.risk))


@given(HISTORIES, BANDS, SWITCHES)
def test_never_over_budget_but_for_the_floor(
    events: list[Event], band: AgeBand, switch: Switch
) -> None:
    given_out = nudging(Run(band, switch).all(events))
    limits = POLICY.bands[band]
    for i, item in enumerate(given_out):
        if item.decision.reason == "floor":
            continue
        week = [past for past in given_out[:i] if item.now - past.now < POLICY.week_s]
        here = sum(past.event.chat == item.event.chat for past in week)
        assert here < limits.per_conversation_week
        assert not here or len(week) < limits.per_week  # the first of a chat always passes


@given(HISTORIES, BANDS, SWITCHES)
def test_never_twice_for_the_same_evidence(
    events: list[Event], band: AgeBand, switch: Switch
) -> None:
    used: dict[tuple[int, str | None], set[str]] = {}
    for item in nudging(Run(band, switch).all(events)):
        before = used.setdefault((item.event.chat, item.decision.risk), set())
        assert set(item.decision.cues) - before
        before |= set(item.decision.cues)


@given(HISTORIES, BANDS, SWITCHES)
def test_a_nudge_needs_words_from_the_contact_now(
    events: list[Event], band: AgeBand, switch: Switch
) -> None:
    for item in nudging(Run(band, switch).all(events)):
        event = item.event
        assert item.decision.cues
        assert set(item.decision.cues) <= event.cues
        assert not (event.own or event.backfill or event.late or event.foreign)


@given(HISTORIES, BANDS)
def test_a_new_threat_gives_one_strong_nudge_about_coercion_and_nothing_quietens_it(
    events: list[Event], band: AgeBand
) -> None:
    """Whichever risk is up: who is threatened needs what the texts about coercion say."""
    for item in Run(band, "full").all(events):
        event = item.event
        if event.own or event.backfill or event.late or event.foreign or "threat" not in event.cues:
            continue
        if max(event.risk) >= 0.5 and not _nudged(item.state, "coercion", "threat"):
            assert (item.decision.level, item.decision.risk) == ("strong", "coercion")


@given(HISTORIES, BANDS, SWITCHES)
def test_a_level_rises_only_on_evidence_that_no_nudge_of_its_kind_has_named(
    events: list[Event], band: AgeBand, switch: Switch
) -> None:
    named: dict[tuple[int, str | None], set[str]] = {}
    strong: set[int] = set()
    for item in nudging(Run(band, switch).all(events)):
        chat, decision = item.event.chat, item.decision
        before = named.setdefault((chat, decision.risk), set())
        if decision.level == "strong" and chat not in strong:
            assert set(decision.cues) - before
            strong.add(chat)
        before |= set(decision.cues)


@given(st.lists(EVENTS, max_size=12), BANDS)
@settings(max_examples=50, deadline=None)  # eight runs for each
def test_whatever_has_just_been_said_a_new_kind_of_evidence_of_the_floor_nudges(
    events: list[Event], band: AgeBand
) -> None:
    """A drained budget, answers and cooldowns change nothing for it, whichever risk is up."""
    floors: tuple[tuple[frozenset[str], RiskKind | None], ...] = (
        (frozenset(["threat"]), "coercion"),
        (frozenset(["secrecy", "image_request"]), None),
    )
    for cues, about in floors:
        for raised in RISKS:
            run = Run(band, "gentle")
            run.all(events)
            told = {
                cue
                for risk in ((about,) if about else RISKS)
                for cue in cues_of(run.states[0].of(risk).cues)
            }
            p = tuple(0.6 if risk == raised else 0.0 for risk in RISKS)
            decision = run.take(Event(0, cues, p, 0.0))
            if not cues & told:
                assert (decision.reason, decision.level) == ("floor", "strong")


@given(HISTORIES, BANDS)
def test_an_adult_message_is_covered_whatever_the_nudge_is_about(
    events: list[Event], band: AgeBand
) -> None:
    for item in nudging(Run(band, "full").all(events)):
        adult = "adult_content" in item.event.cues and item.event.risk[1] >= 0.5
        covered = item.decision.presentation == "cover"
        assert covered is (adult and POLICY.bands[band].cover)


def _nudged(state: ConversationState, risk: RiskKind, cue: str) -> bool:
    return cue in cues_of(state.of(risk).cues)


@given(HISTORIES, BANDS)
def test_under_the_gentle_switch_one_gentle_nudge_for_each_kind_and_chat(
    events: list[Event], band: AgeBand
) -> None:
    given_out = nudging(Run(band, "gentle").all(events))
    gentle = [(n.event.chat, n.decision.risk) for n in given_out if n.decision.level == "gentle"]
    assert len(gentle) == len(set(gentle))
    assert {n.decision.presentation for n in given_out} <= {"inline"}


@given(HISTORIES, BANDS)
def test_a_burst_gives_one_nudge_but_for_a_strong_one_and_the_floor(
    events: list[Event], band: AgeBand
) -> None:
    given_out = nudging(Run(band, "full").all(events))
    for i, item in enumerate(given_out):
        burst = [
            past
            for past in given_out[:i]
            if past.event.chat == item.event.chat and item.now - past.now < POLICY.burst_s
        ]
        if burst and item.decision.reason != "floor":
            assert item.decision.level == "strong"
            assert all(past.decision.level == "gentle" for past in burst)


@given(HISTORIES, BANDS, st.floats(1, 60 * 365 * DAY))
def test_a_clock_set_back_silences_no_longer_than_a_week(
    events: list[Event], band: AgeBand, ahead: float
) -> None:
    run = Run(band, "full")
    run.now += ahead + 8 * DAY
    run.all([e for e in events if e.after <= HOUR])
    run.now = START - 8 * DAY
    fresh = Event(1, frozenset(["gift_offer"]), (0.0, 0.0, 0.0, 0.9), 0.0)
    if (
        not _nudged(run.states[1], "scam_lure", "gift_offer")
        and not run.states[1].of("scam_lure").answers
    ):
        assert run.take(fresh).nudges


@given(st.frozensets(st.sampled_from(CUES)))
def test_bit_sets_and_names_are_the_same(cues: frozenset[str]) -> None:
    assert frozenset(cues_of(cue_bits(cues))) == cues
