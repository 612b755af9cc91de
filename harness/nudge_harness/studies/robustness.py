"""``robustness``: how many are still warned when the contact writes to slip past a filter.

One cell a rewriting of `nudge_harness.generate.perturb`, applied to every message of the contact.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from nudge_harness.formats import Conversation
from nudge_harness.generate.perturb import PERTURBATIONS, perturb
from nudge_harness.studies import variants
from nudge_harness.studies.bench import Bench
from nudge_harness.studies.study import Cell, Figures, Study

TITLES: Final = {
    variants.USUAL: "as it is",
    **{name: name.replace("_", " ") for name in (*PERTURBATIONS, "split_messages")},
}


def cells(_: Bench) -> list[Cell]:
    """As it is, and every rewriting."""
    return [{"rewriting": name} for name in TITLES]


def measure(bench: Bench, cell: Cell) -> Figures:
    """Hear the rewritten conversations."""
    if cell["rewriting"] == variants.USUAL:
        return variants.variant(bench)
    return variants.variant(bench, rewrite=_Rewritten(cell["rewriting"], bench.seed))


@dataclass(frozen=True, slots=True)
class _Rewritten:
    """One rewriting; each conversation has its own chance, whatever comes before it."""

    name: str
    seed: int

    def __call__(self, chats: Iterable[Conversation]) -> Iterator[Conversation]:
        for chat in chats:
            drawn = hashlib.sha256(f"{self.seed} {self.name} {chat.id}".encode()).digest()
            rng = np.random.default_rng(int.from_bytes(drawn[:8], "little"))
            yield perturb(chat, self.name, rng)


STUDY: Final = Study(
    name="robustness",
    title="Does odd spelling hide a risky chat?",
    question="The contact writes leet, look-alike letters, invisible characters, spaced-out words. "
    "How many young people are still warned in time?",
    axes={"rewriting": "Rewriting"},
    columns=variants.columns(),
    cells=cells,
    measure=measure,
    prepare=variants.prepare,
    charts=variants.charts("rewriting", TITLES),
    says=variants.says("rewriting", TITLES, "What hides most"),
    notes=("Every message of the contact is rewritten, in risky and in benign chats alike.",),
)
