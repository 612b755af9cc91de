"""The sealed store does what `MemoryStore` does, whatever happens to it; and laws of its parts."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from nudge_sdk.errors import StoreDamagedError
from nudge_sdk.sealed import SealedStore
from nudge_sdk.sealed.record import Epoch, Sealer
from nudge_sdk.sealed.retention import SLACK, Watch, sweep
from nudge_sdk.state import LEDGER, UserLedger
from nudge_sdk.store import MemoryStore, Slot, Snapshot, slot
from tests.sealing import DAY, KEY, START, Keys, open_store, state

CHATS: Final = ("one", "two")
SENDERS: Final = ("kai", "mia", "")
TIMES = st.lists(st.integers(1, 2**32 - 1), max_size=LEDGER).map(tuple)

LAW: Final = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Shops(RuleBasedStateMachine):
    """Two processes' sealed stores on one file, side by side with the memory of one.

    The clock stands still within the retention: expiry is what memory does not do.
    """

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.kept: dict[bytes, bytes] = {}
        self.shops = [self.opened(), self.opened()]
        self.memory = MemoryStore(salt=self.shops[0].salt)
        self.held: list[tuple[SealedStore, Snapshot, Snapshot]] = []

    def opened(self) -> SealedStore:
        return open_store(self.folder / "s", keys=Keys(self.kept), clock=lambda: START)

    def slots(self, names: list[tuple[int, int]]) -> list[Slot]:
        salt = self.memory.salt
        return [slot(salt, CHATS[chat], SENDERS[who]) for chat, who in dict.fromkeys(names)]

    names = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2)), max_size=3)
    nudges = st.lists(st.integers(int(START) - 1000, int(START)), max_size=3).map(tuple)

    @rule(shop=st.integers(0, 1), names=names)
    def read(self, shop: int, names: list[tuple[int, int]]) -> None:
        slots = self.slots(names)
        ours, theirs = self.shops[shop].read(slots), self.memory.read(slots)
        assert ours.states == theirs.states
        assert ours.ledger == theirs.ledger
        self.held.append((self.shops[shop], ours, theirs))

    @rule(at=st.integers(0, 9), number=st.integers(0, 99), times=nudges, heard=st.booleans())
    def swap(self, at: int, number: int, times: tuple[int, ...], heard: bool) -> None:
        if not self.held:
            return
        shop, ours, theirs = self.held[at % len(self.held)]
        states = [state(number + i) for i in range(len(ours.slots))]
        ledger = UserLedger(times=times)
        done = shop.swap(ours, states, ledger, heard=heard)
        assert done == self.memory.swap(theirs, states, ledger, heard=heard)

    @rule(shop=st.integers(0, 1), chat=st.integers(0, 1))
    def forget(self, shop: int, chat: int) -> None:
        conversation = slot(self.memory.salt, CHATS[chat], "").conversation
        self.shops[shop].forget(conversation)
        self.memory.forget(conversation)

    @rule(shop=st.integers(0, 1))
    def wipe(self, shop: int) -> None:
        self.shops[shop].wipe()
        self.memory.wipe()

    @rule(shop=st.integers(0, 1), release=st.integers(0, 5))
    def accept(self, shop: int, release: int) -> None:
        self.shops[shop].accept_release(release)
        self.memory.accept_release(release)

    @rule(shop=st.integers(0, 1))
    def rotate(self, shop: int) -> None:
        """Refuses what was read before it, as if somebody else had written the same again."""
        self.shops[shop].rotate()
        self.held.clear()

    @rule(shop=st.integers(0, 1))
    def reopen(self, shop: int) -> None:
        self.shops[shop].close()
        self.shops[shop] = self.opened()

    @rule(shop=st.integers(0, 1))
    def expire(self, shop: int) -> None:
        self.shops[shop].expire()

    @invariant()
    def they_show_the_same(self) -> None:
        for shop in self.shops:
            assert shop.salt == self.memory.salt
            assert shop.accepted_release == self.memory.accepted_release
            assert shop.read([]).ledger == self.memory.read([]).ledger
            for chat in CHATS:
                conversation = slot(self.memory.salt, chat, "").conversation
                for most in (1, 9):
                    assert shop.senders(conversation, most) == self.memory.senders(
                        conversation, most
                    )
        assert len(self.kept) == 1  # no key but the present one

    def teardown(self) -> None:
        for shop in getattr(self, "shops", []):
            shop.close()
        shutil.rmtree(getattr(self, "folder", ""), ignore_errors=True)


Shops.TestCase.settings = settings(LAW, max_examples=12, stateful_step_count=15)
TestShops = Shops.TestCase


@LAW
@given(value=st.binary(max_size=600), name=st.binary(max_size=40), random=st.binary(max_size=40))
def test_what_is_sealed_opens_and_nothing_else_does(
    value: bytes, name: bytes, random: bytes
) -> None:
    sealer = Sealer(Epoch(schema=1, key_id=b"k" * 16, salt=random), KEY)
    sealed = sealer.seal("row", name, value, random)
    assert sealer.open("row", name, sealed) == value
    assert len(value) < 8 or value not in sealed


@LAW
@given(junk=st.one_of(st.binary(max_size=600), st.text(), st.integers(), st.none()))
def test_junk_is_one_named_error(junk: Any) -> None:
    sealer = Sealer(Epoch(schema=1, key_id=b"k" * 16, salt=b""), KEY)
    try:
        sealer.open("ledger", b"", junk)
    except StoreDamagedError:
        return
    raise AssertionError


CLOCK = st.lists(st.floats(0, 4e9), min_size=1, max_size=30)
KEEP = st.floats(7 * DAY, 3650 * DAY)


@LAW
@given(clock=CLOCK, keep=KEEP, jitter=st.floats(0, 12 * 3600))
def test_a_clock_that_is_right_again_has_lost_nothing(
    clock: list[float], keep: float, jitter: float
) -> None:
    """However the clock jumps about in the past, a row of today is there when it is back."""
    now = 4e9
    watch, meanwhile = sweep([int(now)], now, keep, Watch()).watch, int(now)
    for look in clock:
        meanwhile = int(min(look, now))
        step = sweep([int(now), meanwhile], min(look, now), keep, watch)
        if watch.behind is not None and step.watch.behind is None and look < now - SLACK:
            return  # it ran behind for the whole retention: the other promise holds
        assert "goes" not in step.fates
        watch = step.watch
    if watch.behind is not None:
        assert "goes" not in sweep([int(now), meanwhile], now + jitter, keep, watch).fates


@LAW
@given(ahead=st.floats(2 * DAY, 3e9), days=st.integers(7, 400))
def test_nothing_is_kept_for_ever(ahead: float, days: int) -> None:
    """A row from a clock that was ahead goes once the clock has run for the retention."""
    start, keep = 1e9, days * DAY
    rows = [int(start + ahead)]
    watch = sweep(rows, start + ahead, keep, Watch()).watch
    for day in range(days + 3):
        step = sweep(rows, start + day * DAY, keep, watch)
        watch = step.watch
        if "goes" in step.fates:
            assert day >= min(days, ahead / DAY - 1) - 2
            return
        if watch.behind is None:  # it has caught up: an ordinary row again
            return
    raise AssertionError


@LAW
@given(written=st.lists(st.integers(0, 2**32 - 1), max_size=20), now=st.floats(0, 4e9), keep=KEEP)
def test_a_sweep_deletes_what_a_read_does_not_show(
    written: list[int], now: float, keep: float
) -> None:
    watch = Watch(swept=now, high=now)
    fates = sweep(written, now, keep, watch).fates
    assert [fate == "goes" for fate in fates] == [watch.lapsed(time, now, keep) for time in written]


@LAW
@given(times=TIMES, now=st.floats(0, 4e9), keep=KEEP)
def test_a_pruned_ledger_counts_the_same_within_a_week(
    times: tuple[int, ...], now: float, keep: float
) -> None:
    ledger = UserLedger(times=times)
    pruned = Watch().pruned(ledger, now, keep)
    assert pruned.near(now, 7 * DAY) == ledger.near(now, 7 * DAY)
