"""A detector fitted for one cell: heads and thresholds from some families, figures on the others.

The test side is cut in two halves by scenario family, and each half is heard by a detector that
learnt from the other (Stone 1974, cross-validation), so nothing is measured on wording that the
detector has seen. The training side would not do: the shipped model's message level learnt from its
very phrases and is far surer of its cues there than on new wording, so heads that learn from such
cues trust them too much. (Measured with 600 chats: heads from the training side caught 82 % there
and 13 % on the test side, at one budget.)

Within the half that teaches, two thirds of the families fit four logistic heads, one for each kind
of risk, and the last third sets the thresholds for the budget of false nudges. Two sorts of figures
are taken:

* **as set**: with these thresholds, how many are warned in time, and how many false nudges there
  really are;
* **at the budget**: all thresholds are moved together, by the same log odds, to where exactly the
  budget's share of benign chats gets a nudge. This compares cells at one price; a device could not
  do it, because it takes the labels of the chats that it is measured on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nudge_harness.formats import Conversation, ScoreRow
from nudge_harness.metrics.join import outcome_of
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.peers.fitting import PARTS, nudges_of, part_of, thresholds
from nudge_harness.peers.heads import lessons
from nudge_harness.studies.logistic import fit
from nudge_harness.studies.traces import Traces
from nudge_sdk.values import RISKS

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

PENALTY: Final = 1000.0  # chosen among 100, 1000 and 5000 on 1,000 of these very chats


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """Conversations, their traces, and what the heads read, float32 ``(m, f)``."""

    chats: Sequence[Conversation]
    traces: Traces
    features: Floats

    def rows(self, chat: int) -> slice:
        """The messages of a conversation."""
        return slice(int(self.traces.starts[chat]), int(self.traces.starts[chat + 1]))


def margins(side: Side, half: Mask, budget: float) -> Floats:
    """Log odds of each kind over its threshold, from a detector that learnt from the other half.

    Args:
        side: what is heard.
        half: bool ``(chats,)``, which half each conversation is of; no family in both.
        budget: share of benign chats that may get a nudge.

    Returns:
        float32 ``(m, kinds)``; 0 and more nudges; ``-inf`` for a kind that is not in use.
    """
    used, kinds = lessons(side.chats)
    each = np.repeat(half, np.diff(side.traces.starts))
    setting = np.array([part_of(chat) == PARTS - 1 for chat in side.chats])
    found = np.full((len(each), len(RISKS)), -np.inf, dtype=np.float32)
    for teaches in (True, False):
        fitting = np.repeat((half == teaches) & ~setting, np.diff(side.traces.starts))
        rows = used & side.traces.contact & fitting
        heads = [
            fit(side.features[rows], kinds[rows, k], penalty=PENALTY) for k in range(len(RISKS))
        ]
        scores = np.stack([head(side.features) for head in heads], axis=1)
        limits = _limits(side, scores, np.flatnonzero((half == teaches) & setting), budget)
        heard = each != teaches
        found[heard] = scores[heard] - limits
    return found


def _limits(side: Side, scores: Floats, chosen: npt.NDArray[np.int64], budget: float) -> Floats:
    benign = [at for at in chosen.tolist() if side.chats[at].label == "benign"]
    risky = [at for at in chosen.tolist() if side.chats[at].label in RISKS]
    if not benign or not risky:
        return np.full(len(RISKS), np.inf, dtype=np.float32)  # nothing to set a threshold by
    kind = np.array([RISKS.index(side.chats[at].label or "") for at in risky], dtype=np.int64)
    return thresholds(_peaks(side, scores, benign), _peaks(side, scores, risky), kind, budget)


def _peaks(side: Side, scores: Floats, chats: Sequence[int]) -> Floats:
    """Highest scores over the contact's messages, up to the harm: float32 ``(n, kinds)``."""
    found = np.full((len(chats), scores.shape[1]), -np.inf, dtype=np.float32)
    for row, at in enumerate(chats):
        own, harm = side.rows(at), side.chats[at].harm
        end = own.stop if harm is None else own.start + harm + 1
        heard = scores[own.start : end][side.traces.contact[own.start : end]]
        found[row] = heard.max(axis=0, initial=-np.inf)
    return found


def shift_to(side: Side, over: Floats, budget: float) -> float:
    """Log odds to add to all thresholds, so that the budget's share of benign chats is nudged."""
    benign = [at for at, chat in enumerate(side.chats) if chat.label == "benign"]
    highest = np.sort(_peaks(side, over, benign).max(axis=1, initial=-np.inf))[::-1]
    finite = highest[np.isfinite(highest)]
    allowed = int(budget * len(highest))
    if allowed >= len(finite):
        return float(finite[-1]) if len(finite) else 0.0
    return float(np.nextafter(highest[allowed], np.float32(np.inf)))


def outcomes(side: Side, over: Floats, shift: float = 0.0) -> list[Outcome]:
    """What happens in every chat when all thresholds are moved by ``shift`` log odds."""
    limits = np.full(len(RISKS), shift, dtype=np.float32)
    found = []
    for at, chat in enumerate(side.chats):
        rows = side.rows(at)
        nudges = nudges_of(over[rows], side.traces.contact[rows], limits)
        row = ScoreRow(id=chat.id, messages=len(chat.messages), nudges=nudges)
        found.append(outcome_of(chat, row))
    return found
