"""A detector fitted for one cell: heads, penalty and dial from training-side chats alone.

The budget, a share of benign chats that may get a nudge, is a number of the bench, fixed before
anything is heard. What is chosen for it is chosen on the training side, and the test side is only
measured:

1. **Heads** are four logistic regressions, one for each kind of risk. For every penalty of
   `PENALTIES` they are cross-fitted: the families of the training side are dealt into `FOLDS`
   parts, and each part is heard by heads that learnt from the others (Stone 1974).
2. **The dial** is one threshold for the log odds of whichever kind is highest, set on these unseen
   parts so that one more benign chat would reach it with at most the budget's chance (split
   conformal prediction: Vovk, Gammerman and Shafer 2005).
3. **The penalty** is the one that warns most of the unseen chats in time at its dial.
4. **The detector** is the mean of the penalty's heads, with its dial. Not a new fit on everything:
   heads that learn from more are surer of themselves, and the dial was set for these. (Measured on
   1,500 chats a side: refitted heads with a threshold for each kind nudged 29 to 80 of 1,000 benign
   test chats for a budget of 16; the mean of the heads with one dial 0 to 13.)

What share of the benign test chats is really nudged is measured, and stands beside the budget: the
two sides were written apart, so it is less for some cells and more for others. Cells are compared
at one price by `nudge_harness.studies.recall_at`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np
import numpy.typing as npt

from nudge_harness.formats import Conversation, ScoreRow
from nudge_harness.metrics.join import outcome_of
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.peers.fitting import nudges_of
from nudge_harness.peers.heads import lessons
from nudge_harness.studies.logistic import Line, mean_of, paths
from nudge_harness.studies.traces import Traces
from nudge_sdk.values import RISKS

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

FOLDS: Final = 3
PENALTIES: Final = (1000.0, 300.0, 100.0, 30.0)  # strongest first, see `logistic.paths`
_EVERY: Final = 3  # of the messages that teach nothing but "not yet", one in so many is used


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """Conversations, their traces, and what the heads read, float32 ``(m, f)``."""

    chats: Sequence[Conversation]
    traces: Traces
    features: Floats

    def rows(self, chat: int) -> slice:
        """The messages of a conversation."""
        return slice(int(self.traces.starts[chat]), int(self.traces.starts[chat + 1]))

    def holds(self, *labels: str) -> Mask:
        """Which conversations have one of these labels, bool ``(chats,)``."""
        return np.array([chat.label in labels for chat in self.chats], dtype=np.bool_)

    def each(self, of_chats: Ints) -> Ints:
        """A number of each conversation, for each of its messages."""
        return np.repeat(of_chats, np.diff(self.traces.starts))


@dataclass(frozen=True, kw_only=True, slots=True)
class Detector:
    """What the training side taught.

    Attributes:
        heads: log odds of each kind of risk.
        penalty: that was chosen.
        dial: threshold for the highest of them.
    """

    heads: tuple[Line, ...]
    penalty: float
    dial: float

    def __call__(self, features: Floats) -> Floats:
        """Log odds of each kind over the dial, float32 ``(m, kinds)``; 0 and more nudges."""
        odds = np.stack([head(features) for head in self.heads], axis=1)
        return np.asarray(odds - np.float32(self.dial), dtype=np.float32)


def dealt(chats: Sequence[Conversation]) -> Ints:
    """Part of each conversation, int64 ``(chats,)``: the families of a label are dealt round."""
    families = sorted({(chat.label or "", chat.family or chat.id) for chat in chats})
    at = {family: place % FOLDS for place, (_, family) in enumerate(families)}
    return np.array([at[chat.family or chat.id] for chat in chats], dtype=np.int64)


def taught(side: Side, budget: float) -> Detector:
    """Heads and penalty from a side, cross-fitted by family; see the module.

    Args:
        side: training-side conversations.
        budget: share of benign conversations that may get a nudge.
    """
    part = side.each(dealt(side.chats))
    used, mass, kinds = _lesson(side)
    unseen = np.empty((len(PENALTIES), len(part), len(RISKS)), dtype=np.float32)
    folds = []
    for own in range(FOLDS):
        rows, heard = used & (part != own), np.flatnonzero(part == own)
        heads = paths(side.features[rows], kinds[rows], PENALTIES, mass[rows])
        for kind, lines in enumerate(heads):
            for at, line in enumerate(lines):
                unseen[at, heard, kind] = line(side.features[heard])
        folds.append(heads)
    benign, risky = side.holds("benign"), side.holds(*RISKS)
    highest = [peaks(side, scores) for scores in unseen]
    dials = [dial_of(own[benign], budget) for own in highest]
    worth = [(own[risky] >= dial).mean() for own, dial in zip(highest, dials, strict=True)]
    best = int(np.argmax(worth))
    mean = tuple(mean_of([fold[kind][best] for fold in folds]) for kind in range(len(RISKS)))
    return Detector(heads=mean, penalty=PENALTIES[best], dial=dials[best])


def _lesson(side: Side) -> tuple[Mask, Floats, Mask]:
    """Messages to learn from, what each weighs, and what holds after it."""
    used, kinds = lessons(side.chats)
    used = used & side.traces.contact
    quiet = used & ~kinds.any(axis=1)
    # Neighbouring messages are much alike: a third of the quiet ones, each for three, says as much.
    thinned = quiet & (np.cumsum(quiet) % _EVERY == 0)
    mass = np.where(thinned, np.float32(_EVERY), np.float32(1.0))
    return (used & ~quiet) | thinned, mass, kinds


def peaks(side: Side, scores: Floats) -> Floats:
    """Highest log odds of any kind over the contact's messages, up to the harm: float32
    ``(chats,)``, ``-inf`` when the contact says nothing."""
    heard = np.where(side.traces.contact, scores.max(axis=1), np.float32(-np.inf))
    found = np.full(len(side.chats), -np.inf, dtype=np.float32)
    for at, chat in enumerate(side.chats):
        own = side.rows(at)
        end = own.stop if chat.harm is None else own.start + chat.harm + 1
        found[at] = heard[own.start : end].max(initial=-np.inf)
    return found


def dial_of(benign: Floats, budget: float) -> float:
    """Threshold that one more benign conversation reaches with at most the budget's chance.

    Args:
        benign: highest log odds of each benign conversation, float32 ``(n,)``.
        budget: above 0 and below 1.

    Returns:
        ``inf`` when there are too few conversations to promise that.
    """
    place = ceil((1.0 - budget) * (len(benign) + 1))  # from 1, from the lowest
    if place > len(benign):
        return float("inf")
    return float(np.nextafter(np.sort(benign)[place - 1], np.float32(np.inf)))


def outcomes(side: Side, over: Floats) -> list[Outcome]:
    """What happens in every conversation when what is not below 0 nudges."""
    limits = np.zeros(len(RISKS), dtype=np.float32)
    found = []
    for at, chat in enumerate(side.chats):
        rows = side.rows(at)
        nudges = nudges_of(over[rows], side.traces.contact[rows], limits)
        row = ScoreRow(id=chat.id, messages=len(chat.messages), nudges=nudges)
        found.append(outcome_of(chat, row))
    return found
