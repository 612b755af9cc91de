"""Work over processes: the same results in the same order, read ahead by a bounded amount."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from operator import floordiv

import pytest
from nudge_harness.errors import WorkerError
from nudge_harness.workers import map_ordered, usable_cpus


def process_of(_: int) -> int:
    return os.getpid()


def test_one_worker_or_one_item_stays_here() -> None:
    assert list(map_ordered(process_of, range(3), 1)) == [os.getpid()] * 3
    assert list(map_ordered(process_of, range(1), 4)) == [os.getpid()]
    assert list(map_ordered(process_of, [], 4)) == []


def test_processes_keep_the_order_and_read_ahead_a_little() -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        while taken < 40:
            taken += 1
            yield taken

    results = map_ordered(abs, items(), 2)
    assert next(results) == 1
    assert taken <= 5
    assert list(results) == list(range(2, 41))


def test_an_error_in_a_worker_comes_through() -> None:
    results = map_ordered(partial(floordiv, 8), [4, 2, 0, 1], 2)
    assert next(results) == 2
    with pytest.raises(ZeroDivisionError):
        list(results)


def test_a_worker_that_dies_is_named() -> None:
    with pytest.raises(WorkerError, match="a worker process died"):
        list(map_ordered(os._exit, [0, 0, 0], 2))


def test_some_cpu_is_usable() -> None:
    assert usable_cpus() >= 1
