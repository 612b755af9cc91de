"""A detector fitted for one cell: heads and thresholds from the training side, figures on the test
side.

The training side is cut by scenario family (`nudge_harness.peers.fitting.part_of`): two parts teach
four logistic heads, one for each kind of risk; the third sets the thresholds for the budget of
false nudges, so that they come from wording the heads had not seen. On the test side two sorts of
figures are taken:

* **as set**: with these thresholds, how many are warned in time, and how many false nudges there
  really are;
* **at the budget**: all thresholds are moved together, by the same log odds, to where exactly the
  budget's share of benign test chats gets a nudge. This compares cells at one price; a device
  could not do it, because it takes the test side's labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nudge_harness.formats import Conversation, ScoreRow
from nudge_harness.metrics.join import outcome_of
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.peers.fitting import PARTS, nudges_of, part_of, thresholds
from nudge_harness.peers.heads import lessons
from nudge_harness.studies.logistic import Line, fit
from nudge_harness.studies.traces import Traces
from nudge_sdk.values import RISKS

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One side: its conversations, their traces, and what the heads read, float32 ``(m, f)``."""

    chats: Sequence[Conversation]
    traces: Traces
    features: Floats

    def rows(self, chat: int) -> slice:
        """The messages of a conversation."""
        return slice(int(self.traces.starts[chat]), int(self.traces.starts[chat + 1]))


@dataclass(frozen=True, kw_only=True, slots=True)
class Detection:
    """Heads with thresholds: log odds, float32 ``(kinds,)``; ``inf`` for a kind not in use."""

    heads: tuple[Line, ...]
    limits: Floats

    def scores(self, features: Floats) -> Floats:
        """Log odds of each kind, float32 ``(m, kinds)``."""
        return np.stack([head(features) for head in self.heads], axis=1)


def teach(side: Side, budget: float) -> Detection:
    """Fit heads and thresholds on the training side."""
    used, kinds = lessons(side.chats)
    setting = np.array([part_of(chat) == PARTS - 1 for chat in side.chats])
    each = np.repeat(setting, np.diff(side.traces.starts))
    rows = used & side.traces.contact & ~each
    heads = tuple(fit(side.features[rows], kinds[rows, at]) for at in range(len(RISKS)))
    untuned = Detection(heads=heads, limits=np.zeros(len(RISKS), dtype=np.float32))
    scores = untuned.scores(side.features)
    chosen = np.flatnonzero(setting).tolist()
    benign = [at for at in chosen if side.chats[at].label == "benign"]
    risky = [at for at in chosen if side.chats[at].label in RISKS]
    kind = np.array([RISKS.index(side.chats[at].label or "") for at in risky], dtype=np.int64)
    limits = thresholds(_peaks(side, scores, benign), _peaks(side, scores, risky), kind, budget)
    return Detection(heads=heads, limits=limits)


def _peaks(side: Side, scores: Floats, chats: Sequence[int]) -> Floats:
    """Highest scores over the contact's messages, up to the harm: float32 ``(n, kinds)``."""
    found = np.full((len(chats), scores.shape[1]), -np.inf, dtype=np.float32)
    for row, at in enumerate(chats):
        own, harm = side.rows(at), side.chats[at].harm
        end = own.stop if harm is None else own.start + harm + 1
        heard = scores[own.start : end][side.traces.contact[own.start : end]]
        found[row] = heard.max(axis=0, initial=-np.inf)
    return found


def shift_to(side: Side, scores: Floats, limits: Floats, budget: float) -> float:
    """Log odds to add to all thresholds, so that the budget's share of benign chats is nudged."""
    benign = [at for at, chat in enumerate(side.chats) if chat.label == "benign"]
    highest = np.sort((_peaks(side, scores, benign) - limits).max(axis=1))[::-1]
    allowed = int(budget * len(highest))
    finite = highest[np.isfinite(highest)]
    if allowed >= len(finite):
        return float(finite[-1]) if len(finite) else 0.0
    return float(np.nextafter(highest[allowed], np.float32(np.inf)))


def outcomes(side: Side, scores: Floats, limits: Floats) -> list[Outcome]:
    """What happens in every chat under these thresholds."""
    found = []
    for at, chat in enumerate(side.chats):
        rows = side.rows(at)
        nudges = nudges_of(scores[rows], side.traces.contact[rows], limits)
        row = ScoreRow(id=chat.id, messages=len(chat.messages), nudges=nudges)
        found.append(outcome_of(chat, row))
    return found
