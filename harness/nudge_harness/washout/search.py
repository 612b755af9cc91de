"""The two adversaries: one who sends messages, and one who may set the state. See the package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nudge_harness.errors import UsageError
from nudge_harness.washout.lab import Floats, Lab


@dataclass(frozen=True, kw_only=True, slots=True)
class Steps:
    """How long to search.

    Attributes:
        length: messages in a flood.
        width: messages tried at each step of greedy and of coordinate descent.
        rounds: positions that coordinate descent tries to better.
        sweeps: passes over the numbers of the state.
    """

    length: int = 30
    width: int = 48
    rounds: int = 30
    sweeps: int = 3

    def __post_init__(self) -> None:
        if min(self.length, self.width, self.rounds, self.sweeps) < 1:
            raise UsageError("length, width, rounds and sweeps must be at least 1")


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """The worst that was found for one chat; margins in log odds over the gentle threshold.

    Attributes:
        flood: the messages.
        before: margin without a flood.
        repeated, greedy, after: lowest margin after the best message said over and over, after the
            greedy flood, and after ``flood``, the best of all.
        any_state: lowest margin from any state within the bounds that floods have reached.
        runs: messages that the graph has read for it.
    """

    flood: tuple[str, ...]
    before: float
    repeated: float
    greedy: float
    after: float
    any_state: float
    runs: int


def search(lab: Lab, pool: Sequence[str], steps: Steps, rng: np.random.Generator) -> Found:
    """Look for the flood that most hides the lab's chat.

    Args:
        lab: a fresh one.
        pool: messages to choose from; at least one.
        steps: how long.
        rng: for what is tried.
    """
    if not pool:
        raise UsageError("the pool is empty")
    before = float(lab.margins(lab.fresh[None])[0])
    repeated, by_repeating = _repeat(lab, pool, steps)
    greedy, by_greed = _greedy(lab, pool, steps, rng)
    flood, after = (repeated, by_repeating) if by_repeating <= by_greed else (greedy, by_greed)
    flood, after = _coordinates(lab, pool, steps, rng, list(flood), after)
    reached = _end(lab, flood)
    starts = np.stack([lab.fresh, reached])
    return Found(
        flood=tuple(flood),
        before=before,
        repeated=by_repeating,
        greedy=by_greed,
        after=after,
        any_state=min(after, _any_state(lab, starts, steps, rng)),
        runs=lab.runs,
    )


def _repeat(lab: Lab, pool: Sequence[str], steps: Steps) -> tuple[list[str], float]:
    """The message that hides most when it is said ``length`` times."""
    states = np.repeat(lab.fresh[None], len(pool), axis=0)
    for _ in range(steps.length):
        states = lab.after(states, pool)
    margins = lab.margins(states)
    best = int(margins.argmin())
    return [pool[best]] * steps.length, float(margins[best])


def _greedy(
    lab: Lab, pool: Sequence[str], steps: Steps, rng: np.random.Generator
) -> tuple[list[str], float]:
    """At each step the message, of some that are tried, after which the chat looks least risky."""
    flood: list[str] = []
    state, margin = lab.fresh, np.inf
    for _ in range(steps.length):
        tried = _drawn(pool, steps.width, rng)
        states = lab.after(np.repeat(state[None], len(tried), axis=0), tried)
        margins = lab.margins(states)
        best = int(margins.argmin())
        state, margin = states[best], float(margins[best])
        flood.append(tried[best])
    return flood, float(margin)


def _coordinates(
    lab: Lab,
    pool: Sequence[str],
    steps: Steps,
    rng: np.random.Generator,
    flood: list[str],
    margin: float,
) -> tuple[list[str], float]:
    """Replace one message at a time wherever that hides more."""
    for _ in range(steps.rounds):
        at = int(rng.integers(len(flood)))
        tried = _drawn(pool, steps.width, rng)
        start = _end(lab, flood[:at])
        states = lab.after(np.repeat(start[None], len(tried), axis=0), tried)
        for text in flood[at + 1 :]:
            states = lab.after(states, [text] * len(tried))
        margins = lab.margins(states)
        best = int(margins.argmin())
        if margins[best] < margin:
            margin = float(margins[best])
            flood[at] = tried[best]
    return flood, margin


def _any_state(lab: Lab, starts: Floats, steps: Steps, rng: np.random.Generator) -> float:
    """Lowest margin from states whose every number lies within the lab's bounds."""
    lowest = np.inf
    for start in starts:
        state, margin = start.copy(), float(lab.margins(start[None])[0])
        for _ in range(steps.sweeps):
            for at in rng.permutation(len(state)).tolist():
                tried = np.repeat(state[None], 3, axis=0)
                tried[:, at] = (lab.lowest[at], lab.highest[at], state[at])
                margins = lab.margins(tried)
                best = int(margins.argmin())
                state, margin = tried[best], float(margins[best])
        lowest = min(lowest, margin)
    return float(lowest)


def _end(lab: Lab, flood: Sequence[str]) -> Floats:
    """State after a flood."""
    states = lab.fresh[None]
    for text in flood:
        states = lab.after(states, [text])
    state: Floats = states[0]
    return state


def _drawn(pool: Sequence[str], width: int, rng: np.random.Generator) -> list[str]:
    chosen = rng.permutation(len(pool))[:width].tolist()
    return [pool[at] for at in chosen]
