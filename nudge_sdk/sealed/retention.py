"""What has to go, by the host's clock, also when that clock jumps.

Theory of operation
-------------------
A row bears the clock's time of its last write and lapses once the clock is more than the retention
past it. A lapsed row counts as absent at once; about once a day all rows are looked at in a
`sweep`, and what has lapsed is deleted. Clocks of phones are wrong now and then, and two mistakes
have to be avoided when one runs **backwards**:

- **Losing everything.** A phone with a flat battery shows 1970 until it finds the network. If rows
  took on the wrong time, or those written meanwhile kept it, they would all lapse in the moment the
  clock is right again.
- **Keeping for ever.** A clock that was years ahead and is put right leaves rows that would not
  lapse for years.

So the store remembers in its sealed header the highest time that a sweep has seen (``high``). While
the clock is **behind** it, nothing lapses, and the time that passes is added up (``behind``), at
most two days at a look, so that no second jump counts. Then one of two things happens:

- The clock comes back up to ``high``: it was wrong for a while. What would lapse now may only seem
  old; it is written anew with the time of now and has the whole retention before it.
- It has run for the whole retention and is still behind: ``high`` was wrong. Rows in the future
  have been idle all that while, because each write bears the clock's time, and go.

A clock that jumps *ahead* makes rows lapse early: nothing tells that from a phone that lay in a
drawer. Times of nudges in the ledger go when they are further than the retention from now, in
either direction, and never while the clock is behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from nudge_sdk.state import UserLedger

DAY: Final = 86_400.0  # seconds
SLACK: Final = DAY  # a clock this much behind is not worth a thought: people set it by hand
LONGEST_STEP: Final = 2 * DAY  # that counts between two sweeps
LEAST_DAYS: Final = 7  # the policy's budget looks back a week
MOST_DAYS: Final = 3650
DEFAULT_DAYS: Final = 90

Fate: TypeAlias = Literal["stays", "goes", "anew"]
"""What becomes of a row; ``anew``: it stays, and counts as written now."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Watch:
    """What the store remembers of the host's clock; seconds since the epoch.

    Attributes:
        swept: at the last sweep; ``None`` before any.
        high: the highest of all sweeps; ``None`` before any.
        behind: seconds that the clock has run while behind ``high``; ``None`` when it is not.
    """

    swept: float | None = None
    high: float | None = None
    behind: float | None = None

    def due(self, now: float) -> bool:
        """Whether it is time for a sweep: a day has passed, or the clock has jumped."""
        return self.swept is None or abs(now - self.swept) >= DAY

    def lapsed(self, written: int, now: float, keep: float) -> bool:
        """Whether a row written at ``written`` has lapsed; ``keep`` is the retention in seconds."""
        return self.behind is None and now - written > keep

    def pruned(self, ledger: UserLedger, now: float, keep: float) -> UserLedger:
        """The ledger without what has lapsed."""
        if self.behind is not None:
            return ledger
        return UserLedger(times=tuple(time for time in ledger.times if abs(now - time) <= keep))


@dataclass(frozen=True, kw_only=True, slots=True)
class Sweep:
    """Result of looking at all rows: one fate for each, in order, and what to remember."""

    fates: tuple[Fate, ...]
    watch: Watch


def sweep(written: list[int], now: float, keep: float, watch: Watch) -> Sweep:
    """Look at all rows.

    Args:
        written: times of their last writes, whole seconds since the epoch.
        now: the host's clock, seconds since the epoch.
        keep: the retention, seconds.
        watch: as the last sweep left it.
    """
    high = now if watch.high is None else max(watch.high, now)
    if now >= high - SLACK:
        caught_up = watch.behind is not None
        old: Fate = "anew" if caught_up else "goes"
        fates = tuple[Fate, ...](old if now - time > keep else "stays" for time in written)
        return Sweep(fates=fates, watch=Watch(swept=now, high=high))
    passed = 0.0 if watch.swept is None else min(max(now - watch.swept, 0.0), LONGEST_STEP)
    behind = passed if watch.behind is not None else 0.0
    behind += watch.behind or 0.0
    if behind <= keep:
        all_stay: list[Fate] = ["stays"] * len(written)
        return Sweep(fates=tuple(all_stay), watch=Watch(swept=now, high=high, behind=behind))
    went: list[Fate] = ["goes" if _idle(time, now, keep) else "stays" for time in written]
    return Sweep(fates=tuple(went), watch=Watch(swept=now, high=now))


def _idle(time: int, now: float, keep: float) -> bool:
    return time > now + SLACK or now - time > keep
