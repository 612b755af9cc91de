"""The frontier in words: which devices no other beats, what they are called, what follows.

The picture itself is drawn by `nudge_harness.studies.frontier_plot`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from nudge_harness.metrics.catalogue import Unit
from nudge_harness.report import words
from nudge_harness.report.charts import Chart
from nudge_harness.studies import frontier_plot as plot
from nudge_harness.studies.memory import HORIZONS, PRECISIONS
from nudge_harness.studies.sight import SIDES, SIGNALS
from nudge_harness.studies.study import Point, Points, found

X: Final = "leak"
Y: Final = "recall_at_budget"
_CAPTION: Final = (
    "How many are warned before the harm, at one budget of false nudges, and what a thief of the "
    "phone's memory could tell about the chat. Up and to the left is better."
)


def devices(points: Points) -> list[Point]:
    """Measured devices, by how much they leak: the reference is none."""
    known = [
        own
        for own in points
        if own.cell["signals"] in SIGNALS and None not in (own.value(X), own.value(Y))
    ]
    return sorted(known, key=leak)


def leak(point: Point) -> float:
    """What a thief learns; less than chance is chance."""
    return max(point.value(X) or 0.0, 0.0)


def recall(point: Point) -> float:
    """Share of risky chats warned in time."""
    return point.value(Y) or 0.0


def unbeaten(points: Sequence[Point]) -> list[Point]:
    """Devices that no other beats: none warns at least as many for at most as much to steal, and is
    better in one of both; from left to right."""
    placed = sorted((leak(own), -recall(own), at, own) for at, own in enumerate(devices(points)))
    best, highest = [], float("-inf")
    for _, minus, _, own in placed:
        if -minus > highest:
            best.append(own)
            highest = -minus
    return best


def lines(points: Points) -> dict[str, list[Point]]:
    """The unbeaten devices of each choice of signals."""
    by_signals = {
        signals: unbeaten([own for own in points if own.cell["signals"] == signals])
        for signals in SIGNALS
    }
    return {signals: line for signals, line in by_signals.items() if line}


def name_of(point: Point) -> str:
    """A device in words."""
    cell = point.cell
    return f"{SIGNALS[cell['signals']]}, {SIDES[cell['sides']]} messages, {memory_of(point)}"


def memory_of(point: Point) -> str:
    """What a device remembers, in words."""
    cell = point.cell
    if cell["memory"] == "none":
        return HORIZONS["none"]
    return f"{HORIZONS[cell['memory']]}, {PRECISIONS[cell['precision']]}"


def short(point: Point) -> str:
    """The same in as few letters as a phone has room for."""
    return memory_of(point).replace("last 10 messages", "last 10").replace("32 bit + ", "")


def said_of(point: Point) -> str:
    """A device with its figures, in words."""
    warned, lost = words.shown(point.figures[Y], "share"), words.shown(point.figures[X], "score")
    return f"{name_of(point)}: {warned} warned, leak {lost}"


def charts(points: Points) -> list[tuple[Chart, str]]:
    """The plot of the whole study."""
    known = devices(points)
    if not known:
        return []
    drawn = plot.Frontier(
        dots=[plot.Dot(leak(own), recall(own), own.cell["signals"]) for own in known],
        lines={
            SIGNALS[signals]: [_corner(own) for own in line]
            for signals, line in lines(known).items()
        },
        chat=_reference(points, "plaintext"),
        length=_reference(points, "length"),
    )
    said = [said_of(own) for own in known]
    rows = tuple(
        (name_of(own), *(say(own.figures[name], unit) for name, unit in _TOLD for say in _BOTH))
        for own in known
    )
    chart = Chart(
        picture=plot.picture(drawn, _CAPTION),
        points=json.dumps(said),
        figure=plot.interactive(drawn, said),
        head=("device", "leak", "95 %", "warned", "95 %", "nudged for nothing", "95 %"),
        rows=rows,
    )
    return [(chart, _CAPTION)]


_TOLD: Final[tuple[tuple[str, Unit], ...]] = (
    (X, "score"),
    (Y, "share"),
    ("false_per_1000", "per 1,000"),
)
_BOTH: Final = (words.shown, words.between)


def _corner(point: Point) -> plot.Corner:
    figure = point.figures[Y]
    return plot.Corner(
        dot=plot.Dot(leak(point), recall(point), point.cell["signals"]),
        name=short(point),
        low=figure.low,
        high=figure.high,
    )


def _reference(points: Points, name: str) -> float | None:
    """What another thief could tell: of ``length`` or of ``plaintext``."""
    reference = found(points, signals=name)
    return None if reference is None else reference.value(X)


def says(points: Points) -> list[str]:
    """The story, in sentences that hold for whatever was measured."""
    known = devices(points)
    if not known:
        return []
    told = [
        f"{SIGNALS[signals].capitalize()}: {_step(line)}." for signals, line in lines(known).items()
    ]
    told += _near(unbeaten(known))
    return told + _lost(points, known) + _kept(known)


def _lost(points: Points, known: Sequence[Point]) -> list[str]:
    """The most that a memory gives away, beside the references."""
    chat, length = (_reference(points, name) for name in ("plaintext", "length"))
    if chat is None or length is None:
        return []
    most = words.shown(max(known, key=leak).figures[X], "score")
    return [
        (
            f"The most that any memory gave away is {most}; the number of messages alone gives "
            f"{length:.3f}, the chat itself {chat:.3f}, guessing 0."
        )
    ]


_CLOSE: Final = 0.02  # a difference in recall that is not worth a longer memory


def _near(line: Sequence[Point]) -> list[str]:
    """The least to steal for nearly the best."""
    top = line[-1]
    near = next(own for own in line if recall(own) >= recall(top) - _CLOSE)
    if near is top:
        return []
    return [
        (
            f"Within {100 * _CLOSE:.0f} points of the most that any device warns, the one with "
            f"least to steal: {said_of(near)}."
        )
    ]


def _kept(known: Sequence[Point]) -> list[str]:
    """How the budget was kept."""
    reached = [own.value("false_per_1000") for own in known]
    rates = sorted(rate for rate in reached if rate is not None)
    budget = known[0].value("budget")
    if not rates or budget is None:
        return []
    lows = [own.figures["false_per_1000"].low for own in known]
    over = sum(low is not None and low > budget for low in lows)
    return [
        (
            f"The budget was {budget:.3g} of 1,000 benign chats. As the training side set them, "
            f"the devices nudged {rates[0]:.3g} to {rates[-1]:.3g} of 1,000 on the test side "
            f"(median {rates[len(rates) // 2]:.3g}); {over} of {len(known)} nudged more than the "
            "budget beyond chance."
        )
    ]


def _step(line: Sequence[Point]) -> str:
    first, last = line[0], line[-1]
    ends = [
        f"{words.shown(own.figures[Y], 'share')} ({words.between(own.figures[Y], 'share')})"
        for own in (first, last)
    ]
    leaks = [words.shown(own.figures[X], "score") for own in (first, last)]
    told = f"with {memory_of(first)} {ends[0]} are warned at a leak of {leaks[0]}"
    return told if first is last else f"{told}, with {memory_of(last)} {ends[1]} at {leaks[1]}"
