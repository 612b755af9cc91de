"""Lead: how long before the harm the warning came, in messages and in minutes.

Source: DESIGN.md, section 7 ("lead in messages"). Both are medians over the conversations caught in
time, so they are at least 0, and read beside `recall_before_harm`: a detector that catches only the
easy ones leads by more. Minutes are those of the conversation's own clock.
"""

from __future__ import annotations

from collections.abc import Sequence

from nudge_harness.metrics.build import numbers, where
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.statistic import Median


def lead_messages(outcomes: Sequence[Outcome]) -> Median:
    """Median of harm index - first nudge index, over caught positives; messages."""
    return Median(
        values=numbers(outcomes, _messages),
        counted=where(outcomes, lambda o: o.positive and o.caught),
    )


def lead_minutes(outcomes: Sequence[Outcome]) -> Median:
    """Median of time of harm - time of first nudge, over caught positives; minutes."""
    return Median(
        values=numbers(outcomes, lambda o: o.minutes_before_harm),
        counted=where(
            outcomes, lambda o: o.positive and o.caught and o.minutes_before_harm is not None
        ),
    )


def _messages(outcome: Outcome) -> float | None:
    first = outcome.first_nudge
    return None if first is None or outcome.harm is None else outcome.harm - first
