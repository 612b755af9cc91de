"""The one file that touches SQLite: a connection, transactions, and named errors.

How the file is kept, and why:

==========================  =======================================================================
setting                     why
==========================  =======================================================================
write-ahead log             a commit is one append; readers never wait for a writer
synchronous = FULL          a swap that has returned is on disk, also when the power goes
secure_delete               what is deleted is overwritten with zeros
temp_store = MEMORY         nothing is written but the file, ``-wal`` and ``-shm`` beside it
trusted_schema = OFF,       a file that somebody has changed runs nothing and fails early; the
cell_size_check,            schema has to be ours to the letter (`nudge_sdk.sealed.schema`)
length limit of 64 KiB
mode 0600                   no other user of the device reads it
BEGIN IMMEDIATE             a write transaction never finds at its end that another was first
==========================  =======================================================================

One connection serves all threads, one transaction at a time; other processes have their own. After
an error the connection is closed and opened anew with the next transaction, so that a file that has
been put back, or disk space that is there again, is found. After a fork the child leaves the
parent's connection alone, as SQLite demands, and opens its own.
"""

from __future__ import annotations

import os
import sqlite3  # noqa: TID251  this is the one file
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeAlias

from nudge_sdk.errors import StateError, StoreDamagedError, StoreError

_PRAGMAS: Final = (
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA mmap_size = 0",
    "PRAGMA wal_autocheckpoint = 64",  # pages, 256 KiB of log: a disk may be nearly full
)
_LENGTH_LIMIT: Final = 64 * 1024  # bytes of a value; ours have 508 at most
_BESIDE: Final = ("", "-wal", "-shm", "-journal")
_DAMAGED: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}
Connection: TypeAlias = sqlite3.Connection
_of_parents: Final[list[sqlite3.Connection]] = []  # never closed here: see the module


class Database:
    """A file with transactions. Every method may be called from any thread.

    Args:
        path: the file; its folder has to be there.
        patience: seconds to wait for another process's transaction.
        prepare: called with each new connection, outside of a transaction.
    """

    def __init__(
        self, path: Path, *, patience: float, prepare: Callable[[sqlite3.Connection], None]
    ) -> None:
        self._path = path
        self._patience = patience
        self._prepare = prepare
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.RLock()
        self._process = os.getpid()

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[sqlite3.Connection]:
        """All or nothing: committed at the end, rolled back when anything is raised.

        Raises:
            StoreError: it cannot be read or written now.
            StoreDamagedError: the file is no database, or a damaged one.
        """
        with self.alone(), self._named():
            if self._connection is None:
                self._connection = self._connected()
            with committed(self._connection, write=write):
                yield self._connection

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep this process's other threads out, over more than one transaction."""
        self._stay_in_process()
        with self._lock:
            yield

    def checkpoint(self) -> None:
        """Move all into the file and empty the log, so that no old value stays in it.

        Raises:
            StoreError: it cannot be written now. That somebody is still reading is no error.
        """
        with self.alone(), self._named():
            if self._connection is not None:
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def remove(self) -> None:
        """Delete the file and what is beside it.

        Raises:
            StoreError: it cannot be deleted.
        """
        with self.alone():
            self.close()
            for suffix in _BESIDE:
                try:
                    Path(f"{self._path}{suffix}").unlink(missing_ok=True)
                except OSError as error:
                    raise StoreError("store: the file cannot be deleted") from error

    def close(self) -> None:
        """Close the connection; the next transaction opens another."""
        with self.alone():
            connection, self._connection = self._connection, None
            if connection is not None:
                with suppress(sqlite3.Error):
                    connection.close()

    def _connected(self) -> sqlite3.Connection:
        self._path.touch(mode=0o600)  # SQLite gives log and index the file's own mode
        connection = sqlite3.connect(
            self._path, timeout=self._patience, isolation_level=None, check_same_thread=False
        )
        try:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LENGTH_LIMIT)
            for pragma in _PRAGMAS:
                connection.execute(pragma)
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
            if mode == "wal":
                self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        if mode != "wal":
            connection.close()
            raise StoreError("store: this file system has no place for a write-ahead log")
        return connection

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Give errors of SQLite and of the file system their names, and start afresh after one."""
        try:
            yield
        except sqlite3.Error as error:
            self.close()
            raise named(error) from error
        except UnicodeDecodeError:  # the sqlite3 module, over a damaged file's own words
            self.close()
            raise StoreDamagedError("store: the file is damaged (not text)") from None
        except OSError as error:
            self.close()
            raise StoreError("store: the file cannot be opened") from error

    def _stay_in_process(self) -> None:
        if self._process != os.getpid():
            if self._connection is not None:
                _of_parents.append(self._connection)
            self._connection = None
            self._lock = threading.RLock()  # another thread of the parent may have held it
            self._process = os.getpid()


@contextmanager
def committed(connection: sqlite3.Connection, *, write: bool) -> Iterator[None]:
    """One transaction on a connection."""
    connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # the first error counts; SQLite may have rolled back itself
            connection.execute("ROLLBACK")
        raise


def named(error: sqlite3.Error) -> StateError:
    """The SDK's error for one of SQLite's."""
    code = getattr(error, "sqlite_errorcode", None)  # none: Python's own, as on a closed connection
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    if code is not None and code & 0xFF in _DAMAGED:
        return StoreDamagedError(f"store: the file is damaged ({name})")
    return StoreError(f"store: the file cannot be read or written now ({name})")
