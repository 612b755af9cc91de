"""``ablation``: what the shipped model owes to each thing that it knows or remembers.

One cell a feature of `nudge_harness.ablate`, taken away as a phone would lose it. Nothing is fitted
again; the study frontier does that.
"""

from __future__ import annotations

from typing import Final

from nudge_harness.ablate import FEATURES
from nudge_harness.replay import Settings
from nudge_harness.studies import variants
from nudge_harness.studies.bench import Bench
from nudge_harness.studies.study import Cell, Figures, Study

TITLES: Final = {
    variants.USUAL: "everything",
    "text": "words only",
    "metadata": "metadata only",
    **{name: f"without {name.replace('_', ' ')}" for name in FEATURES},
}


def cells(_: Bench) -> list[Cell]:
    """Everything, two choices of signals, and every feature taken away."""
    return [{"sees": name} for name in TITLES]


def measure(bench: Bench, cell: Cell) -> Figures:
    """Hear the conversations with less."""
    sees = cell["sees"]
    if sees == variants.USUAL:
        return variants.variant(bench)
    if sees in FEATURES:
        return variants.variant(bench, Settings(without=frozenset({sees})))
    return variants.variant(bench, Settings(signals="text" if sees == "text" else "metadata"))


STUDY: Final = Study(
    name="ablation",
    title="What does the detector live on?",
    question="Take away who the contact is, how long they are known, the time, the memory: how "
    "many are still warned in time, and how many for nothing?",
    axes={"sees": "Sees"},
    columns=variants.columns(),
    cells=cells,
    measure=measure,
    prepare=variants.prepare,
    charts=variants.charts("sees", TITLES),
    says=variants.says("sees", TITLES, "What is missed most"),
    notes=(
        (
            "Nothing is fitted again: this is what the shipped model owes to a feature, not the "
            "best that could be done without it."
        ),
    ),
)
