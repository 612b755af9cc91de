"""What the Matrix side says to the rest of the app."""

from __future__ import annotations

from typing import Protocol

from examples.matrix_chat.events import Shown


class Listener(Protocol):
    """Who shows things."""

    async def on_message(self, message: Shown, *, history: bool) -> None:
        """A message has been decrypted."""

    async def on_unreadable(self, message: Shown) -> None:
        """An event has come that this device has no key for."""

    async def on_deleted(self, room: str, event_id: str) -> None:
        """Somebody has taken a message back."""

    async def on_rooms(self) -> None:
        """Rooms, members or invitations may have changed."""


class MatrixError(Exception):
    """The server refused something. Says what, and the server's code."""
