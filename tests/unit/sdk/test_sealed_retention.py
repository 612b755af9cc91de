"""What lapses and when; a clock that jumps loses nothing and keeps nothing for ever."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nudge_sdk.errors import UsageError
from nudge_sdk.sealed import SealedStore
from nudge_sdk.sealed.retention import Watch, sweep
from nudge_sdk.state import UserLedger
from tests.fixtures import Clock
from tests.sealing import DAY, START, got, ledger, name, open_store, put, raw

KEEP = 30 * DAY


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> SealedStore:
    return open_store(tmp_path / "s", clock=clock, keep_days=30)


def rows(path: Path) -> int:
    with raw(path) as connection:
        (count,) = connection.execute("SELECT count(*) FROM rows").fetchone()
    return int(count)


def test_a_row_lapses_after_the_retention_and_not_before(store: SealedStore, clock: Clock) -> None:
    put(store, "old", 1)
    clock.now += 30 * DAY
    assert got(store, "old") == 1
    clock.now += 1
    assert got(store, "old") is None
    assert store.senders(name(store, "old").conversation, 9) == ()


def test_a_message_starts_it_anew(store: SealedStore, clock: Clock) -> None:
    for _ in range(4):
        put(store, "c", 1)
        clock.now += 25 * DAY
    assert got(store, "c") == 1


def test_what_has_lapsed_is_deleted_with_the_next_message(
    store: SealedStore, clock: Clock, tmp_path: Path
) -> None:
    put(store, "old", 1)
    clock.now += 31 * DAY
    put(store, "new", 1)
    assert rows(tmp_path / "s") == 1
    assert got(store, "new") == 1


def test_it_is_deleted_when_a_client_opens_the_store(
    store: SealedStore, clock: Clock, tmp_path: Path
) -> None:
    put(store, "old", 1)
    clock.now += 31 * DAY
    store.accept_release(1)
    assert rows(tmp_path / "s") == 0


def test_it_is_deleted_when_the_host_says_so(
    store: SealedStore, clock: Clock, tmp_path: Path
) -> None:
    put(store, "old", 1)
    clock.now += 30 * DAY - 10
    put(store, "new", 1)
    clock.now += 20
    put(store, "newer", 1)
    assert rows(tmp_path / "s") == 3  # looked at less than a day ago
    store.expire()
    assert rows(tmp_path / "s") == 2


def test_one_that_has_lapsed_can_come_back_anew(store: SealedStore, clock: Clock) -> None:
    put(store, "c", 7)
    clock.now += 31 * DAY
    put(store, "c", 1)
    assert got(store, "c") == 1


def test_times_of_nudges_lapse_too(store: SealedStore, clock: Clock) -> None:
    put(store, "c", 1, nudged=clock.now)
    clock.now += 20 * DAY
    put(store, "c", 2, nudged=clock.now)
    clock.now += 20 * DAY
    store.expire()
    assert ledger(store).times == (int(START + 20 * DAY),)


class TestClock:
    def test_one_that_shows_1970_for_a_while_loses_nothing(
        self, store: SealedStore, clock: Clock
    ) -> None:
        put(store, "before", 1, nudged=clock.now)
        clock.now = 10.0
        assert got(store, "before") == 1
        put(store, "meanwhile", 1)
        put(store, "before", 2)
        store.expire()
        clock.now = START + DAY / 2
        assert got(store, "before") == 2
        assert got(store, "meanwhile") == 1
        put(store, "after", 1)
        for _ in range(25):  # and they have the whole retention before them
            clock.now += DAY
            store.expire()
        assert [got(store, chat) for chat in ("before", "meanwhile", "after")] == [2, 1, 1]
        assert ledger(store).times == (int(START),)
        clock.now += 6 * DAY
        assert [got(store, chat) for chat in ("before", "meanwhile", "after")] == [None] * 3

    def test_one_that_jumps_from_1970_to_a_wrong_past_loses_nothing(
        self, store: SealedStore, clock: Clock
    ) -> None:
        put(store, "c", 1)
        for clock.now in (10.0, START - 400 * DAY, 20.0, START - 3 * DAY, START):
            store.expire()
            assert got(store, "c") == 1

    def test_one_that_was_years_ahead_keeps_nothing_for_years(
        self, store: SealedStore, clock: Clock, tmp_path: Path
    ) -> None:
        clock.now = START + 3000 * DAY
        put(store, "idle", 1)
        put(store, "busy", 1)
        clock.now = START
        for _ in range(32):
            put(store, "busy", 2)
            clock.now += DAY
        assert got(store, "idle") is None
        assert got(store, "busy") == 2
        assert rows(tmp_path / "s") == 1

    def test_a_small_step_back_means_nothing(self, store: SealedStore, clock: Clock) -> None:
        put(store, "c", 1)
        clock.now -= DAY / 2
        store.expire()
        clock.now += 31 * DAY
        assert got(store, "c") is None

    def test_what_the_clock_says_is_checked(self, store: SealedStore, clock: Clock) -> None:
        where = name(store, "c")
        clock.now = float("nan")
        with pytest.raises(UsageError, match="clock"):
            store.read([where])
        clock.now = -5.0  # before the epoch counts as the epoch
        assert got(store, "c") is None


def test_a_sweep_is_due_once_a_day_and_when_the_clock_jumps() -> None:
    watch = Watch(swept=START, high=START)
    assert Watch().due(START)
    assert not watch.due(START + DAY - 1)
    assert watch.due(START + DAY)
    assert watch.due(START - DAY)


def test_time_behind_is_added_up_in_small_steps_only() -> None:
    watch = Watch(swept=START, high=START + 500 * DAY)
    times = [START + DAY * step for step in (1, 2, 100, 101)]
    passed = []
    for now in times:
        watch = sweep([], now, KEEP, watch).watch
        passed.append(watch.behind)
    assert passed == [0.0, DAY, 3 * DAY, 4 * DAY]


def test_nothing_lapses_while_the_clock_is_behind() -> None:
    watch = Watch(swept=START, high=START + 500 * DAY, behind=0.0)
    assert sweep([0, int(START), int(START + 900 * DAY)], START + DAY, KEEP, watch).fates == (
        ("stays",) * 3
    )
    assert not watch.lapsed(0, START, KEEP)
    assert watch.pruned(UserLedger(times=(1,)), START, KEEP).times == (1,)


@pytest.mark.parametrize("days", [6.9, 0, -1, 3651, float("nan"), "90", None])
def test_a_retention_is_within_bounds(tmp_path: Path, days: Any) -> None:
    with pytest.raises(UsageError, match="keep_days must be from 7 to 3650"):
        open_store(tmp_path / "s", keep_days=days)
