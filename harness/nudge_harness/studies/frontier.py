"""``frontier``: what the device may see and remember, against how many are warned in time.

Every cell is a device that could be built: it sees some signals, remembers for so long, and stores
its memory so finely. Its heads, its penalty and its dial are chosen for it alone, on training-side
chats, and it is measured on test-side families and wording that nothing has seen
(`nudge_harness.studies.detection`). Then its state is stolen at the end of every test chat, and
attackers that learnt from other families say what was in the chat. Two more cells are thieves to
compare with: one knows how many messages there were, one reads the chat itself.

The message level is not fitted again: cues come from the shipped model, in a pass that sees no
more than the cell may.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np

from nudge_harness.formats import ScoreRow
from nudge_harness.generate.split import SplitName
from nudge_harness.metrics.f_latency import f_latency
from nudge_harness.metrics.false_nudges import false_per_1000
from nudge_harness.metrics.join import outcome_of
from nudge_harness.metrics.latency import DEFAULT_P
from nudge_harness.metrics.recall_before_harm import recall_before_harm
from nudge_harness.metrics.statistic import Derived, Figure, Statistic
from nudge_harness.metrics.statistic import Floats as Reals
from nudge_harness.metrics.uncertainty import figures, partition
from nudge_harness.studies import frontier_page as page
from nudge_harness.studies import thief
from nudge_harness.studies.bench import RESAMPLES, Bench, chats_of
from nudge_harness.studies.detection import Side, outcomes, peaks, taught
from nudge_harness.studies.memory import HORIZONS, PRECISIONS, Floats, Memory, states_of
from nudge_harness.studies.recall_at import RecallAt
from nudge_harness.studies.sight import SIDES, SIGNALS, Sight
from nudge_harness.studies.study import Cell, Column, Figures, Study
from nudge_harness.studies.traces import EVERYTHING, Mask, View, make_traces, traces_of
from nudge_sdk.values import RISKS

_VIEWS: Final = tuple(View(signals, sent) for signals in ("all", "text") for sent in (True, False))
_NOTHING: Final = {"sides": "both", "memory": "none", "precision": "32"}
REFERENCES: Final = ({"signals": "length", **_NOTHING}, {"signals": "plaintext", **_NOTHING})
"""No devices, but thieves to compare with: of the number of messages, and of the chat itself."""


def cells(_: Bench) -> list[Cell]:
    """All combinations; without memory there is no state to store, so one precision is enough."""
    devices: list[Cell] = [
        {"signals": signals, "sides": sides, "memory": horizon, "precision": precision}
        for signals in SIGNALS
        for sides in SIDES
        for horizon in HORIZONS
        for precision in PRECISIONS
        if horizon != "none" or precision == "32"
    ]
    return [*devices, *REFERENCES]


def prepare(bench: Bench) -> None:
    """Four scoring passes over each side."""
    for side in ("train", "test"):
        make_traces(bench, side, _VIEWS)


def measure(bench: Bench, cell: Cell) -> Figures:
    """Choose on the training side, measure on the test side, and let the thief try."""
    if cell in REFERENCES:
        nobody = [outcome_of(chat, ScoreRow(id=chat.id)) for chat in chats_of(bench, "test")]
        lost = leaks(bench, _reference(bench, cell["signals"]))
        return figures(lost, partition(nobody), np.random.default_rng(bench.seed), RESAMPLES)
    lesson, _ = heard(bench, "train", cell)
    detector = taught(lesson, bench.budget)
    test, states = heard(bench, "test", cell)
    over = detector(test.features)
    as_set = outcomes(test, over)
    statistics: dict[str, Statistic] = {
        "recall_at_budget": RecallAt(
            peaks=peaks(test, over).astype(np.float64),
            benign=test.holds("benign"),
            positive=test.holds(*RISKS),
            budget=bench.budget,
        ),
        "recall_before_harm": recall_before_harm(as_set),
        "false_per_1000": false_per_1000(as_set),
        "f_latency": f_latency(as_set, p=DEFAULT_P),
        **leaks(bench, _robbed(states[test.traces.last()])),
    }
    budget = Figure(value=1000.0 * bench.budget, low=None, high=None, n=len(as_set))
    rng = np.random.default_rng(bench.seed)
    return {"budget": budget, **figures(statistics, partition(as_set), rng, RESAMPLES)}


Guesser: TypeAlias = Callable[[str, thief.Questions, thief.Ints], Mask]
"""A sort of questions, the questions, the quarter of each chat, to answers."""


def _robbed(states: Floats) -> Guesser:
    return lambda _, asked, quarter: thief.guesses(states, asked, quarter)


def _reference(bench: Bench, name: str) -> Guesser:
    if name == "length":
        return _robbed(thief.length(chats_of(bench, "test")))
    read = traces_of(bench, EVERYTHING, "test").read()
    return lambda sort, asked, quarter: thief.reading(sort, asked, read, quarter)


def leaks(bench: Bench, guesser: Guesser) -> dict[str, Statistic]:
    """Advantage of a thief for each sort of question, and over all sorts alike."""
    quarter = thief.quarters(chats_of(bench, "test"))
    found: dict[str, Statistic] = {}
    for sort in thief.SORTS:
        asked = _asked(bench, sort)
        found[f"leak_{sort}"] = thief.advantage(asked, guesser(sort, asked, quarter), quarter)
    parts = tuple(found.values())
    counted = np.logical_or.reduce([part.counted for part in parts])
    found["leak"] = Derived(parts=parts, combine=_mean, counted=counted)
    return found


@lru_cache(maxsize=len(thief.SORTS))
def _asked(bench: Bench, sort: str) -> thief.Questions:
    """The same for every cell."""
    return thief.questions(chats_of(bench, "test"), sort)


def _mean(*parts: Reals) -> Reals:
    return np.asarray(np.mean(parts, axis=0))


def heard(bench: Bench, side: SplitName, cell: Cell) -> tuple[Side, Floats]:
    """A side as the cell's device hears it, and its state after every message."""
    sight = Sight(cell["signals"], cell["sides"])
    traces = traces_of(bench, sight.view, side)
    drawn = hashlib.sha256(repr((bench.seed, side, sorted(cell.items()))).encode()).digest()
    rng = np.random.default_rng(int.from_bytes(drawn[:8], "little"))
    shown = sight.shown(traces)
    memory = Memory(cell["memory"], cell["precision"])
    states = states_of(shown, traces.gap, traces.heard, traces.starts, memory, rng)
    features = sight.features(traces, shown, states)
    return Side(chats=chats_of(bench, side), traces=traces, features=features), states


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
            meaning="Risky chats warned in time when exactly the budget's share of benign ones is "
            "nudged: what compares devices at one price.",
        ),
        Column(
            name="recall_before_harm",
            title="Warned before harm, as set",
            unit="share",
            direction="higher",
            meaning="Risky chats warned in time with the dial that the training side set.",
        ),
        Column(
            name="false_per_1000",
            title="False nudges, as set",
            unit="per 1,000",
            direction="lower",
            meaning="Benign chats really nudged with it: the budget that was reached.",
        ),
        Column(
            name="budget",
            title="Budget",
            unit="per 1,000",
            direction="neither",
            meaning="Benign chats that may be nudged, fixed before anything was heard.",
        ),
        Column(
            name="f_latency",
            title="F-latency, as set",
            unit="score",
            direction="higher",
            meaning=f"F1 times speed with p = {DEFAULT_P:g}.",
        ),
        *LEAKS,
    ),
    cells=cells,
    measure=measure,
    prepare=prepare,
    charts=page.charts,
    says=page.says,
    notes=(
        (
            "Heads (logistic regressions over a bank of memory features), penalty and dial are "
            "chosen for every cell on training-side chats by cross-fitting; the test side is only "
            "measured. The cues of a message come from the shipped model."
        ),
        (
            "Every cell is a simulation of a device, simpler than the shipped graph: compare cells "
            "with each other, not with the figures of a run."
        ),
        (
            "The state is stolen unsealed, at the end of a chat. On a phone it is sealed; this is "
            "what is left to lose when the seal is broken. A better attacker may learn more."
        ),
        (
            "A line joins the best of many devices, and the best of many looks better than it is: "
            "read the intervals."
        ),
        (
            "Questions of a thief are about generated chats; half of them are risky, which real "
            "ones are not."
        ),
    ),
)
