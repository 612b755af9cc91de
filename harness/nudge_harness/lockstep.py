"""Many phones at once: the next message of each goes into one call of the batched graph.

A *lane* is whatever hears messages one after another: a conversation, or a user with all their
chats. Lanes share nothing, so they may be heard side by side. Before and after the graph stand the
two halves of `nudge_sdk.engine.Engine`, the same that a host app's client calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from nudge_harness.model import Model, Opened
from nudge_sdk.engine import Output, Request, Step

MAX_CODEPOINTS: Final = 65_536  # in one call of the graph; more goes into another call


class Lane(Protocol):
    """Somebody who hears messages in order."""

    @property
    def more(self) -> bool:
        """Whether a message is left."""
        ...

    def hear(self) -> Request | Step:
        """First half of the next message."""
        ...

    def take(self, step: Step) -> None:
        """What came of it; the lane moves on."""
        ...


def run_lanes(opened: Opened, lanes: Sequence[Lane]) -> None:
    """Let every lane hear all of its messages.

    Raises:
        ModelError: the graph failed on a message.
    """
    active = [lane for lane in lanes if lane.more]
    while active:
        pending: list[tuple[Lane, Request]] = []
        for lane in active:
            heard = lane.hear()
            if isinstance(heard, Step):
                lane.take(heard)
            else:
                pending.append((lane, heard))
        outputs = _run(opened.model, [request for _, request in pending])
        for (lane, request), output in zip(pending, outputs, strict=True):
            lane.take(opened.engine.conclude(request, output))
        active = [lane for lane in active if lane.more]


def _run(model: Model, requests: list[Request]) -> Iterator[list[Output]]:
    """The graph over requests, in calls of a bounded size."""
    batch: list[Request] = []
    size = 0
    for request in requests:
        length = sum(len(window) for window in request.windows)
        if batch and size + length > MAX_CODEPOINTS:
            yield from model.run(batch)
            batch, size = [], 0
        batch.append(request)
        size += length
    if batch:
        yield from model.run(batch)
