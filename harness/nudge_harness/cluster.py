"""Work spread over a Dask cluster, with the same law as `workers`: the same results in order.

The caller cuts the work into chunks of a second or so (Dask needs a few milliseconds for a task),
so a cluster gives byte for byte what one process gives. Every worker needs ``nudge-harness`` of the
same version; a bundle that is no shipped one, and the folder of a study, have to lie at the same
path for all. The scheduler and its workers are yours to start::

    dask scheduler --host 127.0.0.1
    dask worker tcp://127.0.0.1:8786 --nworkers 2 --nthreads 1
    nudge-harness score chats.jsonl.gz -o scores.jsonl --scheduler tcp://127.0.0.1:8786

Chats are sent to the workers as they are: encrypt the connection (``tls://``) when it leaves the
machine.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeVar

from nudge_harness.errors import UsageError, WorkerError

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD: Final = 2  # pieces in flight for each thread of the cluster
_PATIENCE: Final = 10  # seconds to reach the scheduler and a first worker


def map_on_cluster(
    function: Callable[[Item], Result], items: Iterable[Item], address: str
) -> Iterator[Result]:
    """``function`` of each item on the workers of a cluster, in the order of the items.

    Args:
        function: can be pickled, and imported by the workers; so can items and results.
        items: read as far ahead as there is work in flight.
        address: of the scheduler, ``tcp://HOST:PORT`` or ``tls://HOST:PORT``.

    Raises:
        UsageError: Dask is not installed (extra ``cluster``).
        WorkerError: the cluster cannot be reached, has no worker, or lost one too often.
    """
    try:
        from distributed import Client, KilledWorker
    except ImportError:
        raise UsageError("--scheduler needs: pip install 'nudge-harness[cluster]'") from None
    try:
        client: Any = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, TimeoutError):
        raise WorkerError("no Dask scheduler answers at the address of --scheduler") from None
    try:
        yield from _in_order(client, function, items)
    except KilledWorker:
        raise WorkerError("workers of the cluster died (out of memory?)") from None
    finally:
        client.close()


def _in_order(
    client: Any, function: Callable[[Item], Result], items: Iterable[Item]
) -> Iterator[Result]:
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError:
        raise WorkerError("the cluster has no worker") from None
    ahead = _AHEAD * max(1, sum(client.nthreads().values()))
    waiting: deque[Any] = deque()
    for item in items:
        # Not pure: Dask would hash every item to look for one that it has seen.
        waiting.append(client.submit(function, item, pure=False))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
