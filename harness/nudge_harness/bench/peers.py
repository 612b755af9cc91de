"""Other classifiers beside ours: same messages, same process, called in turn, one thread each.

A peer reads a message by itself and keeps nothing; ours also keeps the chat's memory and decides.
What is timed of MiniLM is tokenizer, encoder and pooling, without any head on top.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from time import perf_counter_ns
from typing import Final, TypeAlias

from nudge_harness.errors import UsageError
from nudge_harness.peers.minilm import Encoder, cache_folder

Read: TypeAlias = Callable[[str], object]


def _minilm() -> Read:
    encoder = Encoder(cache_folder(), None, threads=1)
    return lambda text: encoder.vectors([text])


def _profanity() -> Read:
    try:
        from profanity_check import predict_prob
    except ImportError:
        raise UsageError("--peers needs: pip install 'nudge-harness[peers]'") from None
    return lambda text: predict_prob([text])


MAKERS: Final[dict[str, Callable[[], Read]]] = {
    "minilm_int8": _minilm,
    "alt_profanity_check": _profanity,
}


def peers_us(ours: Callable[[int], object], texts: Sequence[str], calls: int) -> dict[str, float]:
    """Median microseconds a message: ``ours``, then each peer.

    Raises:
        UsageError: a package of the extra ``peers`` is not installed.
        FetchError: MiniLM's tokenizer cannot be fetched.
    """
    readers = {name: make() for name, make in MAKERS.items()}
    times: dict[str, list[int]] = {"ours": [], **{name: [] for name in readers}}
    warm = max(1, calls // 10)
    for i in range(warm + calls):
        text = texts[i % len(texts)]
        begin = perf_counter_ns()
        ours(i)
        taken = [perf_counter_ns() - begin]
        for read in readers.values():
            begin = perf_counter_ns()
            read(text)
            taken.append(perf_counter_ns() - begin)
        if i >= warm:
            for own, nanoseconds in zip(times.values(), taken, strict=True):
                own.append(nanoseconds)
    return {name: round(statistics.median(own) / 1_000, 1) for name, own in times.items()}
