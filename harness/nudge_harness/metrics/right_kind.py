"""Right kind: of the risky conversations caught in time, share told the right reason in time.

Source: DESIGN.md, section 5, Metrics: among those caught, a nudge of the label's kind at or before
harm. It need not be the first nudge.
"""

from __future__ import annotations

from collections.abc import Sequence

from nudge_harness.metrics.build import share
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.statistic import Sums


def right_kind(outcomes: Sequence[Outcome]) -> Sums:
    """Caught positives with a nudge of their label's kind by the harm, over caught ones, 0..1."""
    return share(outcomes, of=lambda o: o.positive and o.caught, hit=_named_in_time)


def _named_in_time(outcome: Outcome) -> bool:
    harm = outcome.harm
    return harm is not None and any(
        given.risk == outcome.label and given.message <= harm for given in outcome.nudges
    )
