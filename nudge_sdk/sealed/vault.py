"""The file and its keys together: transactions with what is sealed in reach; rotation and wipe.

Every transaction looks at the file's epoch first. Where another process has rotated or wiped
meanwhile, the epoch is another one, and the key provider is asked for the new key; nobody has to be
told. A rotation is one transaction, so a file is under the old key or the new one, as a whole.

The old key is destroyed right after the transaction. The header names it until the next sweep, so
that whoever opens the file next makes up for a process that was killed between the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from nudge_sdk.errors import StateError, StoreDamagedError, StoreKeyError, StoreSchemaError
from nudge_sdk.sealed import schema
from nudge_sdk.sealed.contents import Contents
from nudge_sdk.sealed.database import Connection, Database, committed
from nudge_sdk.sealed.keys import KeyProvider
from nudge_sdk.sealed.layout import NO_KEY, Header, ledger_to_bytes
from nudge_sdk.sealed.randomness import random_bytes
from nudge_sdk.sealed.record import EPOCH_SALT_BYTES, KEY_BYTES, KEY_ID_BYTES, Epoch, Sealer
from nudge_sdk.state import UserLedger
from nudge_sdk.store import SALT_BYTES

_T = TypeVar("_T")


class Vault:
    """A sealed file. Every method may be called from any thread.

    Args:
        path: the file.
        keys: where its keys come from.
        patience: seconds to wait for another process's transaction.
    """

    def __init__(self, path: Path, keys: KeyProvider, *, patience: float) -> None:
        self._keys = keys
        self._database = Database(path, patience=patience, prepare=self._prepare)
        self._sealer: Sealer | None = None
        self._known: Header | None = None  # as it was when the sealer was made

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[Contents]:
        """All or nothing.

        Raises:
            StoreError: the file cannot be read or written now.
            StoreDamagedError: it is damaged.
            StoreKeyError: there is no key for it, or another one.
            StoreSchemaError: it is of a later format.
        """
        with self._database.transaction(write=write) as connection:
            yield self._contents(connection)

    @property
    def salt(self) -> bytes:
        """The salt for hashing identifiers. Raises as `transaction`."""
        known = self._known
        if known is None:
            with self.transaction(write=False) as contents:
                return contents.header().salt
        return known.salt

    def checkpoint(self) -> None:
        """See `Database.checkpoint`."""
        self._database.checkpoint()

    def close(self) -> None:
        """See `Database.close`."""
        self._database.close()

    def rotate(self, keys: KeyProvider | None) -> None:
        """Seal everything anew under a new key, then destroy the old one. Raises as `transaction`.

        Args:
            keys: where keys come from, from now on; the present provider when left out.
        """
        with self._database.alone():
            before, after = self._keys, keys or self._keys
            new = _new_sealer(after)
            try:
                with self._database.transaction(write=True) as connection:
                    contents = self._contents(connection)
                    old = contents.sealer
                    header = replace(contents.header(), old=old.epoch.key_id)
                    schema.reseal(connection, old, new)
                    Contents(connection, new, schema.own(connection, schema.SCHEMA)).put_header(
                        header
                    )
            except BaseException:
                self._drop_unused(after, new)
                raise
            self._keys, self._sealer = after, new
            self._finish(before, old.epoch.key_id)

    def wipe(self, keys: KeyProvider | None) -> None:
        """Empty the file and start under a new key, then destroy the old one.

        Needs no old key. A file that is damaged or of a later format is deleted and made anew.

        Raises:
            StoreError: it cannot be written now.
            StoreKeyError: the provider gives no new key, or does not destroy the old one.
        """
        with self._database.alone():
            before, after = self._keys, keys or self._keys
            new = _new_sealer(after)
            old = None if self._sealer is None else self._sealer.epoch.key_id
            try:
                with self._database.transaction(write=True) as connection:
                    old = self._emptied(connection, new)
                self._keys, self._sealer = after, new
            except (StoreDamagedError, StoreSchemaError, StoreKeyError):
                self._drop(after, new)
                self._database.remove()
                self._keys, self._sealer = after, None
                with self.transaction(write=False):
                    pass
            except BaseException:
                self._drop_unused(after, new)
                raise
            if old is not None:
                self._finish(before, old)

    def _emptied(self, connection: Connection, new: Sealer) -> bytes:
        """Put the new epoch in place of everything; give the old key's id."""
        old = schema.own(connection, schema.SCHEMA)
        header = self._fresh_header()
        with suppress(StateError):
            header = self._contents(connection).header()
        header = Header(salt=header.salt, release=header.release, old=old.epoch.key_id)
        connection.execute("DELETE FROM rows")
        schema.put_store(connection, new, header.to_bytes(), ledger_to_bytes(UserLedger()))
        self._known = header
        return old.epoch.key_id

    def _finish(self, keys: KeyProvider, old: bytes) -> None:
        """No trace of the old epoch: not in the log, not with the provider."""
        with suppress(StateError):
            self._database.checkpoint()
        if self._sealer is None or self._sealer.epoch.key_id != old:
            _asked(keys.destroy, old)

    def _drop_unused(self, keys: KeyProvider, new: Sealer) -> None:
        """A change has failed: drop its key, unless the file is under it after all."""
        with suppress(StateError), self._database.transaction(write=False) as connection:
            if schema.own(connection, schema.SCHEMA).epoch.key_id != new.epoch.key_id:
                self._drop(keys, new)

    def _drop(self, keys: KeyProvider, new: Sealer) -> None:
        if self._sealer is None or self._sealer.epoch.key_id != new.epoch.key_id:
            with suppress(StateError):
                _asked(keys.destroy, new.epoch.key_id)

    def _prepare(self, connection: Connection) -> None:
        """Make a new file, or bring an old one forward; then see that it is whole."""
        if schema.version_of(connection) != schema.SCHEMA:
            with committed(connection, write=True):
                version = schema.version_of(connection)  # another process may have been first
                if version == 0:
                    schema.create(connection)
                    header = self._fresh_header().to_bytes()
                    empty = ledger_to_bytes(UserLedger())
                    schema.put_store(connection, _new_sealer(self._keys), header, empty)
                else:
                    self._bring_forward(connection, version)
        schema.check(connection)

    def _bring_forward(self, connection: Connection, version: int) -> None:
        for step in range(version, schema.SCHEMA):
            old = _sealer(self._keys, schema.own(connection, step))
            epoch = Epoch(
                schema=step + 1, key_id=old.epoch.key_id, salt=random_bytes(EPOCH_SALT_BYTES)
            )
            schema.STEPS[step](connection, old, Sealer(epoch, _key(self._keys, epoch.key_id)))
            schema.set_version(connection, step + 1)

    def _fresh_header(self) -> Header:
        known = self._known
        if known is None:
            return Header(salt=random_bytes(SALT_BYTES))
        return Header(salt=known.salt, release=known.release)

    def _contents(self, connection: Connection) -> Contents:
        own = schema.own(connection, schema.SCHEMA)
        if self._sealer is None or self._sealer.epoch != own.epoch:
            sealer = _sealer(self._keys, own)
            self._known = Contents(connection, sealer, own).header()
            self._sealer = sealer
            if self._known.old not in {NO_KEY, own.epoch.key_id}:
                with suppress(StateError):  # the next one who opens the file tries again
                    _asked(self._keys.destroy, self._known.old)
        return Contents(connection, self._sealer, own)


def _sealer(keys: KeyProvider, own: schema.Own) -> Sealer:
    """The sealer of a file's epoch."""
    sealer = Sealer(own.epoch, _key(keys, own.epoch.key_id))
    if sealer.check != own.check:
        raise StoreKeyError("store: the file was sealed with another key")
    return sealer


def _new_sealer(keys: KeyProvider) -> Sealer:
    key_id = _sized(_asked(keys.new), KEY_ID_BYTES)
    epoch = Epoch(schema=schema.SCHEMA, key_id=key_id, salt=random_bytes(EPOCH_SALT_BYTES))
    return Sealer(epoch, _key(keys, key_id))


def _key(keys: KeyProvider, key_id: bytes) -> bytes:
    return _sized(_asked(keys.key, key_id), KEY_BYTES)


def _sized(given: object, size: int) -> bytes:
    if not isinstance(given, bytes) or len(given) != size:
        raise StoreKeyError(f"store: the key provider gives something other than {size} bytes")
    return given


def _asked(ask: Callable[..., _T], *args: bytes) -> _T:
    """Ask a provider. It is the host's code, and may fail in any way; a message must not."""
    try:
        return ask(*args)
    except StoreKeyError:
        raise
    except Exception as error:
        raise StoreKeyError("store: the key provider failed") from error
