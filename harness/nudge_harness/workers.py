"""Work spread over processes, with results in order and memory that does not grow.

The caller cuts the work; the cut never depends on the number of workers, so neither does the
result. Processes are spawned, not forked: a forked onnxruntime session is not safe to use.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from typing import Final, TypeVar

from nudge_harness.errors import WorkerError

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD: Final = 2  # pieces in flight for each worker


def usable_cpus() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def add_workers_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--workers``, the same for every command that spreads work."""
    parser.add_argument(
        "--workers",
        type=int,
        default=usable_cpus(),
        metavar="K",
        help="processes; the result is the same for any number (default: one a core)",
    )


def map_ordered(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    workers: int,
    scheduler: str | None = None,
) -> Iterator[Result]:
    """``function`` of each item, in the order of the items.

    Args:
        function: can be pickled; so can items and results.
        items: read as far ahead as there is work in flight.
        workers: processes; 1, or a single item, stays in this process.
        scheduler: address of a Dask scheduler, whose workers are then used instead.

    Raises:
        WorkerError: a process died, or the cluster cannot be reached. What ``function`` raises
            comes through as it is.
    """
    if scheduler is not None:
        from nudge_harness.cluster import map_on_cluster

        yield from map_on_cluster(function, items, scheduler)
        return
    stream = iter(items)
    first = list(islice(stream, 2))
    stream = chain(first, stream)
    if workers <= 1 or len(first) < 2:
        yield from map(function, stream)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context)
    try:
        waiting: deque[Future[Result]] = deque()
        for item in stream:
            waiting.append(pool.submit(function, item))
            if len(waiting) >= _AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool:
        raise WorkerError("a worker process died (out of memory?); try fewer workers") from None
    finally:
        pool.shutdown(cancel_futures=True)
