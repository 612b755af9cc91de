"""``frontier``: what the device may see and remember, against how many are warned in time.

Every cell is a device that could be built: it sees some signals, remembers for so long, and stores
its memory so finely. Its heads and thresholds are fitted for it alone, and it is measured on
scenario families that they have not seen (`nudge_harness.studies.detection`); then its state is
stolen at the end of every chat, and attackers that learnt from other families say what was in it.

The message level is not fitted again: cues come from the shipped model, in a pass that sees no
more than the cell may.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np

from nudge_harness.metrics.f_latency import f_latency
from nudge_harness.metrics.false_nudges import false_per_1000
from nudge_harness.metrics.latency import DEFAULT_P
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.recall_before_harm import recall_before_harm
from nudge_harness.metrics.statistic import Derived, Statistic
from nudge_harness.metrics.statistic import Floats as Reals
from nudge_harness.metrics.uncertainty import figures, partition
from nudge_harness.studies import frontier_page as page
from nudge_harness.studies import thief
from nudge_harness.studies.bench import RESAMPLES, Bench, chats_of
from nudge_harness.studies.detection import Side, margins, outcomes, shift_to
from nudge_harness.studies.memory import HORIZONS, PRECISIONS, Floats, Memory, states_of
from nudge_harness.studies.sight import SIDES, SIGNALS, Sight
from nudge_harness.studies.study import Cell, Column, Figures, Study
from nudge_harness.studies.traces import View, make_traces, traces_of

_VIEWS: Final = tuple(View(signals, sent) for signals in ("all", "text") for sent in (True, False))


def cells(_: Bench) -> list[Cell]:
    """All combinations; without memory there is no state to store, so one precision is enough."""
    return [
        {"signals": signals, "sides": sides, "memory": horizon, "precision": precision}
        for signals in SIGNALS
        for sides in SIDES
        for horizon in HORIZONS
        for precision in PRECISIONS
        if horizon != "none" or precision == "32"
    ]


def prepare(bench: Bench) -> None:
    """Four scoring passes over the test side."""
    make_traces(bench, "test", _VIEWS)


def measure(bench: Bench, cell: Cell) -> Figures:
    """Fit, measure, and let the thief try."""
    sight = Sight(cell["signals"], cell["sides"])
    memory = Memory(cell["memory"], cell["precision"])
    test, states = _side(bench, sight, memory, cell)
    over = margins(test, thief.halves(test.chats), bench.budget)
    as_set = outcomes(test, over)
    at_budget = outcomes(test, over, shift_to(test, over, bench.budget))
    stolen = states[test.traces.last()]
    statistics: dict[str, Statistic] = {
        "recall_at_budget": recall_before_harm(at_budget),
        "f_latency": f_latency(at_budget, p=DEFAULT_P),
        "recall_before_harm": recall_before_harm(as_set),
        "false_per_1000": false_per_1000(as_set),
        **leaks(bench, stolen),
    }
    return worked(bench, statistics, as_set)


def worked(bench: Bench, statistics: dict[str, Statistic], outcomes_: Sequence[Outcome]) -> Figures:
    """Figures with intervals from the bench's seed."""
    rng = np.random.default_rng(bench.seed)
    return figures(statistics, partition(outcomes_), rng, RESAMPLES)


def leaks(bench: Bench, stolen: Floats) -> dict[str, Statistic]:
    """Advantage of attackers for each sort of question, and over all sorts alike."""
    chats = chats_of(bench, "test")
    half = thief.halves(chats)
    found: dict[str, Statistic] = {}
    for sort in thief.SORTS:
        asked = thief.questions(chats, sort)
        found[f"leak_{sort}"] = thief.advantage(asked, thief.guesses(stolen, asked, half), half)
    parts = tuple(found.values())
    counted = np.logical_or.reduce([part.counted for part in parts])
    found["leak"] = Derived(parts=parts, combine=_mean, counted=counted)
    return found


def _mean(*parts: Reals) -> Reals:
    return np.asarray(np.mean(parts, axis=0))


def _side(bench: Bench, sight: Sight, memory: Memory, cell: Cell) -> tuple[Side, Floats]:
    traces = traces_of(bench, sight.view, "test")
    drawn = hashlib.sha256(repr((bench.seed, sorted(cell.items()))).encode()).digest()
    rng = np.random.default_rng(int.from_bytes(drawn[:8], "little"))
    shown = sight.shown(traces)
    states = states_of(shown, traces.gap, traces.heard, traces.starts, memory, rng)
    features = sight.features(traces, shown, states)
    return Side(chats=chats_of(bench, "test"), traces=traces, features=features), states


LEAKS: Final = (
    Column(
        name="leak",
        title="Leak",
        unit="score",
        direction="lower",
        meaning="What a thief of the unsealed state can tell: 0 is chance, 1 is reading the chat.",
    ),
    *(
        Column(
            name=f"leak_{sort}",
            title=f"Leak: {said}",
            unit="score",
            direction="lower",
            meaning=f"Mean advantage over chance in telling whether {said} occurred.",
        )
        for sort, said in thief.SORTS.items()
    ),
)

STUDY: Final = Study(
    name="frontier",
    title="What does safety cost in privacy?",
    question="A device may see metadata or words, of one side or both, and remember them for a "
    "moment or for ever, finely or coarsely. How many young people are then warned in time, and "
    "what would a thief of that memory learn?",
    axes={
        "signals": "Sees",
        "sides": "Messages of",
        "memory": "Remembers",
        "precision": "Stores",
    },
    columns=(
        Column(
            name="recall_at_budget",
            title="Warned before harm, at the budget",
            unit="share",
            direction="higher",
            meaning="Risky chats warned in time when the budget's share of benign chats is nudged.",
        ),
        Column(
            name="f_latency",
            title="F-latency, at the budget",
            unit="score",
            direction="higher",
            meaning=f"F1 times speed with p = {DEFAULT_P:g}.",
        ),
        LEAKS[0],
        *LEAKS[1:],
        Column(
            name="recall_before_harm",
            title="Warned before harm, as set",
            unit="share",
            direction="higher",
            meaning="With the thresholds that the families which teach gave.",
        ),
        Column(
            name="false_per_1000",
            title="False nudges, as set",
            unit="per 1,000",
            direction="lower",
            meaning="Benign chats nudged with these thresholds.",
        ),
    ),
    cells=cells,
    measure=measure,
    prepare=prepare,
    charts=page.charts,
    says=page.says,
    notes=(
        (
            "Heads (logistic regressions over a bank of memory features) and thresholds are fitted "
            "on half the scenario families and measured on the other half, both ways round, "
            "for every cell; the cues of a message come from the shipped model."
        ),
        (
            "Every cell is a simulation of a device, simpler than the shipped graph: compare cells "
            "with each other, not with the figures of a run."
        ),
        (
            "The state is stolen unsealed, at the end of a chat. On a phone it is sealed; this is "
            "what is left to lose when the seal is broken."
        ),
        (
            "Questions of a thief are about generated chats; half of them are risky, which real "
            "ones are not."
        ),
    ),
)
