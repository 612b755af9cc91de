"""What one transaction sees: rows, ledger and header, opened with the epoch's keys."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from nudge_sdk.errors import StoreDamagedError
from nudge_sdk.sealed import layout
from nudge_sdk.sealed.database import Connection
from nudge_sdk.sealed.layout import Header, Row
from nudge_sdk.sealed.record import NONCE_BYTES, Sealer
from nudge_sdk.sealed.schema import Own, fresh
from nudge_sdk.state import UserLedger
from nudge_sdk.store import Slot

_FIRST: Final = bytes(16)
_LAST: Final = b"\xff" * 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A row as it stands.

    Attributes:
        revision: its nonce as a number, another one after each write; 0 when there is no row.
        row: ``None`` when there is none, or when it cannot be opened.
    """

    revision: int = field(repr=False)
    row: Row | None = field(repr=False)

    def opened(self) -> Row | None:
        """The row; ``None`` when there is none.

        Raises:
            StoreDamagedError: it cannot be opened.
        """
        if self.revision and self.row is None:
            raise StoreDamagedError("store: a row is not what was sealed")
        return self.row


class Contents:
    """A store's file within one transaction; of no use after it.

    Args:
        connection: in a transaction; a write transaction for ``put`` and ``delete``.
        sealer: of the file's epoch.
        own: the store's own row, as it stands at the beginning of the transaction.
    """

    __slots__ = ("_connection", "_own", "sealer")

    def __init__(self, connection: Connection, sealer: Sealer, own: Own) -> None:
        self._connection = connection
        self.sealer = sealer
        self._own = own

    def find(self, where: Slot) -> Found:
        """One row."""
        name = self.sealer.hidden(where)
        query = "SELECT sealed FROM rows WHERE name = ?"
        found = self._connection.execute(query, (name,)).fetchone()
        if found is None:
            return Found(revision=0, row=None)
        return Found(revision=_revision(found[0]), row=self._row(name, found[0]))

    def conversation(self, conversation: bytes) -> list[tuple[Slot, Row]]:
        """All rows of a conversation that can be opened, in no order."""
        hidden = self.sealer.hide(conversation)
        query = "SELECT name, sealed FROM rows WHERE name BETWEEN ? AND ?"
        found = self._connection.execute(query, (hidden + _FIRST, hidden + _LAST)).fetchall()
        rows = ((name, self._row(name, sealed)) for name, sealed in found)
        return [(self.sealer.shown(name), row) for name, row in rows if row is not None]

    def rows(self) -> list[tuple[bytes, Row | None]]:
        """Every row by its name on disk; ``None`` for one that cannot be opened."""
        found = self._connection.execute("SELECT name, sealed FROM rows").fetchall()
        return [(name, self._row(name, sealed)) for name, sealed in found]

    def put(self, where: Slot, row: Row) -> None:
        """Write one row."""
        self.put_named(self.sealer.hidden(where), row)

    def put_named(self, name: bytes, row: Row) -> None:
        """Write one row by its name on disk."""
        sealed = self.sealer.seal("row", name, row.to_bytes(), fresh())
        self._connection.execute(
            "INSERT OR REPLACE INTO rows (name, sealed) VALUES (?, ?)", (name, sealed)
        )

    def delete_named(self, name: bytes) -> None:
        """Delete one row by its name on disk."""
        self._connection.execute("DELETE FROM rows WHERE name = ?", (name,))

    def delete_conversation(self, conversation: bytes) -> None:
        """Delete all rows of a conversation, also those that cannot be opened."""
        hidden = self.sealer.hide(conversation)
        query = "DELETE FROM rows WHERE name BETWEEN ? AND ?"
        self._connection.execute(query, (hidden + _FIRST, hidden + _LAST))

    def ledger(self) -> tuple[int, UserLedger | None]:
        """The ledger's revision, and the ledger: ``None`` when it cannot be opened."""
        sealed = self._own.ledger
        try:
            raw = self.sealer.open("ledger", b"", sealed)
            return _revision(sealed), layout.ledger_from_bytes(raw)
        except StoreDamagedError:
            return _revision(sealed), None

    def put_ledger(self, ledger: UserLedger) -> None:
        """Write the ledger."""
        raw = layout.ledger_to_bytes(ledger)
        sealed = self.sealer.seal("ledger", b"", raw, fresh())
        self._connection.execute("UPDATE store SET ledger = ?", (sealed,))
        self._own = replace(self._own, ledger=sealed)

    def header(self) -> Header:
        """The header.

        Raises:
            StoreDamagedError: it cannot be opened.
        """
        return Header.from_bytes(self.sealer.open("header", b"", self._own.header))

    def put_header(self, header: Header) -> None:
        """Write the header."""
        sealed = self.sealer.seal("header", b"", header.to_bytes(), fresh())
        self._connection.execute("UPDATE store SET header = ?", (sealed,))
        self._own = replace(self._own, header=sealed)

    def _row(self, name: bytes, sealed: bytes) -> Row | None:
        try:
            return Row.from_bytes(self.sealer.open("row", name, sealed))
        except StoreDamagedError:
            return None


def _revision(sealed: object) -> int:
    """What a value's nonce is worth as a number; of a damaged value, anything but 0."""
    nonce = sealed[:NONCE_BYTES] if isinstance(sealed, bytes) else b""
    return int.from_bytes(nonce, "big") or 1
