"""Where keys come from: a protocol of three methods, the host's bytes, and a passphrase.

There is no default key: a key that every copy of an app shares protects nothing. A provider is
asked by **key id**, 16 bytes that stand in clear in the file and tell nothing about the key.

==============  ===============================  =============================================
provider        the key is                       `destroy`, at a wipe or rotation
==============  ===============================  =============================================
`HostKey`       32 bytes that the host keeps     the host's to do: it holds the key
`PassphraseKey` scrypt of what the user types    nothing to destroy but the salt in the file
`KeyringKey`    in the platform's key store      deleted there: old copies are unreadable
==============  ===============================  =============================================

On a phone, keep `HostKey`'s bytes in the Keychain or under a key of the Android Keystore, or write
a provider of your own that makes and deletes them there.
"""

from __future__ import annotations

import unicodedata
from typing import Final, Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from nudge_sdk.errors import StoreKeyError, UsageError
from nudge_sdk.sealed.randomness import random_bytes
from nudge_sdk.sealed.record import KEY_BYTES, KEY_ID_BYTES

SCRYPT_R: Final = 8
SCRYPT_P: Final = 1
LEAST_COST, DEFAULT_COST, MOST_COST = 14, 17, 20
"""Base-2 logarithms of scrypt's N. 17 (with r = 8, p = 1: 128 MiB) is OWASP's password storage
advice, 14 the least of RFC 7914's interactive use; over 20 (1 GiB) a changed file would ask for
more memory than a phone has."""
LEAST_PASSPHRASE: Final = 8  # code points


class KeyProvider(Protocol):
    """Hands out keys of a store. Called rarely: when it is opened, rotated and wiped.

    An error of any kind counts as `StoreKeyError`.
    """

    def new(self) -> bytes:
        """Id of a key to seal with from now on, 16 bytes: of a new one where one can be made."""

    def key(self, key_id: bytes) -> bytes:
        """The 32 bytes of a key.

        Raises:
            StoreKeyError: there is none of this id.
        """

    def destroy(self, key_id: bytes) -> None:
        """The key is no longer needed: make sure that nobody can ever get it again.

        May be asked more than once; one that is not there any more is no error.
        """


class HostKey:
    """A key that the host hands over and looks after.

    Args:
        key: 32 bytes from a cryptographic random generator, no password.

    Raises:
        UsageError: they are not 32 bytes, or all the same.
    """

    __slots__ = ("_id", "_key")

    def __init__(self, key: bytes) -> None:
        self._key = _checked_key(key)
        info = b"nudge-sdk sealed store: key id"
        derive = HKDF(algorithm=SHA256(), length=KEY_ID_BYTES, salt=None, info=info)
        self._id = derive.derive(key)

    def __repr__(self) -> str:
        return "<HostKey>"

    def new(self) -> bytes:
        """See `KeyProvider`: always the same one."""
        return self._id

    def key(self, key_id: bytes) -> bytes:
        """See `KeyProvider`."""
        if key_id != self._id:
            raise StoreKeyError("host key: the store's file was sealed with another key")
        return self._key

    def destroy(self, key_id: bytes) -> None:
        """See `KeyProvider`: the host holds the key, and does this itself."""


class PassphraseKey:
    """A key from a passphrase, by scrypt (RFC 7914). The key id is its salt, and names the cost.

    Args:
        passphrase: at least 8 characters; Unicode's composed form (NFC) counts.
        cost: base-2 logarithm of scrypt's N for new keys, 14 to 20. 17 takes 128 MiB.

    Raises:
        UsageError: too short, or a cost out of range.
    """

    __slots__ = ("_cost", "_passphrase")

    def __init__(self, passphrase: str, *, cost: int = DEFAULT_COST) -> None:
        self._passphrase = unicodedata.normalize("NFC", _checked_passphrase(passphrase))
        self._cost = _checked_cost(cost)

    def __repr__(self) -> str:
        return "<PassphraseKey>"

    def new(self) -> bytes:
        """See `KeyProvider`: the same passphrase with a new salt."""
        return bytes([self._cost]) + random_bytes(KEY_ID_BYTES - 1)

    def key(self, key_id: bytes) -> bytes:
        """See `KeyProvider`. Takes a good part of a second, on purpose."""
        if len(key_id) != KEY_ID_BYTES or not LEAST_COST <= key_id[0] <= MOST_COST:
            raise StoreKeyError("passphrase: the store's file was not sealed with one")
        derive = Scrypt(salt=key_id, length=KEY_BYTES, n=1 << key_id[0], r=SCRYPT_R, p=SCRYPT_P)
        return derive.derive(self._passphrase.encode("utf-8", "surrogatepass"))

    def destroy(self, key_id: bytes) -> None:
        """See `KeyProvider`: the salt goes with the file's header; the passphrase is the user's."""


def _checked_key(key: object) -> bytes:
    if not isinstance(key, bytes) or len(key) != KEY_BYTES or len(set(key)) == 1:
        raise UsageError(f"key must be {KEY_BYTES} random bytes")
    return key


def _checked_passphrase(passphrase: object) -> str:
    if not isinstance(passphrase, str) or len(passphrase) < LEAST_PASSPHRASE:
        raise UsageError(f"passphrase must be a str of at least {LEAST_PASSPHRASE} characters")
    return passphrase


def _checked_cost(cost: object) -> int:
    if not isinstance(cost, int) or not LEAST_COST <= cost <= MOST_COST:
        raise UsageError(f"cost must be an int from {LEAST_COST} to {MOST_COST}")
    return cost
