"""One file of chats scored in a process of its own, so that its peak of memory is its own.

Prints one JSON object: messages, seconds on the clock and of processors (workers' included), the
peak of resident memory of this process and of its largest worker in bytes, and the median of a
no-op call in microseconds, before and after.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
from pathlib import Path
from time import perf_counter, perf_counter_ns, process_time

from nudge_harness.bench.child import peak
from nudge_harness.bench.loops import noop_call
from nudge_harness.bench.noop import noop_graph
from nudge_harness.model import BundleChoice
from nudge_harness.scoring import score_file
from nudge_sdk import _context
from nudge_sdk.state import MAX_GRAPH_STATE

_CALLS = 2_000  # of the no-op graph, before and after
_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss


def main(arguments: list[str]) -> None:
    """Score; ``arguments``: a JSON object with ``source``, ``workers``, ``bundle``, ``key``."""
    options = json.loads(arguments[0])
    choice = BundleChoice(
        folder=Path(options["bundle"]) if options["bundle"] else None,
        key=bytes.fromhex(options["key"]) if options["key"] else None,
    )
    floor = [noop_us()]
    started = process_time()
    begin = perf_counter()
    done = score_file(
        options["source"],
        options["source"] + ".scores",
        bundle=choice,
        workers=options["workers"],
    )
    seconds = perf_counter() - begin
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    busy = sum(own.ru_utime + own.ru_stime for own in used)
    floor.append(noop_us())
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * _UNIT
    found = {
        "messages": done.messages,
        "seconds": seconds,
        "busy": busy - started,
        "resident": peak(),
        "largest_worker": workers,
        "noop_us": statistics.mean(floor),
    }
    sys.stdout.write(json.dumps(found) + "\n")


def noop_us() -> float:
    """Median of a no-op call, microseconds."""
    call = noop_call(noop_graph(_context.SIZE, MAX_GRAPH_STATE), MAX_GRAPH_STATE)
    times = []
    for i in range(_CALLS):
        begin = perf_counter_ns()
        call(i)
        times.append(perf_counter_ns() - begin)
    return statistics.median(times) / 1_000


if __name__ == "__main__":
    main(sys.argv[1:])
