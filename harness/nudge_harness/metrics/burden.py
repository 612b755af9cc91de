"""Burden: false nudges per message, and per week of someone's life.

Source: DESIGN.md, section 7; 100 messages a day as in reference anchors 2.4 (a false-alarm rate of
0.1 % per message is then 0.7 a week). Every nudge in a benign conversation counts, not only the
first: each one is felt. The week has no budget across chats in it, because each conversation is
scored as a fresh user; `nudge-harness weeks` measures that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nudge_harness.metrics.build import numbers, ratio, where
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.statistic import Sums

MESSAGES_A_WEEK: Final = 700.0  # 100 a day


def _per_message(outcomes: Sequence[Outcome], scale: float) -> Sums:
    counted = where(outcomes, lambda o: o.benign)
    nudges = numbers(outcomes, lambda o: len(o.nudges))
    return ratio(nudges, numbers(outcomes, lambda o: o.messages), counted, scale)


def false_per_1000_messages(outcomes: Sequence[Outcome]) -> Sums:
    """Nudges in benign conversations per 1,000 of their messages."""
    return _per_message(outcomes, 1000.0)


def false_per_user_week(outcomes: Sequence[Outcome]) -> Sums:
    """Nudges in benign conversations per 700 of their messages."""
    return _per_message(outcomes, MESSAGES_A_WEEK)
