"""The catalogue: every headline metric with its name, direction and meaning in plain words.

To add one, write a file with a function from outcomes to a `Statistic` and list it here: the
command, the gates, the stored run and the report then know it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeAlias

from nudge_harness.metrics.burden import false_per_1000_messages, false_per_user_week
from nudge_harness.metrics.early_recall import early_recall
from nudge_harness.metrics.erde import erde_5, erde_50
from nudge_harness.metrics.f1 import f1
from nudge_harness.metrics.f_latency import f_latency
from nudge_harness.metrics.false_nudges import (
    false_per_1000,
    false_per_1000_lookalike,
    false_per_1000_ordinary,
)
from nudge_harness.metrics.latency import DEFAULT_P, latency_tp, speed
from nudge_harness.metrics.lead import lead_messages, lead_minutes
from nudge_harness.metrics.length_only import length_only_recall
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.premature import premature
from nudge_harness.metrics.recall import recall
from nudge_harness.metrics.recall_before_harm import recall_before_harm
from nudge_harness.metrics.right_kind import right_kind
from nudge_harness.metrics.statistic import Statistic

Direction: TypeAlias = Literal["higher", "lower", "neither"]
Unit: TypeAlias = Literal["share", "score", "per 1,000", "a week", "messages", "minutes"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """One metric.

    Attributes:
        name: stable key in JSON and gates.
        title: for people.
        unit: how to show it; ``share`` is 0..1 and shown in per cent.
        direction: which way is better.
        meaning: one plain sentence.
        compute: outcomes to statistic; pure.
    """

    name: str
    title: str
    unit: Unit
    direction: Direction
    meaning: str
    compute: Callable[[Sequence[Outcome]], Statistic]


def catalogue(p: float = DEFAULT_P) -> tuple[Metric, ...]:
    """All headline metrics, in reading order; ``p`` is the patience of speed and F-latency."""
    return (*_CAUGHT, *_in_time(p), *_BOTHERED, *_BASELINES)


_CAUGHT = (
    Metric(
        name="recall_before_harm",
        title="Recall before harm",
        unit="share",
        direction="higher",
        meaning="Risky chats in which a nudge came no later than the harmful ask or threat.",
        compute=recall_before_harm,
    ),
    Metric(
        name="right_kind",
        title="Right kind",
        unit="share",
        direction="higher",
        meaning="Of those caught in time, chats in which the nudge named the right kind of risk.",
        compute=right_kind,
    ),
    Metric(
        name="early_recall",
        title="Early recall",
        unit="share",
        direction="higher",
        meaning="Risky chats nudged within two messages of the first sign, or before it.",
        compute=early_recall,
    ),
    Metric(
        name="premature",
        title="Premature",
        unit="share",
        direction="lower",
        meaning="Risky chats nudged before there was anything to see: luck, not skill.",
        compute=premature,
    ),
    Metric(
        name="recall",
        title="Recall at any time",
        unit="share",
        direction="higher",
        meaning="Risky chats that got a nudge at all, even after the harm.",
        compute=recall,
    ),
    Metric(
        name="lead_messages",
        title="Lead in messages",
        unit="messages",
        direction="higher",
        meaning="Median messages between the nudge and the harm, where caught in time.",
        compute=lead_messages,
    ),
    Metric(
        name="lead_minutes",
        title="Lead in minutes",
        unit="minutes",
        direction="higher",
        meaning="Median minutes between the nudge and the harm, where caught in time.",
        compute=lead_minutes,
    ),
)


def _in_time(p: float) -> tuple[Metric, ...]:
    return (
        Metric(
            name="f1",
            title="F1",
            unit="score",
            direction="higher",
            meaning="Balance of precision and recall in this file's own mix of chats.",
            compute=f1,
        ),
        Metric(
            name="latency_tp",
            title="Latency",
            unit="messages",
            direction="lower",
            meaning="Median messages read before the first nudge in a risky chat.",
            compute=latency_tp,
        ),
        Metric(
            name="speed",
            title="Speed",
            unit="score",
            direction="higher",
            meaning="1 when risky chats are nudged at once, towards 0 with delay (see p).",
            compute=partial(speed, p=p),
        ),
        Metric(
            name="f_latency",
            title="F-latency",
            unit="score",
            direction="higher",
            meaning="F1 times speed: right and in time in one number.",
            compute=partial(f_latency, p=p),
        ),
        Metric(
            name="erde_5",
            title="ERDE at 5",
            unit="score",
            direction="lower",
            meaning="Cost of misses, false alarms and delay, with patience for 5 messages.",
            compute=erde_5,
        ),
        Metric(
            name="erde_50",
            title="ERDE at 50",
            unit="score",
            direction="lower",
            meaning="The same with patience for 50 messages.",
            compute=erde_50,
        ),
    )


_BOTHERED = (
    Metric(
        name="false_per_1000",
        title="False nudges per 1,000 chats",
        unit="per 1,000",
        direction="lower",
        meaning="Benign chats that got a nudge, per 1,000.",
        compute=false_per_1000,
    ),
    Metric(
        name="false_per_1000_lookalike",
        title="Look-alikes nudged per 1,000",
        unit="per 1,000",
        direction="lower",
        meaning="Benign chats written to resemble a risk that got a nudge, per 1,000.",
        compute=false_per_1000_lookalike,
    ),
    Metric(
        name="false_per_1000_ordinary",
        title="Ordinary chats nudged per 1,000",
        unit="per 1,000",
        direction="lower",
        meaning="Ordinary benign chats that got a nudge, per 1,000.",
        compute=false_per_1000_ordinary,
    ),
    Metric(
        name="false_per_1000_messages",
        title="False nudges per 1,000 messages",
        unit="per 1,000",
        direction="lower",
        meaning="Every nudge in benign chats, per 1,000 of their messages.",
        compute=false_per_1000_messages,
    ),
    Metric(
        name="false_per_user_week",
        title="False nudges per user-week",
        unit="a week",
        direction="lower",
        meaning="The same at 100 messages a day: how often one person is bothered for nothing.",
        compute=false_per_user_week,
    ),
)

_BASELINES = (
    Metric(
        name="length_only_recall",
        title="Length-only baseline",
        unit="share",
        direction="neither",
        meaning="Recall before harm of counting messages alone, with as many false nudges.",
        compute=length_only_recall,
    ),
)
