"""When messages are sent: bursts, double texts, hours of silence.

Gaps are log-uniform, which is a fair first picture of chat rhythm (human response times are heavy-
tailed; Barabasi 2005, doi:10.1038/nature03459). Every chat draws its own pace, independently of
its label.
"""

from __future__ import annotations

from collections.abc import Iterable

from nudge_harness.generate.dice import Dice

_REPLY = (4.0, 180.0)  # seconds between two senders, at pace 1
_DOUBLE = (1.0, 20.0)  # seconds between two messages of one sender
_LULL = (1_800.0, 43_200.0)  # seconds: half an hour to half a day
_PACE = (0.5, 3.0)  # factor of a whole chat
_LULLS = 0.03  # share of messages that a silence of hours precedes, unasked


def times(turns: Iterable[tuple[str, int]], dice: Dice) -> list[int]:
    """Seconds since the first message, one for each turn.

    Args:
        turns: sender and written silence (seconds) of each turn.
    """
    pace, lulls = dice.spread(*_PACE), _LULLS * dice.spread(0.2, 2.0)
    now, before, result = 0.0, None, []
    for sender, pause in turns:
        if before is not None:
            gap = dice.spread(*(_DOUBLE if sender == before else _REPLY)) * pace
            if dice.chance(lulls):
                gap += dice.spread(*_LULL)
            now += gap + pause * dice.spread(0.7, 1.5)
        before = sender
        result.append(int(now))
    return result
