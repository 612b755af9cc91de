"""From users and risky chats to the figures of ``nudge-harness weeks``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nudge_harness.weeks.attack import Caught
from nudge_harness.weeks.ordinary import UserWeek

RESAMPLES: Final = 1_000
_TAILS: Final = (2.5, 97.5)  # percent: 95 % intervals
_DIGITS: Final = 6
_WAYS: Final[dict[str, Callable[[Caught], bool]]] = {
    "recall_budgeted": lambda caught: caught.budgeted,
    "recall_unlimited": lambda caught: caught.unlimited,
    "recall_after_drain": lambda caught: caught.after_drain,
}


def burden(users: Sequence[UserWeek]) -> dict[str, Any]:
    """Nudges per user-week, ``{mean, median, p95, p99, max}``, and what they were about.

    Percentiles are the smallest count that at least this share of users do not exceed.

    Args:
        users: at least one.
    """
    counts = np.array([len(user.nudges) for user in users])
    p50, p95, p99 = np.percentile(counts, [50, 95, 99], method="inverted_cdf").tolist()
    nudges = [nudge for user in users for nudge in user.nudges]
    return {
        "nudges_per_user_week": {
            "mean": _round(counts.mean()),
            "median": p50,
            "p95": p95,
            "p99": p99,
            "max": int(counts.max()),
        },
        "mean_interval": _interval(counts.astype(float), np.ones(len(counts))),
        "nudged_users": int((counts > 0).sum()),
        "nudges_by_risk": _counted(nudge[0] for nudge in nudges),
        "nudges_by_level": _counted(nudge[1] for nudge in nudges),
        "nudges_by_relationship": _counted(nudge[2] for nudge in nudges),
    }


def recalls(chats: Sequence[Caught]) -> dict[str, Any]:
    """Recall before harm the three ways, as shares; ``None`` when there was no risky chat.

    ``intervals`` resample families, 95 %; ``below_unlimited`` is what the budget and the attack
    cost; ``drained`` the share of users whose budget the attack used up.
    """
    shares = {name: _share(chats, way) for name, way in _WAYS.items()}
    labels = sorted({chat.label for chat in chats})
    without = shares["recall_unlimited"]
    return {
        **shares,
        "recall_intervals": {name: _clustered(chats, way) for name, way in _WAYS.items()},
        "below_unlimited": {
            name: None if value is None or without is None else _round(without - value)
            for name, value in shares.items()
            if name != "recall_unlimited"
        },
        "recall_by_risk": {
            label: {name: _share(_of(chats, label), way) for name, way in _WAYS.items()}
            for label in labels
        },
        "drained": _share(chats, lambda chat: chat.drained),
        "decoys_per_user": _round(np.mean([chat.decoys for chat in chats])) if chats else None,
        "risky_chats": len(chats),
        "risky_families": len({chat.family for chat in chats}),
    }


def _of(chats: Sequence[Caught], label: str) -> list[Caught]:
    return [chat for chat in chats if chat.label == label]


def _share(chats: Sequence[Caught], hit: Callable[[Caught], bool]) -> float | None:
    return _round(sum(map(hit, chats)) / len(chats)) if chats else None


def _clustered(chats: Sequence[Caught], hit: Callable[[Caught], bool]) -> list[float] | None:
    """Families are drawn, each with all of its chats (ratio of sums)."""
    names = sorted({chat.family for chat in chats})
    if len(names) < 2:  # one family says nothing about the next
        return None
    hits, sizes = np.zeros(len(names)), np.zeros(len(names))
    for chat in chats:
        at = names.index(chat.family)
        hits[at] += hit(chat)
        sizes[at] += 1
    return _interval(hits, sizes)


def _interval(hits: npt.NDArray[np.float64], sizes: npt.NDArray[np.float64]) -> list[float] | None:
    """Percentile interval of ``sum(hits) / sum(sizes)`` over resampled units; float64 ``(n,)``."""
    if len(hits) < 2:
        return None
    rng = np.random.default_rng(len(hits))
    drawn = rng.integers(len(hits), size=(RESAMPLES, len(hits)))
    low, high = np.percentile(hits[drawn].sum(axis=1) / sizes[drawn].sum(axis=1), _TAILS)
    return [_round(low), _round(high)]


def _counted(names: Any) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))


def _round(value: Any) -> float:
    return round(float(value), _DIGITS)
