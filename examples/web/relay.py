"""A relay for two: whatever one posts to a room, the others in it get. It cannot read any of it.

It keeps the last `KEPT` envelopes of a room in memory, so that a page whose connection broke for a
moment misses none, and nothing else. An envelope is a line of text to it: no part of it is looked
at. The page's side is ``e2ee.js``; events go out as server-sent events (WHATWG HTML, section 9.2).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

KEPT: Final = 64  # envelopes of a room
ROOMS: Final = 64  # the one that was silent longest makes room
MOST: Final = 64 * 1024  # bytes of an envelope
BEAT: Final = 15.0  # seconds between signs of life on a silent line


@dataclass(slots=True)
class Room:
    """Envelopes with their numbers, and a condition that wakes the listeners."""

    envelopes: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=KEPT))
    count: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)


class Relay:
    """All rooms. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._rooms: dict[str, Room] = {}
        self._lock = threading.Lock()

    def post(self, room: str, envelope: str) -> None:
        """Hand one envelope on. It must be one line, or it would read as several events."""
        here = self._room(room)
        with here.changed:
            here.count += 1
            here.envelopes.append((here.count, envelope))
            here.changed.notify_all()

    def events(self, room: str, after: int | None) -> Iterator[str]:
        """Server-sent events without end: envelopes past a number, or from now on."""
        here = self._room(room)
        with here.changed:
            seen = here.count if after is None else after
        yield ": here\n\n"
        while True:
            with here.changed:
                if here.count <= seen:
                    here.changed.wait(timeout=BEAT)
                fresh = [item for item in here.envelopes if item[0] > seen]
            for number, envelope in fresh:
                seen = number
                yield f"id: {number}\ndata: {envelope}\n\n"
            if not fresh:
                yield ": still here\n\n"

    def _room(self, name: str) -> Room:
        with self._lock:
            here = self._rooms.pop(name, None) or Room()
            self._rooms[name] = here  # at the end: the first one is the longest silent
            while len(self._rooms) > ROOMS:
                del self._rooms[next(iter(self._rooms))]
            return here
