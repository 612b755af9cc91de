"""What the model makes of every message of a side, kept as arrays: studies decide again from it.

One scoring pass is one *view*: which signals the graph saw, and whether the young person's own
messages were heard. Cue probabilities belong to a view, because the cue heads see the context, too.
A part of a view is one ``.npz`` file, made once by whichever worker comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nudge_harness.formats import Conversation, read_conversations
from nudge_harness.generate.split import SplitName
from nudge_harness.identity import bundle_hash
from nudge_harness.model import opened
from nudge_harness.replay import Settings, replay
from nudge_harness.studies.bench import Bench, chats_part, make_chats, whole
from nudge_sdk._context import SIZE
from nudge_sdk.engine import Request, Signals, Step
from nudge_sdk.values import CUES, RISKS

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class View:
    """One scoring pass. ``sent``: whether the young person's own messages are heard."""

    signals: Signals = "all"
    sent: bool = True

    @property
    def settings(self) -> Settings:
        """The same for the replay."""
        return Settings(
            signals=self.signals, without=frozenset() if self.sent else frozenset({"sent"})
        )

    @property
    def name(self) -> str:
        """In file names."""
        return f"{self.signals}-{'both' if self.sent else 'contact'}"


EVERYTHING: Final = View()


@dataclass(frozen=True, kw_only=True, slots=True)
class Traces:
    """One view of a side, message by message, conversations one after another.

    Attributes:
        starts: int64 ``(chats + 1,)``, where each conversation begins, and the end of the last.
        contact: bool ``(m,)``, whether the contact wrote the message.
        heard: bool ``(m,)``, whether the graph read it; the rows of others are 0.
        cues: float32 ``(m, 17)``, probabilities in the order of `CUES`.
        other: float32 ``(m,)``, probability of another language.
        risk: float32 ``(m, 4)``, probabilities in the order of `RISKS`.
        context: float32 ``(m, 32)``, see `nudge_sdk._context`.
        gap: float32 ``(m,)``, seconds since the message before, 0 for the first.
        state: float32 ``(m, s)``, the graph's state after the message.
    """

    starts: npt.NDArray[np.int64]
    contact: Mask
    heard: Mask
    cues: Floats
    other: Floats
    risk: Floats
    context: Floats
    gap: Floats
    state: Floats

    def last(self) -> npt.NDArray[np.int64]:
        """Row of each conversation's last message, int64 ``(chats,)``."""
        return self.starts[1:] - 1

    def read(self) -> Floats:
        """What somebody knows of each conversation who has its text, and the open weights to read
        it by: highest cues of the contact's messages and of the young person's, and the state at
        the end. float32 ``(chats, 2 cues + s)``."""
        sides = [self.cues * side[:, None] for side in (self.contact, ~self.contact)]
        highest = np.maximum.reduceat(np.concatenate(sides, axis=1), self.starts[:-1])
        return np.concatenate([highest, self.state[self.last()]], axis=1).astype(np.float32)


def make_traces(bench: Bench, side: SplitName, views: Sequence[View]) -> None:
    """Make conversations and views of a side, over the bench's workers."""
    make_chats(bench, side)
    work = [(view, part) for view in views for part in bench.parts(side)]
    bench.each(f"{side} traces", _MakePart(bench.sent()), work, len(work))


@dataclass(frozen=True, slots=True)
class _MakePart:
    bench: Bench

    def __call__(self, item: tuple[View, tuple[SplitName, int]]) -> None:
        view, (side, start) = item
        traces_part(self.bench, view, side, start)


def traces_part(bench: Bench, view: View, side: SplitName, start: int) -> Path:
    """File of one part; made when missing."""
    chats = chats_part(bench, side, start)
    stem = chats.name.removesuffix(".jsonl.gz")
    path = bench.folder / "traces" / f"{stem}-{bundle_hash(bench.bundle)[:16]}-{view.name}.npz"

    def write(target: Path) -> None:
        arrays = _heard(bench, view, list(read_conversations(chats)))
        with target.open("wb") as file:
            np.savez_compressed(file, **arrays)

    return whole(path, write)


def _heard(bench: Bench, view: View, chats: Sequence[Conversation]) -> dict[str, Any]:
    model = opened(bench.bundle)
    counts = [len(chat.messages) for chat in chats]
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    rows, size = int(starts[-1]), model.engine.spec.state_size
    turns = [turn for chat in chats for turn in chat.messages]
    times = np.array([turn.t for turn in turns], dtype=np.float64)
    gap = np.diff(times, prepend=times[:1])
    gap[starts[:-1]] = 0.0
    found: dict[str, Any] = {
        "starts": starts,
        "contact": np.array([turn.sender == "contact" for turn in turns]),
        "heard": np.zeros(rows, dtype=np.bool_),
        "cues": np.zeros((rows, len(CUES)), dtype=np.float32),
        "other": np.zeros(rows, dtype=np.float32),
        "risk": np.zeros((rows, len(RISKS)), dtype=np.float32),
        "context": np.zeros((rows, SIZE), dtype=np.float32),
        "gap": gap.astype(np.float32),
        "state": np.zeros((rows, size), dtype=np.float32),
    }

    def watch(chat: int, message: int, request: Request, step: Step) -> None:
        at = int(starts[chat]) + message
        if step.assessment is None:
            return
        found["heard"][at] = True
        found["cues"][at] = step.assessment.cues
        found["other"][at] = step.assessment.other_language
        found["risk"][at] = step.assessment.risk
        found["context"][at] = request.context
        found["state"][at] = step.state.graph

    replay(model, chats, view.settings, watch)
    return found


@lru_cache(maxsize=4)  # cells that share a view follow one another
def traces_of(bench: Bench, view: View, side: SplitName) -> Traces:
    """A whole view of a side, kept in memory for the next cell."""
    paths = [traces_part(bench, view, *part) for part in bench.parts(side)]
    parts = []
    for path in paths:
        with np.load(path) as arrays:
            parts.append({name: arrays[name] for name in arrays.files})
    lengths = [np.diff(part["starts"]) for part in parts]
    starts = np.concatenate([[0], np.cumsum(np.concatenate(lengths))]).astype(np.int64)
    joined = {
        name: np.concatenate([part[name] for part in parts])
        for name in parts[0]
        if name != "starts"
    }
    return Traces(starts=starts, **joined)
