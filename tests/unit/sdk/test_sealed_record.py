"""One sealed value: what opens it, what does not, and that nothing repeats or shows."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Final

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from nudge_sdk.errors import StoreDamagedError, UsageError
from nudge_sdk.sealed.layout import (
    Header,
    Row,
    ledger_from_bytes,
    ledger_to_bytes,
    sealed_size,
)
from nudge_sdk.sealed.record import NONCE_BYTES, SEAL_BYTES, Epoch, Purpose, Sealer
from nudge_sdk.sealed.retention import Watch
from nudge_sdk.state import LEDGER, MAX_GRAPH_STATE, RING, ConversationState, UserLedger
from nudge_sdk.store import Slot
from tests.sealing import EMPTY, KEY, OTHER_KEY

EPOCH: Final = Epoch(schema=1, key_id=b"k" * 16, salt=b"s" * 32)
NAME: Final = b"n" * 32
RANDOM: Final = b"r" * 32


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(EPOCH, KEY)


def test_what_was_sealed_opens(sealer: Sealer) -> None:
    sealed = sealer.seal("row", NAME, b"value", RANDOM)
    assert len(sealed) == len(b"value") + SEAL_BYTES
    assert sealer.open("row", NAME, sealed) == b"value"
    assert Sealer(EPOCH, KEY).open("row", NAME, sealed) == b"value"


@pytest.mark.parametrize(
    "other",
    [
        Sealer(EPOCH, OTHER_KEY),
        Sealer(replace(EPOCH, schema=2), KEY),
        Sealer(replace(EPOCH, key_id=b"j" * 16), KEY),
        Sealer(replace(EPOCH, salt=b"t" * 32), KEY),
    ],
    ids=["key", "schema version", "key id", "salt"],
)
def test_another_epoch_does_not_open_it(sealer: Sealer, other: Sealer) -> None:
    sealed = sealer.seal("row", NAME, b"value", RANDOM)
    with pytest.raises(StoreDamagedError, match="a row is not what was sealed"):
        other.open("row", NAME, sealed)


@pytest.mark.parametrize(("purpose", "name"), [("row", b"m" * 32), ("ledger", NAME), ("row", b"")])
def test_a_value_cannot_be_moved(sealer: Sealer, purpose: Purpose, name: bytes) -> None:
    sealed = sealer.seal("row", NAME, b"value", RANDOM)
    with pytest.raises(StoreDamagedError):
        sealer.open(purpose, name, sealed)


def test_every_flipped_bit_is_noticed(sealer: Sealer) -> None:
    sealed = sealer.seal("row", NAME, b"value", RANDOM)
    for bit in range(8 * len(sealed)):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(StoreDamagedError):
            sealer.open("row", NAME, bytes(changed))
    for size in range(len(sealed)):
        with pytest.raises(StoreDamagedError):
            sealer.open("row", NAME, sealed[:size])


def test_key_id_and_schema_are_associated_data_not_only_salt(sealer: Sealer) -> None:
    """The same by hand, from the module's docstring: HKDF label, associated data, AES-256-GCM."""
    sealed = sealer.seal("row", NAME, b"value", RANDOM)
    label = b"nudge-sdk sealed store 1: row"
    subkey = HKDF(algorithm=SHA256(), length=32, salt=EPOCH.salt, info=label).derive(KEY)
    bound = b"nudge-sdk sealed store" + b"\0\1" + EPOCH.key_id + b"row\0\0\0\0\0" + NAME
    assert AESGCM(subkey).decrypt(sealed[:12], sealed[12:], bound) == b"value"


class TestNonces:
    def test_one_is_fresh_with_fresh_random_bytes(self, sealer: Sealer) -> None:
        one, two = (sealer.seal("row", NAME, b"value", bytes([i]) * 32) for i in (1, 2))
        assert one[:NONCE_BYTES] != two[:NONCE_BYTES]

    def test_a_generator_that_repeats_itself_repeats_no_nonce(self, sealer: Sealer) -> None:
        """Every other value, purpose and row gets another one, with the very same random bytes."""
        purposes: tuple[Purpose, ...] = ("row", "ledger", "header")
        sealed = [
            sealer.seal(purpose, row, value, RANDOM)
            for purpose in purposes
            for row in (b"", NAME, b"m" * 32)
            for value in (b"", b"a", b"aa", NAME)
        ]
        assert len({item[:NONCE_BYTES] for item in sealed}) == len(sealed)

    def test_name_and_value_cannot_run_into_each_other(self, sealer: Sealer) -> None:
        one = sealer.seal("row", NAME, b"x", RANDOM)
        two = sealer.seal("row", NAME[:-1], NAME[-1:] + b"x", RANDOM)
        assert one[:NONCE_BYTES] != two[:NONCE_BYTES]

    def test_they_do_not_show_the_random_bytes(self, sealer: Sealer) -> None:
        sealed = sealer.seal("row", NAME, b"value", RANDOM)
        plain = hashlib.blake2b(RANDOM, digest_size=NONCE_BYTES).digest()
        assert sealed[:NONCE_BYTES] not in {RANDOM[:NONCE_BYTES], plain}


class TestNames:
    WHERE = Slot(b"c" * 16, b"s" * 16)

    def test_they_can_be_turned_back(self, sealer: Sealer) -> None:
        hidden = sealer.hidden(self.WHERE)
        assert sealer.shown(hidden) == self.WHERE
        assert b"cc" not in hidden and b"ss" not in hidden

    def test_equal_conversations_meet(self, sealer: Sealer) -> None:
        other = Slot(self.WHERE.conversation, b"t" * 16)
        assert sealer.hidden(other)[:16] == sealer.hidden(self.WHERE)[:16]
        assert sealer.hidden(other)[16:] != sealer.hidden(self.WHERE)[16:]

    @pytest.mark.parametrize("name", [b"", bytes(15), bytes(17)])
    def test_one_of_another_size_leaves_no_trace_in_the_cipher(
        self, sealer: Sealer, name: bytes
    ) -> None:
        before = sealer.hidden(self.WHERE)
        with pytest.raises(UsageError):
            sealer.hide(name)
        assert sealer.hidden(self.WHERE) == before

    def test_nothing_links_two_epochs(self, sealer: Sealer) -> None:
        other = Sealer(replace(EPOCH, salt=b"t" * 32), KEY)
        assert other.hidden(self.WHERE)[:16] != sealer.hidden(self.WHERE)[:16]

    @pytest.mark.parametrize("name", [b"", bytes(31), bytes(33), "x" * 32, 7, None])
    def test_what_is_no_name_is_damage(self, sealer: Sealer, name: object) -> None:
        with pytest.raises(StoreDamagedError):
            sealer.shown(name)


def test_no_repr_shows_a_key(sealer: Sealer) -> None:
    shown = repr([sealer, EPOCH, Row(written=7, heard=1, state=b"secret"), Header(salt=KEY)])
    assert not any(mark in shown for mark in ("kkk", "sss", "secret", repr(KEY)[2:-1], "written"))


@pytest.mark.parametrize("floats", [0, 20, MAX_GRAPH_STATE])
def test_a_sealed_conversation_takes_at_most_512_bytes(sealer: Sealer, floats: int) -> None:
    full = ConversationState(
        model_id=b"modelone",
        graph=np.full(floats, 1e30, dtype=np.float32),
        newest=1e9,
        messages=2**32 - 1,
        ring=tuple(range(1, RING + 1)),
    )
    row = Row(written=2**32 - 1, heard=2**64 - 1, state=full.to_bytes())
    sealed = sealer.seal("row", NAME, row.to_bytes(), RANDOM)
    assert len(sealed) == sealed_size(full) <= 512
    assert Row.from_bytes(sealer.open("row", NAME, sealed)) == row


def test_the_size_of_a_ledger_tells_nothing() -> None:
    ledgers = [UserLedger(times=tuple(range(count))) for count in range(LEDGER + 1)]
    raw = [ledger_to_bytes(ledger) for ledger in ledgers]
    assert {len(item) for item in raw} == {130}
    assert [ledger_from_bytes(item) for item in raw] == ledgers


@pytest.mark.parametrize("raw", [b"", bytes(129), bytes(131), b"\1\xff" + bytes(128), bytes(130)])
def test_what_is_no_ledger_is_damage(raw: bytes) -> None:
    with pytest.raises(StoreDamagedError):
        ledger_from_bytes(raw)


@pytest.mark.parametrize(
    "header",
    [
        Header(salt=KEY),
        Header(salt=KEY, release=0),
        Header(
            salt=KEY, release=2**63 - 1, watch=Watch(swept=1.5, high=2.5, behind=0.0), old=KEY[:16]
        ),
    ],
)
def test_a_header_is_read_back(header: Header) -> None:
    assert Header.from_bytes(header.to_bytes()) == header
    with pytest.raises(StoreDamagedError):
        Header.from_bytes(header.to_bytes() + b"x")


def test_a_row_that_is_too_short_is_damage() -> None:
    assert Row.from_bytes(bytes(12)).state == b""
    with pytest.raises(StoreDamagedError):
        Row.from_bytes(bytes(11))
    with pytest.raises(StoreDamagedError):
        Row.from_bytes(b"")
    assert Row.from_bytes(Row(written=1, heard=2, state=EMPTY.to_bytes()).to_bytes()).heard == 2
