"""A stateful test: the policy, its memory in bytes and the engine's marks against the slow
reference interpreter of the table.

Hypothesis drives one user with three chats through anything that can happen: messages of every
sort, waiting, answers, the switch (``off`` wipes), a clock that is set back, memory that is sealed
to bytes and read again, and what each contact is to the user. After every step both have to agree
on the decision, on its reason and on whether a draft would bring a pause.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from nudge_sdk.policy import (
    Assessment,
    Circumstances,
    decide,
    held,
    raise_marks,
    remember,
    shipped_policy,
    unwise,
)
from nudge_sdk.policy_table import policy_json
from nudge_sdk.state import ConversationState, UserLedger
from nudge_sdk.values import AGE_BANDS, CUES, RISKS, AgeBand, Answer, Contact, Relationship, Switch
from tests.property.sdk.reference_policy import Answer as Answered
from tests.property.sdk.reference_policy import Given, Reference
from tests.toy import THRESHOLDS

POLICY = shipped_policy()
START = 1_800_000_000.0
OUTSIDE_ODDS, DRAFT_ODDS = 2.0, 4.0
"""As if derived for the toy model: 0.5 becomes 1/3 and 1/5."""

CHATS = st.integers(0, 2)
CUE_SETS = st.frozensets(st.sampled_from(CUES), max_size=3)
RISK_ROWS = st.tuples(
    *[st.sampled_from([0.0, 0.19, 0.21, 0.33, 0.34, 0.5, 0.7, 0.9, 1.0])] * len(RISKS)
)
WAITS = st.sampled_from([0.0, 1.0, 19.0, 21.0, 1800.0, 3600.0, 7200.0, 86_400.0, 2_700_000.0])
RELATIONSHIPS: st.SearchStrategy[Relationship | None] = st.sampled_from(
    [None, "stranger", "friend", "family", "classmate"]
)


def fresh() -> ConversationState:
    return ConversationState(model_id=bytes(8), graph=np.zeros(1, dtype=np.float32))


class PolicyMachine(RuleBasedStateMachine):
    """One user, three chats, two interpreters."""

    @initialize(band=st.sampled_from(AGE_BANDS))
    def begin(self, band: AgeBand) -> None:
        self.band: AgeBand = band
        self.switch: Switch = "full"
        self.now = START
        self.states = [fresh() for _ in range(3)]
        self.ledger = UserLedger()
        self.known: list[Relationship | None] = [None] * 3
        self.reference = Reference(
            policy_json(), band, outside_odds=OUTSIDE_ODDS, draft_odds=DRAFT_ODDS
        )
        self.last: tuple[int, str | None] = (0, None)

    @precondition(lambda self: self.switch != "off")
    @rule(
        chat=CHATS,
        cues=CUE_SETS,
        risk=RISK_ROWS,
        adult=st.booleans(),
        how=st.sampled_from(["ordinary"] * 6 + ["own", "backfill", "late", "foreign"]),
        days_old=st.sampled_from([0, 0, 1, 29, 31, 400]),
    )
    def message(
        self,
        chat: int,
        cues: frozenset[str],
        risk: tuple[float, ...],
        adult: bool,
        how: str,
        days_old: int,
    ) -> None:
        contact = Contact(id="", relationship=self.known[chat], claimed_age=40 if adult else None)
        outside = POLICY.outside.apply(contact, self.band)
        expected = adult and self.known[chat] == "stranger" and self.band != "adult"
        assert outside is expected
        assessment = Assessment(
            cues=tuple(0.9 - i / 100 if cue in cues else 0.1 for i, cue in enumerate(CUES)),
            risk=risk,
            other_language=0.9 if how == "foreign" else 0.0,
        )
        at = Circumstances(
            now=self.now,
            band=self.band,
            switch=self.switch,
            from_contact=how != "own",
            backfill=how == "backfill",
            late=how == "late",
            outside=outside,
        )
        limits = THRESHOLDS.easier(OUTSIDE_ODDS) if outside else THRESHOLDS
        state = self.states[chat]
        days_old = days_old if how in ("backfill", "late") else 0
        got = decide(POLICY, limits, assessment, state, self.ledger, at)
        if how not in ("own", "foreign"):
            shown = held(assessment, THRESHOLDS)
            drafts = THRESHOLDS.easier(DRAFT_ODDS).gentle
            state = replace(state, seen=state.seen | shown)
            sent = self.now - 86_400.0 * days_old
            state = raise_marks(POLICY, drafts, state, risk, shown, sent, self.now)
        self.states[chat], self.ledger = remember(POLICY, state, self.ledger, got, self.now)
        wanted = self.reference.decide(
            chat,
            Given(
                cues=dict(zip(CUES, assessment.cues, strict=True)),
                risk=dict(zip(RISKS, risk, strict=True)),
                other_language=assessment.other_language,
                own=how == "own",
                backfill=how == "backfill",
                late=how == "late",
                outside=outside,
                days_old=days_old,
            ),
            self.switch,
            self.now,
        )
        given = Answered(got.reason, got.risk, got.level, got.presentation, got.raised_by, got.rule)
        assert given == wanted
        self.last = (chat, got.risk if got.nudges else None)

    @precondition(lambda self: self.switch != "off" and self.last[1] is not None)
    @rule(answer=st.sampled_from(["fine", "help"]))
    def answer(self, answer: Answer) -> None:
        chat, risk = self.last
        kind = next(known for known in RISKS if known == risk)
        self.states[chat] = self.states[chat].with_answer(kind, answer)
        if answer == "fine":
            self.reference.fine.add((chat, kind))

    @rule(seconds=WAITS)
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule(days=st.integers(1, 40))
    def the_clock_is_set_back(self, days: int) -> None:
        self.now -= days * 86_400.0

    @rule(chat=CHATS, relationship=RELATIONSHIPS)
    def the_host_says_who_it_is(self, chat: int, relationship: Relationship | None) -> None:
        if relationship is not None:
            self.known[chat] = relationship
        contact = Contact(id="", relationship=relationship)
        state = self.states[chat]
        familiar = POLICY.draft.familiar(state.familiar, contact, from_contact=True)
        self.states[chat] = replace(state, familiar=familiar)

    @rule(switch=st.sampled_from(["full", "gentle", "gentle", "off"]))
    def turn_the_switch(self, switch: Switch) -> None:
        self.switch = switch
        if switch == "off":
            self.states = [fresh() for _ in range(3)]
            self.ledger = UserLedger()
            self.known = [None] * 3
            self.reference.wipe()
            self.last = (0, None)

    @rule()
    def seal_and_read_again(self) -> None:
        self.states = [ConversationState.from_bytes(state.to_bytes()) for state in self.states]
        self.ledger = UserLedger.from_bytes(self.ledger.to_bytes())

    @invariant()
    def a_draft_would_pause_as_the_reference_says(self) -> None:
        for chat, state in enumerate(getattr(self, "states", [])):
            wanted = self.reference.unwise(chat, self.known[chat], self.now)
            assert unwise(POLICY, state, self.now) is wanted


PolicyMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestPolicy = PolicyMachine.TestCase
