"""One measurement, put together from loops and processes."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nudge_harness.bench.children import BenchError, Children
from nudge_harness.bench.commits import commits
from nudge_harness.bench.counted import EARLY_NAME, LATE_NAME
from nudge_harness.bench.loops import (
    BATCH,
    batched,
    client_of,
    growth,
    in_turn,
    noop_call,
    ratio,
    receiver,
    spread,
    state_bytes,
    texts_of,
)
from nudge_harness.bench.noop import noop_graph
from nudge_harness.bench.peers import peers_us
from nudge_harness.bench.stages import longest, staged
from nudge_harness.model import BundleChoice, opened
from nudge_sdk import _context
from nudge_sdk.bundle import shipped_directory
from nudge_sdk.bundle.manifest import MANIFEST, SIGNATURE

__all__ = ["PARTS", "Bench", "BenchError", "bench"]

PARTS: Final = 8  # that ``step`` is told of
_MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """One measurement; fields and units as DESIGN.md, section 5. ``None``: not measured.

    ``spread_to_noop``: p99 over p50 of the engine, over the no-op call's own. ``cap_ratio``: a
    message at the graph's cap over one of 60 code points. ``cold_start_nudged``: whether a nudge
    came in the cold start's chat; where none did, its end is what was waited for.
    ``graph_state_bytes``: what the graph remembers of a chat. ``stages_us``: medians of `stages`.
    ``instructions``: of the same stages and of `counted`; ``growth_instructions``: message 10,000
    over message 10. ``peers_us`` and ``peers_over_ours``: see `peers`.

    ``store_us`` {p50, p99} is what the sealed store costs a message, ``bare_commit_us`` {p50} a
    SQLite commit of the same size, ``store_ratio_to_bare`` the ratio of their medians (`commits`).
    """

    engine_us: dict[str, float]
    noop_us: dict[str, float]
    ratio_to_noop: float
    spread_to_noop: float
    cap_ratio: float
    cold_start_s: float
    cold_start_ratio: float
    cold_start_nudged: bool
    rss_added_mb: float
    bundle_bytes: int
    state_bytes: int
    graph_state_bytes: int
    growth: float
    batched_messages_per_s: float
    batched_noops_per_message: float
    store_us: dict[str, float]
    bare_commit_us: dict[str, float]
    store_ratio_to_bare: float
    stages_us: dict[str, float]
    engine_instructions: int | None
    growth_instructions: float | None
    instructions: dict[str, int] | None
    peers_us: dict[str, float] | None
    peers_over_ours: dict[str, float] | None


def bench(
    choice: BundleChoice,
    *,
    calls: int = 2_000,
    starts: int = 5,
    instructions: bool = True,
    peers: bool = False,
    step: Callable[[int], None] = lambda _: None,
) -> Bench:
    """Measure.

    Args:
        choice: the bundle.
        calls: timed calls in each loop.
        starts: processes started for each kind of cold start.
        instructions: count instructions too, where valgrind is found; takes some minutes.
        peers: time other classifiers beside the engine.
        step: told after each part.

    Raises:
        BundleError: the bundle cannot be used.
        BenchError: a process that was started failed.
        UsageError: a peer's package is not installed.
    """
    texts = texts_of(calls)
    ready = opened(choice)
    size = ready.engine.spec.state_size
    graph = noop_graph(_context.SIZE, size)
    noop = noop_call(graph, size)
    engine_ns, noop_ns = in_turn(receiver(client_of(choice), texts), noop, calls)
    step(1)
    long = longest(texts, ready.engine.spec.cap)
    client = client_of(choice)
    cap_ns, short_ns = in_turn(
        receiver(client, long), receiver(client_of(choice), texts), max(20, calls // 4)
    )
    parts_us = staged(choice, texts, calls)
    step(1)
    batch_ns, floor_ns = in_turn(batched(ready, texts), noop, max(20, calls // 50))
    step(1)
    late_over_early = growth(choice, texts)
    step(1)
    store_ns, bare_ns = commits(ready, max(20, calls // 4))
    step(1)
    children = Children(choice, graph, texts)
    cold = [(children.engine(), children.noop()) for _ in range(starts)]
    start_s, floor_s = _medians(cold, "seconds")
    resident, floor_resident = _medians(cold, "resident")
    step(1)
    counted = children.instructions() if instructions else None
    step(1)
    others = peers_us(receiver(client, texts), texts, max(10, calls // 10)) if peers else None
    step(1)
    per_message = statistics.median(batch_ns) / BATCH
    return Bench(
        engine_us={"p50": _us(engine_ns, 50), "p99": _us(engine_ns, 99)},
        noop_us={"p50": _us(noop_ns, 50), "p99": _us(noop_ns, 99)},
        ratio_to_noop=ratio(engine_ns, noop_ns),
        spread_to_noop=round(spread(engine_ns) / spread(noop_ns), 3),
        cap_ratio=ratio(cap_ns, short_ns),
        cold_start_s=round(start_s, 4),
        cold_start_ratio=round(start_s / floor_s, 3),
        cold_start_nudged=all(run[0]["nudged"] for run in cold),
        rss_added_mb=round((resident - floor_resident) / _MEGABYTE, 2),
        bundle_bytes=bundle_bytes(choice),
        state_bytes=state_bytes(ready, texts),
        graph_state_bytes=4 * size,
        growth=late_over_early,
        batched_messages_per_s=round(1e9 / per_message),
        batched_noops_per_message=round(per_message / statistics.median(floor_ns), 3),
        store_us={"p50": _us(store_ns, 50), "p99": _us(store_ns, 99)},
        bare_commit_us={"p50": _us(bare_ns, 50)},
        store_ratio_to_bare=ratio(store_ns, bare_ns),
        stages_us=parts_us,
        engine_instructions=None if counted is None else counted["receive"],
        growth_instructions=None if counted is None else _growth(counted),
        instructions=counted,
        peers_us=others,
        peers_over_ours=None if others is None else _over(others),
    )


def bundle_bytes(choice: BundleChoice) -> int:
    """Bytes of the bundle: the files that its manifest names, the manifest and the signature."""
    folder = shipped_directory() if choice.folder is None else choice.folder
    named = choice.verified().manifest.files.values()
    own = sum((folder / name).stat().st_size for name in (MANIFEST, SIGNATURE))
    return own + sum(entry.size for entry in named)


def _medians(runs: Sequence[tuple[dict[str, float], ...]], name: str) -> tuple[float, float]:
    engine, noop = (statistics.median(run[side][name] for run in runs) for side in (0, 1))
    return engine, noop


def _growth(counted: dict[str, int]) -> float:
    return round(counted[LATE_NAME] / counted[EARLY_NAME], 3)


def _over(times: dict[str, float]) -> dict[str, float]:
    return {name: round(us / times["ours"], 1) for name, us in times.items() if name != "ours"}


def _us(nanoseconds: Sequence[int], percentile: float) -> float:
    return round(float(np.percentile(nanoseconds, percentile)) / 1_000, 1)
