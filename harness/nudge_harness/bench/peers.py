"""Other classifiers beside ours: same messages, same process, in turn, one thread each.

A peer reads a message by itself and keeps nothing; ours also keeps the chat's memory and decides.
What is timed of MiniLM is tokenizer, encoder and pooling, without any head on top. They take turns
by blocks of messages: after a single one of MiniLM's calls the caches hold nothing of ours, which
is no property of either.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from time import perf_counter_ns
from typing import Final, TypeAlias

from nudge_harness.errors import UsageError
from nudge_harness.peers.minilm import Encoder, cache_folder

BLOCK: Final = 25  # messages that one of them reads before it is the next one's turn

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


def _numbered(read: Read, texts: Sequence[str]) -> Callable[[int], object]:
    return lambda i: read(texts[i % len(texts)])


def peers_us(ours: Callable[[int], object], texts: Sequence[str], calls: int) -> dict[str, float]:
    """Median microseconds a message: ``ours``, then each peer.

    Raises:
        UsageError: a package of the extra ``peers`` is not installed.
        FetchError: MiniLM's tokenizer cannot be fetched.
    """
    readers: dict[str, Callable[[int], object]] = {"ours": ours}
    readers |= {name: _numbered(make(), texts) for name, make in MAKERS.items()}
    times: dict[str, list[int]] = {name: [] for name in readers}
    for start in range(0, calls, BLOCK):
        for name, read in readers.items():
            for i in range(start, start + BLOCK):
                begin = perf_counter_ns()
                read(i)
                times[name].append(perf_counter_ns() - begin)
    return {name: round(statistics.median(own) / 1_000, 1) for name, own in times.items()}
