"""Keys in the platform's own key store: Keychain, Windows Credential Locker, Secret Service.

Needs the extra ``keyring``. On Linux the key store is another process of this device, and `keyring`
speaks to it over the session's local D-Bus socket: no network, but a socket all the same.
"""

from __future__ import annotations

import base64
from importlib import import_module
from types import ModuleType

from nudge_sdk._checks import check_str
from nudge_sdk.errors import StoreKeyError, UsageError
from nudge_sdk.sealed.randomness import random_bytes
from nudge_sdk.sealed.record import KEY_BYTES, KEY_ID_BYTES


class KeyringKey:
    """A key of its own for each epoch of a store, in the platform's key store.

    A wipe or a rotation deletes the old key there: every older copy of the file, wherever it is,
    is unreadable from then on.

    Args:
        service: under which name the platform lists the keys; one for each app.

    Raises:
        StoreKeyError: the extra ``keyring`` is not installed.
        UsageError: no name.
    """

    __slots__ = ("_keyring", "_service")

    def __init__(self, service: str) -> None:
        check_str(service, "service")
        if not service:
            raise UsageError("service must not be empty")
        self._service = service
        self._keyring = _installed()

    def __repr__(self) -> str:
        return "<KeyringKey>"

    def new(self) -> bytes:
        """See `KeyProvider`: makes a key and reads it back.

        Raises:
            StoreKeyError: the key store is not there, locked, or does not keep it.
        """
        key_id, key = random_bytes(KEY_ID_BYTES), random_bytes(KEY_BYTES)
        words = base64.b64encode(key).decode("ascii")
        try:
            self._keyring.set_password(self._service, key_id.hex(), words)
        except self._keyring.errors.KeyringError as error:
            raise StoreKeyError("keyring: the key store does not take a key") from error
        if self.key(key_id) != key:
            raise StoreKeyError("keyring: the key store gives back another key")
        return key_id

    def key(self, key_id: bytes) -> bytes:
        """See `KeyProvider`."""
        try:
            words = self._keyring.get_password(self._service, key_id.hex())
        except self._keyring.errors.KeyringError as error:
            raise StoreKeyError("keyring: the key store is locked or not there") from error
        if words is None:
            raise StoreKeyError("keyring: the key store has no key of this id")
        try:
            return base64.b64decode(words, validate=True)
        except ValueError:
            raise StoreKeyError("keyring: what the key store holds is no key") from None

    def destroy(self, key_id: bytes) -> None:
        """See `KeyProvider`.

        Raises:
            StoreKeyError: the key store is not there or locked, or does not delete it.
        """
        try:
            self._keyring.delete_password(self._service, key_id.hex())
        except self._keyring.errors.PasswordDeleteError:  # mostly: there is none
            if self._keyring.get_password(self._service, key_id.hex()) is not None:
                raise StoreKeyError("keyring: the key store does not delete a key") from None
        except self._keyring.errors.KeyringError as error:
            raise StoreKeyError("keyring: the key store is locked or not there") from error


def _installed() -> ModuleType:
    try:
        import_module("keyring.errors")
    except ImportError:
        raise StoreKeyError("keyring: the extra is missing (nudge-sdk[keyring])") from None
    return import_module("keyring")
