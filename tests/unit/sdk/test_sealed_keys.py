"""Three providers of keys, and what a missing, wrong or broken one does."""

from __future__ import annotations

import gc
import unicodedata
from pathlib import Path
from typing import Any

import keyring
import keyring.backend
import keyring.backends.null
import keyring.errors
import pytest
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from nudge_sdk.errors import StoreKeyError, UsageError
from nudge_sdk.sealed import HostKey, KeyProvider, KeyringKey, PassphraseKey, SealedStore
from nudge_sdk.sealed.keys import LEAST_COST
from tests.sealing import KEY, OTHER_KEY, Keys, copied, got, open_store, put

WORDS = "correct horse battery"


class KeyStore(keyring.backend.KeyringBackend):
    """A platform's key store, through the library's own interface."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the library's
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def _open(self) -> dict[tuple[str, str], str]:
        if self.locked:
            raise keyring.errors.KeyringLocked
        return self.kept

    def get_password(self, service: str, username: str) -> str | None:
        return self._open().get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._open()[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self._open().pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError


@pytest.fixture
def key_store() -> Any:
    usual, ours = keyring.get_keyring(), KeyStore()
    keyring.set_keyring(ours)
    yield ours
    keyring.set_keyring(usual)


def cheap(words: str = WORDS) -> PassphraseKey:
    return PassphraseKey(words, cost=LEAST_COST)


@pytest.fixture(params=["host", "keyring", "passphrase", "tests"])
def keys(request: pytest.FixtureRequest, key_store: KeyStore) -> KeyProvider:
    made: dict[str, KeyProvider] = {
        "host": HostKey(KEY),
        "keyring": KeyringKey("chat app"),
        "passphrase": cheap(),
        "tests": Keys(),
    }
    return made[str(request.param)]


def test_a_store_opens_again_with_the_same_provider(tmp_path: Path, keys: KeyProvider) -> None:
    store = open_store(tmp_path / "s", keys=keys)
    put(store, "c", 3)
    store.close()
    assert got(open_store(tmp_path / "s", keys=keys), "c") == 3


def test_a_provider_gives_the_same_key_for_an_id(keys: KeyProvider) -> None:
    key_id = keys.new()
    assert len(key_id) == 16
    assert keys.key(key_id) == keys.key(key_id)
    assert len(keys.key(key_id)) == 32


def test_no_repr_shows_a_key(keys: KeyProvider) -> None:
    key = keys.key(keys.new())
    assert repr(key)[2:-1] not in repr(keys)
    assert WORDS not in repr(keys)
    if not isinstance(keys, Keys):
        assert not hasattr(keys, "__dict__")


@pytest.mark.parametrize(
    "other", [lambda: HostKey(OTHER_KEY), cheap, Keys, lambda: KeyringKey("other")]
)
def test_another_provider_does_not_open_it(tmp_path: Path, key_store: KeyStore, other: Any) -> None:
    store = open_store(tmp_path / "s")
    put(store, "c", 3)
    with pytest.raises(StoreKeyError):
        open_store(tmp_path / "s", keys=other())
    assert got(store, "c") == 3


def test_there_is_no_default_key() -> None:
    with pytest.raises(TypeError):
        SealedStore("s")  # type: ignore[call-arg]  # that is what is tested


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(32), b"\xff" * 32, "x" * 32, None])
def test_a_host_key_is_32_random_bytes(key: Any) -> None:
    with pytest.raises(UsageError, match="key must be 32 random bytes"):
        HostKey(key)


class TestPassphrase:
    def test_it_is_scrypt_of_the_composed_form(self) -> None:
        words = "na\u0308chtelang"
        keys = cheap(words)
        key_id = keys.new()
        plain = unicodedata.normalize("NFC", words).encode()
        expected = Scrypt(salt=key_id, length=32, n=2**LEAST_COST, r=8, p=1).derive(plain)
        assert keys.key(key_id) == expected
        assert cheap(unicodedata.normalize("NFC", words)).key(key_id) == expected

    def test_a_wrong_one_is_said_at_once(self, tmp_path: Path) -> None:
        open_store(tmp_path / "s", keys=cheap())
        with pytest.raises(StoreKeyError, match="another key"):
            open_store(tmp_path / "s", keys=cheap("correct horse bakery"))

    def test_each_new_key_has_its_own_salt_and_names_its_cost(self) -> None:
        ids = {cheap().new() for _ in range(10)}
        assert len(ids) == 10
        assert {key_id[0] for key_id in ids} == {LEAST_COST}

    def test_a_higher_cost_opens_a_file_of_a_lower_one(self, tmp_path: Path) -> None:
        put(open_store(tmp_path / "s", keys=cheap()), "c", 3)
        store = open_store(tmp_path / "s", keys=PassphraseKey(WORDS, cost=15))
        assert got(store, "c") == 3

    @pytest.mark.parametrize("key_id", [bytes(16), b"\x28" + bytes(15), b"", bytes([14])])
    def test_a_changed_file_cannot_ask_for_all_the_memory(self, key_id: bytes) -> None:
        with pytest.raises(StoreKeyError):
            cheap().key(key_id)

    @pytest.mark.parametrize("words", ["", "7 chars", b"eight bytes", None])
    def test_it_has_to_be_one(self, words: Any) -> None:
        with pytest.raises(UsageError) as caught:
            PassphraseKey(words)
        assert "7 chars" not in str(caught.value)

    @pytest.mark.parametrize("cost", [13, 21, 17.5, "17"])
    def test_a_cost_is_within_bounds(self, cost: Any) -> None:
        with pytest.raises(UsageError, match="cost must be"):
            PassphraseKey(WORDS, cost=cost)


class TestKeyring:
    def test_a_wipe_leaves_one_key_and_no_way_back(
        self, tmp_path: Path, key_store: KeyStore
    ) -> None:
        store = open_store(tmp_path / "s", keys=KeyringKey("chat app"))
        put(store, "c", 3)
        backup = copied(tmp_path / "s", tmp_path / "backup")
        (before,) = key_store.kept
        store.wipe()
        (after,) = key_store.kept
        assert before != after
        assert got(store, "c") is None
        with pytest.raises(StoreKeyError, match="no key of this id"):
            open_store(backup, keys=KeyringKey("chat app"))

    def test_one_that_is_locked_is_said(self, tmp_path: Path, key_store: KeyStore) -> None:
        open_store(tmp_path / "s", keys=KeyringKey("chat app"))
        key_store.locked = True
        with pytest.raises(StoreKeyError, match="locked"):
            open_store(tmp_path / "s", keys=KeyringKey("chat app"))
        with pytest.raises(StoreKeyError, match="does not take"):
            KeyringKey("chat app").new()
        with pytest.raises(StoreKeyError, match="locked"):
            KeyringKey("chat app").destroy(bytes(16))

    def test_one_that_keeps_nothing_is_noticed(self, key_store: KeyStore) -> None:
        nothing = keyring.backends.null.Keyring()  # type: ignore[no-untyped-call]  # the library's
        keyring.set_keyring(nothing)
        with pytest.raises(StoreKeyError, match="no key of this id"):
            KeyringKey("chat app").new()

    def test_something_else_in_its_place_is_no_key(
        self, tmp_path: Path, key_store: KeyStore
    ) -> None:
        open_store(tmp_path / "s", keys=KeyringKey("chat app"))
        (entry,) = key_store.kept
        for words in ("not base 64!", "c2hvcnQ="):
            key_store.kept[entry] = words
            with pytest.raises(StoreKeyError):
                open_store(tmp_path / "s", keys=KeyringKey("chat app"))

    def test_destroying_what_is_not_there_is_no_error(self, key_store: KeyStore) -> None:
        KeyringKey("chat app").destroy(bytes(16))

    @pytest.mark.parametrize("service", ["", None, 7])
    def test_it_has_a_name(self, key_store: KeyStore, service: Any) -> None:
        with pytest.raises(UsageError):
            KeyringKey(service)


@pytest.mark.parametrize("broken", [KeyError("x"), OSError(), StoreKeyError("x"), RuntimeError()])
def test_a_provider_may_fail_in_any_way(tmp_path: Path, broken: Exception) -> None:
    keys = Keys()
    keys.broken = broken
    with pytest.raises(StoreKeyError):
        open_store(tmp_path / "s", keys=keys)
    keys.broken = None
    put(open_store(tmp_path / "s", keys=keys), "c", 1)


class WrongSize(Keys):
    def key(self, key_id: bytes) -> bytes:
        return super().key(key_id)[:31]


class WrongId(Keys):
    def new(self) -> Any:
        return "not bytes"


@pytest.mark.parametrize("keys", [WrongSize(), WrongId()])
def test_a_provider_has_to_give_what_it_promises(tmp_path: Path, keys: Keys) -> None:
    with pytest.raises(StoreKeyError, match="something other than"):
        open_store(tmp_path / "s", keys=keys)
    gc.collect()


@pytest.mark.parametrize("keys", [None, KEY, object()])
def test_what_is_no_provider_is_refused(tmp_path: Path, keys: Any) -> None:
    with pytest.raises(UsageError, match="keys must be a KeyProvider"):
        SealedStore(tmp_path / "s", keys)
