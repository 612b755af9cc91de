"""The same files for the shipped detector and for every peer, measured by the same metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from nudge_harness import console
from nudge_harness.evaluate import Evaluated, evaluate_files
from nudge_harness.formats import Conversation, ScoreRow, read_conversations, write_scores
from nudge_harness.generate import generate
from nudge_harness.peers.detector import Detector, blind
from nudge_harness.peers.fitting import BUDGET, Fitted, fit
from nudge_harness.replay import NOTHING, Assume

LESSONS: Final = 4_000  # training-side conversations that the peers learn and set thresholds from
_CHUNK: Final = 256  # conversations heard at once


@dataclass(frozen=True, kw_only=True, slots=True)
class Teaching:
    """What the peers learn from.

    Attributes:
        train: labelled conversations of the training side; ``None`` generates `lessons` of them.
        lessons: how many are generated.
        seed: of the generator.
        budget: share of benign training-side chats that may get a nudge.
    """

    train: Path | None = None
    lessons: int = LESSONS
    seed: int = 0
    budget: float = BUDGET

    def chats(self) -> list[Conversation]:
        """The conversations, in memory: every peer learns from the same."""
        if self.train is not None:
            return list(read_conversations(self.train))
        return list(generate("train", self.seed, n=self.lessons))


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """One peer on one file."""

    title: str
    fitted: Fitted
    evaluated: Evaluated

    def to_json(self) -> dict[str, Any]:
        """Title, what the thresholds spend on the training side, and the evaluation's object."""
        spent = {"title": self.title, "budget_spent_on_training_side": self.fitted.spent}
        return {**spent, **self.evaluated.to_json()}


def measure(
    detectors: Sequence[Detector],
    truth: Path,
    folder: Path,
    *,
    teaching: Teaching,
    assume: Assume = NOTHING,
    seed: int = 0,
    begin: console.Steps = console.silent,
) -> dict[str, Measured]:
    """Fit peers on the training side and measure them on a file.

    Args:
        detectors: from `nudge_harness.peers.catalogue.make`, or of your own.
        truth: labelled conversations.
        folder: where ``scores.peer.NAME.jsonl`` go; it exists.
        teaching: what they learn from.
        assume: for contact fields that the file lacks.
        seed: of the intervals.
        begin: told of each step.

    Raises:
        UsageError: too little to learn from.
        FormatError: a malformed line.
    """
    lessons = teaching.chats()
    found: dict[str, Measured] = {}
    for detector in detectors:
        begin(f"learning {detector.name}", None)
        fitted = fit(detector, lessons, teaching.budget)
        target = folder / f"scores.peer.{detector.name}.jsonl"
        counted = begin(f"hearing {detector.name}", None)
        write_scores(target, scored(fitted, read_conversations(truth), assume, counted))
        found[detector.name] = Measured(
            title=detector.title,
            fitted=fitted,
            evaluated=evaluate_files(truth, target, seed=seed),
        )
    return found


def scored(
    fitted: Fitted,
    chats: Iterable[Conversation],
    assume: Assume = NOTHING,
    heard: Callable[[int], None] = lambda _: None,
) -> Iterator[ScoreRow]:
    """Scores of a stream of conversations, in its order and in constant memory."""
    stream = iter(chats)
    while chunk := list(islice(stream, _CHUNK)):
        yield from fitted.score([blind(chat, assume) for chat in chunk])
        heard(sum(len(chat.messages) for chat in chunk))


def beside(measured: Mapping[str, Measured]) -> dict[str, Evaluated]:
    """The peers' evaluations by title, as tables show them."""
    return {own.title: own.evaluated for own in measured.values()}
