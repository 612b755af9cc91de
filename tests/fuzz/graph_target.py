"""A whole chat through the shipped graph, as a host's client hears it, for any bytes.

The graph that ships must never refuse a message: `ModelError` would be a way to write without being
read. So unlike in `tests.fuzz.targets`, no error at all is allowed here.
"""

from __future__ import annotations

from functools import cache

from nudge_sdk import Client, Nudge, Profile
from nudge_sdk.store import MemoryStore, slot
from tests.fuzz.reader import Taken
from tests.fuzz.targets import contact_of, hold, message_of

MOST = 6  # messages in a chat: each is a run of the graph
_NOW = 1_800_000_000.0  # seconds since the epoch


@cache
def _opened() -> tuple[Client, MemoryStore]:
    store = MemoryStore(salt=bytes(32))
    return Client.open(Profile(age=13), store=store, clock=lambda: _NOW), store


def runs_of(raw: bytes) -> int:
    """How many messages went through the graph."""
    client, store = _opened()
    taken = Taken(raw)
    contact = contact_of(taken)
    runs = 0
    if contact is not None:
        while taken and runs < MOST:
            message = message_of(taken)
            if taken.whole() % 5 == 4:
                client.sent("c", message, to=contact)
            else:
                nudge = client.receive("c", message, contact, backfill=taken.whole() % 9 == 8)
                hold(nudge is None or isinstance(nudge, Nudge), "a nudge or nothing")
            runs += 1
        if runs:
            (state,) = store.read([slot(store.salt, "c", contact.id)]).states
            hold(state is not None and len(state.to_bytes()) <= 512 - 28, "state within its bound")
    client.wipe()
    return runs


def graph(raw: bytes) -> None:
    """The target."""
    runs_of(raw)
