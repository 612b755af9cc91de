"""The bytes of the memory: their layout, their size, and what is refused when read back."""

from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np
import pytest

from nudge_sdk.errors import StateError
from nudge_sdk.state import (
    LEDGER,
    MAX_GRAPH_STATE,
    RING,
    ConversationState,
    RiskHistory,
    UserLedger,
    id_hash,
    whole_seconds,
)

SEALING = 12 + 16  # bytes: AES-GCM's nonce and tag
FULL = ConversationState(
    model_id=b"12345678",
    graph=np.linspace(-1, 1, MAX_GRAPH_STATE, dtype=np.float32),
    newest=1.8e9,
    messages=2**32 - 1,
    seen=2**17 - 1,
    not_reading=True,
    familiar=True,
    history=(
        RiskHistory(
            cues=3, nudges=255, level=2, answers=3, recent=7, last=2**32 - 1, raised=20_000
        ),
    )
    * 4,
    ring=tuple(range(1, RING + 1)),
)


def test_the_layout_is_the_documented_one() -> None:
    raw = FULL.to_bytes()
    assert raw[0] == 1
    assert raw[1:9] == b"12345678"
    assert struct.unpack_from("<HdIIB", raw, 9) == (64, 1.8e9, 2**32 - 1, 2**17 - 1, 3)
    assert struct.unpack_from("<IBBBBIH", raw, 28) == (3, 255, 2, 3, 7, 2**32 - 1, 20_000)
    assert struct.unpack_from("<16Q", raw, 84) == FULL.ring
    assert np.frombuffer(raw, "<f4", offset=212).tolist() == FULL.graph.tolist()


def test_a_sealed_conversation_stays_within_512_bytes() -> None:
    assert len(FULL.to_bytes()) + SEALING <= 512


def test_what_is_written_reads_back() -> None:
    assert ConversationState.from_bytes(FULL.to_bytes()) == FULL
    fresh = ConversationState(model_id=bytes(8), graph=np.zeros(3, dtype=np.float32))
    again = ConversationState.from_bytes(fresh.to_bytes())
    assert again == fresh
    assert again.newest is None
    assert hash(again) == hash(fresh)


def changed(at: int, raw: bytes) -> bytes:
    whole = bytearray(FULL.to_bytes())
    whole[at : at + len(raw)] = raw
    return bytes(whole)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "unknown version or wrong size"),
        (FULL.to_bytes()[:-1], "wrong size"),
        (FULL.to_bytes() + b"\0", "wrong size"),
        (changed(0, b"\2"), "unknown version"),
        (changed(9, b"\x41\0"), "wrong size"),
        (changed(11, struct.pack("<d", float("inf"))), "not finite"),
        (changed(212, struct.pack("<f", float("nan"))), "not finite"),
        (changed(33, b"\3"), "unknown level"),
    ],
    ids=[
        "empty",
        "truncated",
        "longer",
        "later version",
        "65 floats",
        "infinite time",
        "graph state that is not a number",
        "level that does not exist",
    ],
)
def test_bytes_that_cannot_be_a_state_are_refused(raw: bytes, says: str) -> None:
    with pytest.raises(StateError, match=says):
        ConversationState.from_bytes(raw)


def test_the_history_of_one_kind_leaves_the_others_alone() -> None:
    state = FULL.with_history("coercion", RiskHistory(nudges=1))
    assert state.of("coercion") == RiskHistory(nudges=1)
    assert state.of("grooming") == FULL.of("grooming")


def test_answers_add_up() -> None:
    state = replace(FULL, history=(RiskHistory(),) * 4)
    state = state.with_answer("scam_lure", "fine")
    assert state.of("scam_lure").answers == 1
    assert state.with_answer("scam_lure", "help").of("scam_lure").answers == 3
    assert state.of("grooming").answers == 0


def test_the_ledger_keeps_the_last_times_and_counts_near_ones() -> None:
    ledger = UserLedger()
    for now in range(100, 100 + LEDGER + 5):
        ledger = ledger.with_nudge(now + 0.9)
    assert len(ledger.times) == LEDGER
    assert UserLedger.from_bytes(ledger.to_bytes()) == ledger
    assert ledger.near(136, 0) == 1
    assert ledger.near(136, 2) == 3
    assert ledger.near(138, 2) == 1  # a clock that ran ahead counts by distance, too


@pytest.mark.parametrize("raw", [b"", b"\1", b"\2\0", b"\1\1\0", b"\1\x21" + bytes(4 * 33)])
def test_bytes_that_cannot_be_a_ledger_are_refused(raw: bytes) -> None:
    with pytest.raises(StateError, match="ledger"):
        UserLedger.from_bytes(raw)


def test_times_are_kept_within_32_bits() -> None:
    assert [whole_seconds(t) for t in (-5.0, 0.0, 1.9, 1e300)] == [0, 0, 1, 2**32 - 1]


def test_an_id_hash_depends_on_id_revision_and_salt_and_is_never_0() -> None:
    hashes = {
        id_hash("a", 0, b"s"),
        id_hash("a", 1, b"s"),
        id_hash("a\0", 0, b"s"),
        id_hash("a", 0, b"t"),
        id_hash("\ud800", 0, b"s"),
        id_hash("", 0, b""),
    }
    assert len(hashes) == 6
    assert 0 not in hashes


def test_no_time_or_identifier_shows() -> None:
    assert "1800000000" not in repr(FULL)
    assert "ring" not in repr(FULL)
