"""What a study works on: generated conversations of both sides, and what the model makes of them.

A bench is a folder and the numbers that decide what lies in it. Everything in the folder is made
in parts that appear whole or not at all (written beside, then renamed), so a run that was killed
goes on where it stopped, and any number of processes may work on it. On a cluster the folder has
to be one that every worker sees.

A part is named after all that it depends on: side, seed, numbers, bundle and the harness's own
source. Change any of them and new parts are made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from nudge_harness import console
from nudge_harness.formats import Conversation, read_conversations, write_conversations
from nudge_harness.generate import generate
from nudge_harness.generate.split import SplitName
from nudge_harness.identity import bundle_hash, source_hash
from nudge_harness.metrics.join import join
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.model import SHIPPED, BundleChoice, opened
from nudge_harness.peers.fitting import BUDGET
from nudge_harness.replay import Settings, replay
from nudge_harness.workers import map_ordered

PART: Final = 256  # conversations in a part: seconds of work, one task of a cluster
RESAMPLES: Final = 400  # behind each interval: a study has hundreds of them


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """Where a study works, and on how much.

    Attributes:
        folder: for parts; it is made when missing.
        n: conversations of the test side, half of them risky.
        lessons: conversations of the training side, for studies that learn from it.
        seed: of conversations, intervals and whatever else is drawn.
        budget: share of benign conversations that may get a nudge, where thresholds are set.
        bundle: the model.
        workers, scheduler: processes here, or the address of a Dask cluster.
        begin: told of each step, for a progress bar.
    """

    folder: Path
    n: int = 3_000
    lessons: int = 4_000
    seed: int = 0
    budget: float = BUDGET
    bundle: BundleChoice = SHIPPED
    workers: int = 1
    scheduler: str | None = None
    begin: console.Steps = field(default=console.silent, compare=False)

    def sent(self) -> Bench:
        """The bench as a worker gets it: it starts no workers of its own and shows no progress."""
        return replace(self, workers=1, scheduler=None, begin=console.silent)

    def key(self, **more: object) -> str:
        """32 hexadecimal digits of everything that a result depends on."""
        own = {
            "n": self.n,
            "lessons": self.lessons,
            "seed": self.seed,
            "budget": self.budget,
            "bundle": bundle_hash(self.bundle),
            "source": source_hash(),
            **more,
        }
        text = json.dumps(own, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def size(self, side: SplitName) -> int:
        """How many conversations a side has."""
        return self.n if side == "test" else self.lessons

    def parts(self, side: SplitName) -> list[tuple[SplitName, int]]:
        """The parts of a side, each by its first conversation."""
        return [(side, start) for start in range(0, self.size(side), PART)]

    def each(
        self, title: str, work: Callable[[Any], Any], items: Iterable[Any], total: int
    ) -> list[Any]:
        """``work`` of each item, over the bench's workers, in order, with progress."""
        counted = self.begin(title, total)
        done = []
        for result in map_ordered(work, items, self.workers, self.scheduler):
            done.append(result)
            counted(1)
        return done


def whole(path: Path, write: Callable[[Path], object]) -> Path:
    """A file that appears whole or not at all; one that is there is not made again."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"part-{path.name}")
        write(partial)
        partial.replace(path)
    return path


def chats_part(bench: Bench, side: SplitName, start: int) -> Path:
    """File of one part's conversations; made when missing."""
    count = min(PART, bench.size(side) - start)
    name = f"{side}-{bench.seed}-{start}-{count}-{source_hash()[:16]}.jsonl.gz"
    stream = generate(side, bench.seed, n=count, start=start)
    return whole(bench.folder / "chats" / name, lambda path: write_conversations(path, stream))


def make_chats(bench: Bench, side: SplitName) -> None:
    """Make the conversations of a side, over the bench's workers."""
    parts = bench.parts(side)
    bench.each(f"{side} chats", _MakePart(bench.sent()), parts, len(parts))


@dataclass(frozen=True, slots=True)
class _MakePart:
    bench: Bench

    def __call__(self, part: tuple[SplitName, int]) -> None:
        chats_part(self.bench, *part)


@lru_cache(maxsize=2)
def chats_of(bench: Bench, side: SplitName) -> list[Conversation]:
    """All conversations of a side, kept in memory for the next cell."""
    parts = [chats_part(bench, *part) for part in bench.parts(side)]
    return [chat for path in parts for chat in read_conversations(path)]


def outcomes_of(bench: Bench, chats: Iterable[Conversation], settings: Settings) -> list[Outcome]:
    """Outcomes of conversations under some settings, in order and in constant memory."""
    outcomes, waiting = [], list[Conversation]()

    def hear() -> None:
        scores = (own.score for own in replay(opened(bench.bundle), waiting, settings))
        outcomes.extend(join(waiting, scores))
        waiting.clear()

    for chat in chats:
        waiting.append(chat)
        if len(waiting) == PART:
            hear()
    hear()
    return outcomes
