"""Rows of the policy: what came out of the model, what is remembered, and what is decided.

Thresholds are this file's own, so that no row depends on a model. Numbers lie on and beside every
limit of the table: a step before it, on it, a step past it.
"""

from __future__ import annotations

from dataclasses import replace
from math import inf, nextafter
from typing import Any, Final, NamedTuple

import numpy as np

from nudge_sdk.policy import (
    Assessment,
    Circumstances,
    Policy,
    Thresholds,
    decide,
    remember,
    shipped_policy,
)
from nudge_sdk.state import ConversationState, RiskHistory, UserLedger
from nudge_sdk.values import AGE_BANDS, CUES, RISKS, Switch
from tests.vectors.dice import Dice
from tests.vectors.plain import (
    of_assessment,
    of_circumstances,
    of_decision,
    of_history,
    of_thresholds,
)

SEED: Final = 802
ROWS: Final = 600
NOW: Final = 1_800_000_000.0
THRESHOLDS: Final = Thresholds(
    cue=tuple(0.3 + i / 64 for i in range(len(CUES))),
    gentle=(0.5, 0.625, 0.55, 0.7),
    strong=(0.8, 0.9, 0.75, 0.95),
    other_language=0.9,
)


class Row(NamedTuple):
    """Everything that a decision depends on."""

    assessment: Assessment
    state: ConversationState
    ledger: UserLedger
    at: Circumstances


def make() -> dict[str, Any]:
    """Vectors: a ``decision``, and the ``history`` and ``ledger`` ``after`` it."""
    policy = shipped_policy()
    dice = Dice(SEED)
    rows = [_row(dice, policy) for _ in range(ROWS)]
    return {
        "kind": "policy",
        "schema": 1,
        "about": "decisions of policy.json; cues are bit sets over the 17 cues, times are seconds",
        "given": {"policy": policy.version, "thresholds": of_thresholds(THRESHOLDS)},
        "vectors": [_decided(policy, f"policy_{i}", row) for i, row in enumerate(rows)],
    }


def _decided(policy: Policy, name: str, row: Row) -> dict[str, Any]:
    made = decide(policy, THRESHOLDS, row.assessment, row.state, row.ledger, row.at)
    state, ledger = remember(policy, row.state, row.ledger, made, row.at.now)
    return {
        "id": name,
        "assessment": of_assessment(row.assessment),
        "seen": row.state.seen,
        "history": of_history(row.state.history),
        "ledger": list(row.ledger.times),
        "at": of_circumstances(row.at),
        "decision": of_decision(made),
        "after": {"history": of_history(state.history), "ledger": list(ledger.times)},
    }


def _row(dice: Dice, policy: Policy) -> Row:
    history = tuple(_history(dice, policy) for _ in RISKS)
    switches: tuple[Switch, ...] = ("full", "full", "gentle")
    band, switch = dice.pick(AGE_BANDS), dice.pick(switches)
    ledger = sorted(int(NOW - dice.pick(_ages(policy))) for _ in range(dice.below(9)))
    if dice.chance(0.4):  # a chat in which nothing was said yet
        history, ledger = (RiskHistory(),) * len(RISKS), []
    return Row(
        assessment=_assessment(dice),
        state=ConversationState(
            model_id=bytes(8),
            graph=np.zeros(1, dtype=np.float32),
            seen=_bits(dice, 0.3),
            history=history,
        ),
        ledger=UserLedger(times=tuple(ledger)),
        at=replace(
            Circumstances(now=NOW, band="13_15", switch="full"),
            band=band,
            switch=switch,
            from_contact=dice.chance(0.97),
            backfill=dice.chance(0.02),
            late=dice.chance(0.02),
        ),
    )


def _assessment(dice: Dice) -> Assessment:
    risk = [
        dice.pick((0.0, *_around(gentle), *_around(strong), 1.0)) if dice.chance(0.6) else 0.01
        for gentle, strong in zip(THRESHOLDS.gentle, THRESHOLDS.strong, strict=True)
    ]
    some = dice.pick((0.05, 0.2, 0.5))
    cues = [
        dice.pick((*_around(limit), 0.75, 0.9, 1.0)) if dice.chance(some) else 0.02
        for limit in THRESHOLDS.cue
    ]
    other = dice.pick(_around(THRESHOLDS.other_language)) if dice.chance(0.04) else 0.0
    return Assessment(cues=tuple(cues), risk=tuple(risk), other_language=other)


def _history(dice: Dice, policy: Policy) -> RiskHistory:
    if dice.chance(0.5):
        return RiskHistory()
    return RiskHistory(
        cues=_bits(dice, dice.pick((0.1, 0.5))),
        nudges=dice.pick((1, 2, 255)),
        level=dice.pick((1, 1, 2)),
        answers=dice.pick((0, 0, 1, 2, 3)),
        recent=dice.pick((0, 1, 2, 4, 255)),
        last=int(NOW - dice.pick(_ages(policy))),
        raised=dice.pick((0, 20_000)),
    )


def _ages(policy: Policy) -> tuple[float, ...]:
    """Seconds since a nudge: around every limit in time, and one from a clock that ran ahead."""
    limits = [policy.burst_s, policy.week_s, *(band.cooldown_s for band in policy.bands.values())]
    return (*tuple(limit + d for limit in limits for d in (-1, 0, 1)), -30.0, 300000.0)


def _around(limit: float) -> tuple[float, float, float]:
    return nextafter(limit, 0.0), limit, nextafter(limit, inf)


def _bits(dice: Dice, share: float) -> int:
    return sum(1 << i for i in range(len(CUES)) if dice.chance(share))
