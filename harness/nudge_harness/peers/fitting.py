"""One budget of false nudges for every detector, spent on training-side material.

Comparing detectors at thresholds of their makers compares makers. Here each gets its thresholds in
the same way, and never from the test side: the training-side conversations are cut into parts by
scenario family; each part is heard by the detector when it has learnt from the others (Stone 1974,
cross-validation), so that thresholds come from wording that it had not seen. Each kind of risk gets
a threshold such that at most the budget's share of benign chats gets a nudge. The budget is spent
step by step on the kind that warns most chats in time for it. At the end the detector learns from
all of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nudge_harness.errors import UsageError
from nudge_harness.formats import Conversation, NudgeRow, ScoreRow
from nudge_harness.peers.detector import Detector, Scores, blind, from_contact
from nudge_sdk.values import RISKS

Floats = npt.NDArray[np.float32]

BUDGET: Final = 0.016  # share of benign chats; the shipped model's own, on its training side
PARTS: Final = 3
_STRIDES: Final = (1, 2, 4, 8, 16)  # a step without gain does not end the search


@dataclass(frozen=True, kw_only=True, slots=True)
class Fitted:
    """A detector with its thresholds, ready to be measured.

    Attributes:
        detector: it has learnt.
        thresholds: float32 ``(kinds,)``; ``inf`` for a kind that is not worth its false nudges.
        spent: share of the benign training-side chats that these thresholds nudge.
    """

    detector: Detector
    thresholds: Floats
    spent: float

    def score(self, chats: Sequence[Conversation]) -> list[ScoreRow]:
        """Nudges of blind conversations: on a contact's message, the kind that is furthest over
        its threshold, each kind once in a chat. Risk is left out: the scales are not comparable."""
        heard = self.detector.hear(chats)
        return [
            ScoreRow(
                id=chat.id,
                messages=len(chat.messages),
                nudges=nudges_of(scores, from_contact(chat), self.thresholds),
            )
            for chat, scores in zip(chats, heard, strict=True)
        ]


def fit(detector: Detector, chats: Sequence[Conversation], budget: float = BUDGET) -> Fitted:
    """Teach a detector and set its thresholds.

    Args:
        detector: it is changed.
        chats: labelled training-side conversations, risky and benign.
        budget: share of benign chats that may get a nudge, above 0 and below 1.

    Raises:
        UsageError: the budget is out of range, or a part lacks risky or benign chats.
    """
    if not 0.0 < budget < 1.0:
        raise UsageError("the budget must be above 0 and below 1")
    parts = [[chat for chat in chats if part_of(chat) == at] for at in range(PARTS)]
    for part in parts:
        if len({chat.label in RISKS for chat in part}) < 2:
            raise UsageError("too few training-side conversations: risky and benign are needed")
    highest = np.concatenate([_unseen(detector, parts, at) for at in range(PARTS)])
    detector.learn(chats)
    setting = [chat for part in parts for chat in part]
    benign = np.array([chat.label == "benign" for chat in setting])
    kind = np.array([RISKS.index(c.label) if c.label in RISKS else -1 for c in setting])
    chosen = thresholds(highest[benign], highest[kind >= 0], kind[kind >= 0], budget)
    return Fitted(
        detector=detector,
        thresholds=chosen,
        spent=float((highest[benign] >= chosen).any(axis=1).mean()),
    )


def part_of(chat: Conversation) -> int:
    """The part that a conversation belongs to, below `PARTS`; a family is never cut."""
    key = chat.family or chat.id
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[0] % PARTS


def _unseen(detector: Detector, parts: Sequence[Sequence[Conversation]], at: int) -> Floats:
    """Highest scores of one part when the detector has learnt from the others, ``(n, kinds)``."""
    detector.learn([chat for i, part in enumerate(parts) if i != at for chat in part])
    heard = detector.hear([blind(chat) for chat in parts[at]])
    return np.stack([_highest(chat, own) for chat, own in zip(parts[at], heard, strict=True)])


def _highest(chat: Conversation, scores: Scores) -> Floats:
    """Highest score over the contact's messages, up to the harm: float32 ``(kinds,)``."""
    end = len(chat.messages) if chat.harm is None else chat.harm + 1
    own = scores[:end][from_contact(chat)[:end]]
    return np.asarray(own.max(axis=0, initial=-np.inf), dtype=np.float32)


def thresholds(benign: Floats, risky: Floats, kind: npt.NDArray[np.int64], budget: float) -> Floats:
    """Thresholds within the budget that warn most risky chats, each kind counting alike.

    Args:
        benign, risky: highest score of each chat, float32 ``(n, kinds)`` and ``(m, kinds)``.
        kind: index of each risky chat's label, int64 ``(m,)``.
        budget: share of the benign chats that may reach any threshold.

    Returns:
        float32 ``(kinds,)``: a threshold lies just above a benign chat's score.
    """
    ranked = -np.sort(-benign, axis=0)
    places = np.full(len(RISKS), -1, dtype=np.int64)  # -1: not in use

    def at(tried: npt.NDArray[np.int64]) -> Floats:
        rows = ranked[np.maximum(tried, 0), np.arange(len(RISKS))]
        return np.where(tried < 0, np.inf, np.nextafter(rows, np.float32(np.inf))).astype(
            np.float32
        )

    def worth(limits: Floats) -> tuple[float, float]:
        caught = np.asarray((risky >= limits).any(axis=1))
        recall = float(np.mean([caught[kind == k].mean() for k in np.unique(kind)]))
        return recall, float((benign >= limits).any(axis=1).mean())

    here = worth(at(places))
    while True:
        best: tuple[float, npt.NDArray[np.int64], tuple[float, float]] | None = None
        for column in range(len(RISKS)):
            for stride in _STRIDES:
                tried = places.copy()
                tried[column] += stride
                if tried[column] >= len(ranked):
                    continue
                found = worth(at(tried))
                if found[1] > budget or found[0] <= here[0]:
                    continue
                gain = (found[0] - here[0]) / (found[1] - here[1] + 1e-4)
                if best is None or gain > best[0]:
                    best = gain, tried, found
        if best is None:
            return at(places)
        _, places, here = best


def nudges_of(
    scores: Scores, contact: npt.NDArray[np.bool_], limits: Floats
) -> tuple[NudgeRow, ...]:
    """The nudges of one chat."""
    over = (scores >= limits) & contact[:, None]
    nudges, given = [], set[int]()
    for at in np.flatnonzero(over.any(axis=1)).tolist():
        fresh = [k for k in np.flatnonzero(over[at]).tolist() if k not in given]
        if fresh:
            kind = max(fresh, key=lambda k: float(scores[at, k] - limits[k]))
            given.add(kind)
            nudges.append(NudgeRow(message=at, risk=RISKS[kind]))
    return tuple(nudges)
