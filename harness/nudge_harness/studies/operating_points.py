"""``operating-points``: more warned in time for more false nudges, along one dial.

Each cell moves the risk thresholds of the shipped model by some log odds, gentle and strong alike,
and decides again with the policy that ships, from what the model made of every message: nothing is
inferred twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from nudge_harness.formats import Conversation
from nudge_harness.metrics.join import join
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.model import Opened, opened
from nudge_harness.replay import Settings, replay
from nudge_harness.report import words
from nudge_harness.report.charts import Chart
from nudge_harness.studies import variants
from nudge_harness.studies.bench import PART, Bench, chats_of
from nudge_harness.studies.curve import Stop, curve
from nudge_harness.studies.study import Cell, Figures, Points, Study, found
from nudge_harness.studies.traces import EVERYTHING, Traces, make_traces, traces_of
from nudge_sdk.engine import Engine, Output, Request

SHIFTS: Final = (-3.0, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0)
_EDGE: Final = 1e-6


def cells(_: Bench) -> list[Cell]:
    """The dial, from eager to reluctant."""
    return [{"thresholds": f"{shift:+g}" if shift else "0"} for shift in SHIFTS]


def prepare(bench: Bench) -> None:
    """One scoring pass, and the usual run."""
    make_traces(bench, "test", (EVERYTHING,))
    variants.usual(bench)


def measure(bench: Bench, cell: Cell) -> Figures:
    """Decide again with moved thresholds."""
    after = decided_again(bench, float(cell["thresholds"]))
    return variants.compared(bench, after, variants.usual(bench))


def decided_again(bench: Bench, shift: float) -> list[Outcome]:
    """Outcomes of the test side with thresholds moved by ``shift`` log odds."""
    model = opened(bench.bundle)
    limits = model.engine.spec.thresholds
    moved = replace(
        limits,
        gentle=tuple(_moved(p, shift) for p in limits.gentle),
        strong=tuple(_moved(p, shift) for p in limits.strong),
    )
    engine = Engine(replace(model.engine.spec, thresholds=moved), model.engine.policy)
    chats, traces = chats_of(bench, "test"), traces_of(bench, EVERYTHING, "test")
    outcomes: list[Outcome] = []
    for start in range(0, len(chats), PART):
        part = chats[start : start + PART]
        recorded = Recorded(traces, start, part)
        scores = replay(Opened(name=model.name, engine=engine, model=recorded), part, Settings())
        outcomes += join(part, (own.score for own in scores))
    return outcomes


def _moved(p: float, shift: float) -> float:
    odds = np.log(max(p, _EDGE) / max(1.0 - p, _EDGE)) + shift
    return float(1.0 / (1.0 + np.exp(-odds)))


class Recorded:
    """A model that has been asked before: it gives what the traces hold, in lockstep order.

    Args:
        traces: of the whole side.
        start: the part's first conversation.
        chats: the part.
    """

    def __init__(self, traces: Traces, start: int, chats: Sequence[Conversation]) -> None:
        self._traces = traces
        self._rows = self._lockstep(start, [len(chat.messages) for chat in chats])

    def _lockstep(self, start: int, lengths: Sequence[int]) -> Iterator[int]:
        for message in range(max(lengths, default=0)):
            for at, length in enumerate(lengths):
                if message < length:
                    yield int(self._traces.starts[start + at]) + message

    def run(self, requests: Sequence[Request]) -> list[list[Output]]:
        """The next messages, one for each request; see `nudge_harness.model.Model`."""
        found_ = []
        for request in requests:
            row = next(self._rows)
            cues = np.append(self._traces.cues[row], self._traces.other[row])
            output = Output(
                cues=cues, risk=self._traces.risk[row], next_state=self._traces.state[row]
            )
            found_.append([output] * len(request.windows))
        return found_


def charts(points: Points) -> list[tuple[Chart, str]]:
    """Warned in time against false nudges."""
    stops = [
        Stop(
            x=own.figures["false_per_1000"],
            y=own.figures["recall_before_harm"],
            name=f"thresholds {own.cell['thresholds']}".replace("-", "−"),
            mark="as shipped" if own.cell["thresholds"] == "0" else "",
        )
        for own in points
    ]
    caption = "Warned before the harm, by how many benign chats of 1,000 are nudged for nothing."
    chart = curve(stops, caption=caption, title="false nudges per 1,000 benign chats")
    return [] if chart is None else [(chart, caption)]


def says(points: Points) -> list[str]:
    """The shipped point, and one step to either side."""
    told = []
    for level, name in (("0", "As shipped"), ("-1", "More eager"), ("+1", "More reluctant")):
        own = found(points, thresholds=level)
        if own is not None:
            told.append(
                f"{name}: {words.shown(own.figures['recall_before_harm'], 'share')} warned before "
                f"the harm, {words.shown(own.figures['false_per_1000'], 'per 1,000')} of 1,000 "
                "benign chats nudged."
            )
    return told


STUDY: Final = Study(
    name="operating-points",
    title="How eager should it be?",
    question="One dial moves every threshold. How many more are warned in time for how many more "
    "false nudges?",
    axes={"thresholds": "Thresholds moved by (log odds)"},
    columns=variants.columns(),
    cells=cells,
    measure=measure,
    prepare=prepare,
    charts=charts,
    says=says,
    notes=("Cue thresholds, budgets, cooldowns and the policy's floor stay as shipped.",),
)
