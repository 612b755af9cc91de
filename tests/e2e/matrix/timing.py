"""From decryption to nudge on the client, in calls of a graph that does nothing."""

from __future__ import annotations

import statistics
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Final

from nudge_harness.bench.loops import noop_call
from nudge_harness.bench.noop import noop_graph

if TYPE_CHECKING:
    from tests.e2e.matrix.player import Watched

_CONTEXT, _STATE, _CALLS = 32, 64, 2000
_MS: Final = 1000.0


def figures(app: Watched) -> dict[str, Any]:
    """Medians over a play's messages from others.

    Returns:
        ``noop_ms``: one call of the identity graph with the engine's inputs in this process.
        ``decrypted_to_shown_ms``: until the message was handed to the screen, nudge included.
        ``decrypted_to_drawn_ms``: until its bubble and card were mounted. ``noops`` and
        ``noops_drawn``: the same in no-op calls. ``messages``: how many.
    """
    call = noop_call(noop_graph(_CONTEXT, _STATE), _STATE)
    spent = []
    for i in range(_CALLS):
        begin = perf_counter_ns()
        call(i)
        spent.append(perf_counter_ns() - begin)
    noop = statistics.median(spent) / 1e6
    mine = app.messenger.session.me
    log = [entry for log in app.messenger.logs.values() for entry in log]
    ids = [entry.message.id for entry in log if entry.message.sender != mine]
    shown = statistics.median(_MS * (app.shown[i] - app.decrypted[i]) for i in ids)
    drawn = statistics.median(_MS * (app.drawn[i] - app.decrypted[i]) for i in ids)
    return {
        "messages": len(ids),
        "noop_ms": noop,
        "decrypted_to_shown_ms": shown,
        "decrypted_to_drawn_ms": drawn,
        "noops": shown / noop,
        "noops_drawn": drawn / noop,
    }
