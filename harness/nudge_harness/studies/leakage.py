"""``leakage``: how much a thief of the unsealed state learns, in the model that ships.

Three thieves are compared (`nudge_harness.studies.thief`): one with the graph's state at the end
of a chat, as it is or more coarsely, and the number of messages that is stored with it; one who
knows only that number; one who has the plain text. What the state tells beyond the number of
messages is what it remembers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from nudge_harness.formats import ScoreRow
from nudge_harness.metrics.join import outcome_of
from nudge_harness.metrics.uncertainty import figures, partition
from nudge_harness.report.charts import Chart
from nudge_harness.studies import thief
from nudge_harness.studies.bench import RESAMPLES, Bench, chats_of
from nudge_harness.studies.memory import Floats
from nudge_harness.studies.pictures import Row, dots
from nudge_harness.studies.study import Cell, Column, Figures, Points, Study, found
from nudge_harness.studies.traces import EVERYTHING, make_traces, traces_of

STOLEN: Final[Mapping[str, str]] = {
    "state": "the state",
    "state_8": "the state, 8 bit",
    "state_4": "the state, 4 bit",
    "state_1": "the state, 1 bit",
    "length": "message count",
    "plaintext": "the plain text",
}
_INK: Final = {"length": "muted", "plaintext": "scam"}


def cells(_: Bench) -> list[Cell]:
    """Each thief with each sort of question."""
    return [{"stolen": stolen, "asks": sort} for sort in thief.SORTS for stolen in STOLEN]


def prepare(bench: Bench) -> None:
    """One scoring pass over the test side."""
    make_traces(bench, "test", (EVERYTHING,))


def measure(bench: Bench, cell: Cell) -> Figures:
    """Advantage of attackers that learnt from other chats."""
    chats = chats_of(bench, "test")
    quarter, asked = thief.quarters(chats), thief.questions(chats, cell["asks"])
    if cell["stolen"] == "plaintext":
        read = traces_of(bench, EVERYTHING, "test").read()
        said = thief.reading(cell["asks"], asked, read, quarter)
    else:
        said = thief.guesses(known(bench, cell["stolen"]), asked, quarter)
    nobody = [outcome_of(chat, ScoreRow(id=chat.id)) for chat in chats]  # only families matter
    rng = np.random.default_rng(bench.seed)
    statistic = thief.advantage(asked, said, quarter)
    return figures({"advantage": statistic}, partition(nobody), rng, RESAMPLES)


def known(bench: Bench, stolen: str) -> Floats:
    """What a thief holds of each test chat, float32 ``(chats, f)``."""
    chats = chats_of(bench, "test")
    if stolen == "length":
        return thief.length(chats)
    traces = traces_of(bench, EVERYTHING, "test")
    state = traces.state[traces.last()]
    bits = {"state_8": 8, "state_4": 4, "state_1": 1}.get(stolen)
    stored = state if bits is None else coarse(state, bits)
    # Beside the graph's state, the stored one counts messages (`nudge_sdk.state`).
    return np.concatenate([stored, thief.length(chats)], axis=1)


def coarse(state: Floats, bits: int) -> Floats:
    """Each number on an even grid of ``2 ** bits`` steps between its lowest and its highest."""
    low, high = state.min(axis=0), state.max(axis=0)
    span = np.where(high > low, high - low, np.float32(1.0))
    steps = np.float32(2**bits - 1)
    return np.asarray(np.round((state - low) / span * steps) / steps, dtype=np.float32)


def charts(points: Points) -> list[tuple[Chart, str]]:
    """Advantages, one under the other."""
    rows = [
        Row(
            name=f"{thief.SORTS[own.cell['asks']]}: {STOLEN[own.cell['stolen']]}",
            figure=own.figures["advantage"],
            ink=_INK.get(own.cell["stolen"], "good"),
        )
        for own in points
    ]
    chart = dots(rows, unit="score", title="0 is chance, 1 certainty")
    return [] if chart is None else [(chart, "What a thief can tell, by what was stolen.")]


def says(points: Points) -> list[str]:
    """The state beside its two references, for each sort of question."""
    sentences = []
    for sort, said in thief.SORTS.items():
        values = [
            None if (own := found(points, stolen=stolen, asks=sort)) is None
            else own.value("advantage")
            for stolen in ("state", "length", "plaintext")
        ]  # fmt: skip
        if None not in values:
            state, length, plain = (f"{value:.2f}".replace("-", "−") for value in values)
            sentences.append(
                f"Whether {said} occurred: the state tells {state}, the number of messages alone"
                f" {length}, the plain text {plain} (0 is chance, 1 is certainty)."
            )
    return sentences


STUDY: Final = Study(
    name="leakage",
    title="What would a thief of the memory learn?",
    question="The state is sealed on the device. If the seal is broken, can somebody tell from it "
    "whether a word, a topic or a given message occurred in the chat?",
    axes={"asks": "Asks for", "stolen": "Holds"},
    columns=(
        Column(
            name="advantage",
            title="Advantage",
            unit="score",
            direction="lower",
            meaning="Share of yeses found less share of noes taken for yes, on unseen chats.",
        ),
    ),
    cells=cells,
    measure=measure,
    prepare=prepare,
    charts=charts,
    says=says,
    notes=(
        (
            "Attackers are logistic regressions, one for each question, learnt on half the "
            "scenario families and asked about the other half. A better attacker may learn more."
        ),
        (
            "Topics are the cues that the state exists to remember: that it gives them away is its "
            "purpose, and the reason for the seal."
        ),
        (
            "Coarser states are rounded copies: they show what less precision would hide, not a "
            "detector that works with it (see the study frontier)."
        ),
    ),
)
