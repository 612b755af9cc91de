"""``bench --scale``: does memory stay where it is, and do two workers do twice as much?

Generated chats are written to a file, which is then scored from end to end (read, checked, heard,
decided, written), in a process of its own for each size and each number of workers. What is said of
memory is the peak of that process and of its largest worker: with ten times as many messages it has
to be the same.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from nudge_harness.bench import scored
from nudge_harness.bench.children import ended
from nudge_harness.formats import Conversation, write_conversations
from nudge_harness.generate import generate
from nudge_harness.model import BundleChoice

_MEGABYTE = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """One run. ``messages_per_s``: by the clock. ``noops_per_message``: time of processors for a
    message, workers' start included, over a no-op call's: other work on the machine is not in it.

    ``peak_mb`` and ``worker_mb``: peak of resident memory, of the process and of its largest worker
    (0 without workers).
    """

    messages: int
    workers: int
    messages_per_s: float
    noops_per_message: float
    peak_mb: float
    worker_mb: float


def scale(
    choice: BundleChoice,
    sizes: Sequence[int],
    workers: Sequence[int],
    step: Callable[[int], None] = lambda _: None,
) -> list[Scale]:
    """Measure each size with each number of workers.

    Args:
        choice: the bundle.
        sizes: messages to score, at least; a chat is never cut.
        workers: numbers of processes.
        step: told after each run.

    Raises:
        BenchError: a process that was started failed.
    """
    found = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "chats.jsonl.gz")
            write_conversations(source, chats(size))
            for number in workers:
                found.append(_row(_scored(choice, source, number), number))
                step(1)
    return found


def chats(messages: int) -> Iterator[Conversation]:
    """Generated chats of the test side with at least so many messages in all."""
    heard = 0
    for start in count(step=1_000):
        for chat in generate("test", 0, n=1_000, start=start):
            if heard >= messages:
                return
            heard += len(chat.messages)
            yield chat


def _scored(choice: BundleChoice, source: Path, workers: int) -> dict[str, Any]:
    options = {
        "source": str(source),
        "workers": workers,
        "bundle": str(choice.folder or ""),
        "key": (choice.key or b"").hex(),
    }
    command = [sys.executable, "-P", scored.__file__, json.dumps(options)]
    loaded: dict[str, Any] = json.loads(ended(command, "scoring"))
    return loaded


def _row(found: dict[str, Any], workers: int) -> Scale:
    busy = found["busy"] / found["messages"]
    return Scale(
        messages=found["messages"],
        workers=workers,
        messages_per_s=round(found["messages"] / found["seconds"]),
        noops_per_message=round(1e6 * busy / found["noop_us"], 2),
        peak_mb=round(found["resident"] / _MEGABYTE, 1),
        worker_mb=round(found["largest_worker"] / _MEGABYTE, 1),
    )
