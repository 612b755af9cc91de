"""The tables of the file, and how an older file becomes a newer one.

Everything in clear is in these two tables: key id, salts and random-looking names. What a reader
without the key learns is how many senders there are, which of them share a conversation, and, from
two copies, which rows have changed.

A file of an earlier format is brought forward step by step when it is opened, in one transaction:
it is of the old format or of the new one, never in between. The format's number is part of every
value's associated data, so each step seals everything anew (`reseal`). A file of a later format is
refused with `StoreSchemaError` and left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from nudge_sdk.errors import StoreDamagedError, StoreSchemaError
from nudge_sdk.sealed.database import Connection
from nudge_sdk.sealed.layout import ledger_to_bytes
from nudge_sdk.sealed.randomness import random_bytes
from nudge_sdk.sealed.record import RANDOM_BYTES, Epoch, Sealer
from nudge_sdk.state import UserLedger

SCHEMA: Final = 1
APPLICATION: Final = 0x6E756467  # "nudg": what ``file`` and SQLite's header show
TABLES: Final = {
    "rows": "CREATE TABLE rows (name BLOB PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID",
    "store": (
        "CREATE TABLE store (id INTEGER PRIMARY KEY CHECK (id = 1), key_id BLOB NOT NULL, "
        "salt BLOB NOT NULL, key_check BLOB NOT NULL, header BLOB NOT NULL, ledger BLOB NOT NULL)"
    ),
}

Step = Callable[[Connection, Sealer, Sealer], None]
"""Brings a file forward by one format: connection, sealer of the old format, of the new one."""

STEPS: Final[Mapping[int, Step]] = {}
"""The step from format n to n + 1; format 1 is the first that was released."""


def version_of(connection: Connection) -> int:
    """Format of a file; 0 when there is none yet.

    Raises:
        StoreSchemaError: a later one.
        StoreDamagedError: a file of something else.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application not in {0, APPLICATION} or (application == 0) != (version == 0):
        raise StoreDamagedError("store: the file is not a store of this SDK")
    if version > SCHEMA:
        raise StoreSchemaError(f"store: the file is of format {version}, this SDK reads {SCHEMA}")
    return int(version)


def create(connection: Connection) -> None:
    """Make the tables, in a write transaction.

    Raises:
        StoreDamagedError: the file holds something else.
    """
    if tables_of(connection):
        raise StoreDamagedError("store: the file is not a store of this SDK")
    for statement in TABLES.values():
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    set_version(connection, SCHEMA)


def check(connection: Connection) -> None:
    """See that the tables are ours to the letter: no trigger, view or index beside them.

    Raises:
        StoreDamagedError: they are not.
    """
    if tables_of(connection) != TABLES:
        raise StoreDamagedError("store: the file's tables are not those of a store")


def tables_of(connection: Connection) -> dict[str, str]:
    """Everything that a file defines, by name."""
    return dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))


def set_version(connection: Connection, version: int) -> None:
    """Note the format, in a write transaction."""
    connection.execute(f"PRAGMA user_version = {version:d}")


def reseal(connection: Connection, old: Sealer, new: Sealer) -> None:
    """Seal everything anew, names too, in a write transaction.

    Damaged rows are left behind, a damaged ledger starts anew: nobody could ever read them again.

    Raises:
        StoreDamagedError: the header is damaged.
    """
    rows = []
    for name, sealed in connection.execute("SELECT name, sealed FROM rows").fetchall():
        try:
            value, hidden = old.open("row", name, sealed), new.hidden(old.shown(name))
        except StoreDamagedError:
            continue
        rows.append((hidden, new.seal("row", hidden, value, fresh())))
    before = own(connection, old.epoch.schema)
    try:
        times = old.open("ledger", b"", before.ledger)
    except StoreDamagedError:
        times = ledger_to_bytes(UserLedger())
    connection.execute("DELETE FROM rows")
    connection.executemany("INSERT INTO rows (name, sealed) VALUES (?, ?)", rows)
    put_store(connection, new, old.open("header", b"", before.header), times)


def put_store(connection: Connection, sealer: Sealer, header: bytes, ledger: bytes) -> None:
    """Write the one row of the store itself."""
    epoch = sealer.epoch
    connection.execute(
        "INSERT OR REPLACE INTO store VALUES (1, ?, ?, ?, ?, ?)",
        (
            epoch.key_id,
            epoch.salt,
            sealer.check,
            sealer.seal("header", b"", header, fresh()),
            sealer.seal("ledger", b"", ledger, fresh()),
        ),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Own:
    """The one row of the store itself.

    Attributes:
        epoch: in clear.
        check: what tells its key from another; see `Sealer`.
        header, ledger: sealed.
    """

    epoch: Epoch
    check: bytes = field(repr=False)
    header: bytes = field(repr=False)
    ledger: bytes = field(repr=False)


def own(connection: Connection, version: int) -> Own:
    """Read the row of the store itself, of a file of format ``version``.

    Raises:
        StoreDamagedError: it is not there, or not of the right form.
    """
    query = "SELECT key_id, salt, key_check, header, ledger FROM store"
    row = connection.execute(query).fetchone()
    if row is None or not all(isinstance(value, bytes) for value in row):
        raise StoreDamagedError("store: the file's own row is not of the right form")
    key_id, salt, known, header, ledger = row
    epoch = Epoch(schema=version, key_id=key_id, salt=salt)
    return Own(epoch=epoch, check=known, header=header, ledger=ledger)


def fresh() -> bytes:
    """Random bytes for one seal."""
    return random_bytes(RANDOM_BYTES)
