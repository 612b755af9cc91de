"""The study: search for each chat, then ask the engine with its policy who is warned after all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np

from nudge_harness.errors import UsageError
from nudge_harness.formats import Conversation
from nudge_harness.formats.conversation import PACE, Turn
from nudge_harness.model import Opened
from nudge_harness.replay import Replayed, Settings, replay
from nudge_harness.washout.lab import Lab
from nudge_harness.washout.search import Found, Steps, search

SEARCHES: Final = (
    "every message of the pool repeated; greedy; coordinate descent from the best; any state: each"
    " number of the state at the bounds that floods have reached"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What the floods did. Counts are of chats; margins in log odds over the gentle threshold.

    Attributes:
        pool: messages that floods were made of.
        chats: risky chats that are warned about before harm when there is no flood.
        warned: of these, with a nudge in the chat, at or before harm, after its worst flood.
        warned_or_earlier: or already during the flood.
        above_from_any_state: of these, whose risk still passes the gentle threshold from the worst
            state that was found: the bound.
        before, after, any_state: median margins; see `Found`.
        ordinary: ordinary chats, each behind each flood, that get no nudge without one.
        ordinary_nudged: of these, with a nudge in the chat, after the flood.
        runs: messages that the graph has read.
        found: for each risky chat, by its id.
    """

    pool: int
    steps: Steps
    chats: int
    warned: int
    warned_or_earlier: int
    above_from_any_state: int
    before: float | None
    after: float | None
    any_state: float | None
    ordinary: int
    ordinary_nudged: int
    runs: int
    found: dict[str, Found]

    def as_dict(self) -> dict[str, Any]:
        """JSON values only; the floods themselves are left out, but for the worst one."""
        table = asdict(self)
        del table["found"]
        worst = min(self.found.values(), key=lambda item: item.after, default=None)
        return {**table, "searches": SEARCHES, "worst": None if worst is None else asdict(worst)}


def study(
    opened: Opened,
    *,
    pool: Sequence[str],
    risky: Sequence[Conversation],
    ordinary: Sequence[Conversation],
    steps: Steps | None = None,
    seed: int = 1,
) -> Report:
    """Search the worst flood for each risky chat, and replay it before risky and ordinary chats.

    Args:
        opened: a model.
        pool: messages to flood with.
        risky: chats with ``harm``; those that are not warned about anyway are left out.
        ordinary: benign chats; those with a nudge anyway are left out.
        steps: how long to search.
        seed: of what is tried.

    Raises:
        UsageError: a risky chat has no ``harm``.
        ModelError: the graph failed on a message.
    """
    steps = steps or Steps()
    if any(chat.harm is None for chat in risky):
        raise UsageError("a risky chat needs harm")
    alone = replay(opened, risky, Settings())
    seen = [c for c, r in zip(risky, alone, strict=True) if _nudged(r, 0, c.harm)]
    quiet = [
        c
        for c, r in zip(ordinary, replay(opened, ordinary, Settings()), strict=True)
        if not r.score.nudges
    ]
    found = {
        chat.id: search(Lab(opened, chat), pool, steps, np.random.default_rng((seed, at)))
        for at, chat in enumerate(seen)
    }
    flooded = [_behind(found[chat.id].flood, chat) for chat in seen]
    replayed = list(zip(seen, replay(opened, flooded, Settings()), strict=True))
    length = steps.length
    behind = [_behind(item.flood, chat) for item in found.values() for chat in quiet]
    margins = [(item.before, item.after, item.any_state) for item in found.values()]
    before, after, any_state = np.median(margins, axis=0).tolist() if margins else [None] * 3
    return Report(
        pool=len(pool),
        steps=steps,
        chats=len(seen),
        warned=sum(_nudged(r, length, c.harm) for c, r in replayed),
        warned_or_earlier=sum(_nudged(r, 0, (c.harm or 0) + length) for c, r in replayed),
        above_from_any_state=sum(item.any_state >= 0 for item in found.values()),
        before=before,
        after=after,
        any_state=any_state,
        ordinary=len(behind),
        ordinary_nudged=sum(_nudged(r, length, None) for r in replay(opened, behind, Settings())),
        runs=sum(item.runs for item in found.values()),
        found=found,
    )


def _nudged(replayed: Replayed, first: int, harm: int | None) -> bool:
    """Whether a nudge stands at a message from ``first`` on, up to ``harm`` messages later."""
    last = float("inf") if harm is None else first + harm
    return any(first <= nudge.message <= last for nudge in replayed.score.nudges)


def _behind(flood: Sequence[str], chat: Conversation) -> Conversation:
    """A chat after a flood of its contact, one message a minute."""
    turns = [Turn(sender="contact", text=text, t=PACE * at) for at, text in enumerate(flood)]
    later = PACE * len(flood)
    turns += [replace(turn, t=turn.t + later) for turn in chat.messages]
    shift = len(flood)
    return replace(
        chat,
        messages=tuple(turns),
        onset=None if chat.onset is None else chat.onset + shift,
        harm=None if chat.harm is None else chat.harm + shift,
    )
