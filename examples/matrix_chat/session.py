"""The Matrix side: log in, sync, send. Knows nothing of nudges.

Everything that arrives goes to a `Listener`, one event at a time and in order: nio awaits each
callback before the next, and calls it after decryption.

What counts as history: everything before our own invitation to a room, and on a device that is new
all that its first sync brings. What came after the invitation was written to us, read or not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import Any, Final

import nio

from examples.matrix_chat.events import Shown, empty, shown
from examples.matrix_chat.listener import Listener, MatrixError

_MEDIA: Final = (nio.RoomMessage, nio.CallInviteEvent)
_MESSAGES: Final = ("m.room.message", "m.room.encrypted")
_PAGE: Final = 100  # events of a room in one sync, and in one page of history
_WAIT: Final = 30_000  # milliseconds that the server may hold a sync open
_FILTER: Final = {"room": {"timeline": {"limit": _PAGE}}}


class _Whole(nio.AsyncClient):  # type: ignore[misc]  # nio has no types
    """Handles each sync whole or not at all: nio remembers that a sync has come before it hands its
    events on, so an app that is closed halfway would never see the rest."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.handling = asyncio.Lock()

    async def receive_response(self, response: nio.Response) -> None:
        """See `nio.AsyncClient`."""
        if isinstance(response, nio.SyncResponse):
            async with self.handling:
                await super().receive_response(response)
        else:
            await super().receive_response(response)


class Session:
    """One account on one device.

    Args:
        homeserver: for example ``http://127.0.0.1:8008``.
        user: for example ``@sam:localhost``.
        folder: where nio keeps its keys.
        key: what they are sealed with.
    """

    def __init__(self, homeserver: str, user: str, folder: Path, key: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        config = nio.AsyncClientConfig(
            encryption_enabled=True, store_sync_tokens=True, pickle_key=key
        )
        self.nio = _Whole(homeserver, user, store_path=str(folder), config=config)
        self._listener: Listener | None = None
        self._syncing: asyncio.Task[None] | None = None
        self._asked: set[asyncio.Future[Any]] = set()
        self._first_sync = True
        self._entering: set[str] = set()  # rooms whose timeline has not reached our membership
        self._keyless: dict[str, nio.MegolmEvent] = {}
        self._seen_until: str | None = None  # sync token: what came before it was shown or is past

    @property
    def me(self) -> str:
        """Our own user id."""
        return str(self.nio.user)

    @property
    def rooms(self) -> dict[str, nio.MatrixRoom]:
        """Rooms we are in, by id."""
        return dict(self.nio.rooms)

    @property
    def invitations(self) -> dict[str, nio.MatrixInvitedRoom]:
        """Rooms that wait for an answer, by id."""
        return dict(self.nio.invited_rooms)

    async def login(self, password: str, device: str) -> dict[str, str]:
        """Log in as a new device; gives what `restore` needs."""
        await self._done(self.nio.login(password, device_name=device), "log in")
        return {"device_id": self.nio.device_id, "access_token": self.nio.access_token}

    def restore(self, login: dict[str, str]) -> None:
        """Be the device that logged in before."""
        self.nio.restore_login(self.me, login["device_id"], login["access_token"])

    def attach(self, listener: Listener) -> None:
        """Hand everything that arrives to somebody: the decrypted-message callback and its kin."""
        self._listener = listener
        self.nio.add_event_callback(self._on_event, _MEDIA)
        self.nio.add_event_callback(self._on_keyless, nio.MegolmEvent)
        self.nio.add_event_callback(self._on_redaction, nio.RedactionEvent)
        self.nio.add_event_callback(self._on_member, nio.RoomMemberEvent)
        self.nio.add_to_device_callback(self._on_key, nio.RoomKeyEvent)
        self.nio.add_response_callback(self._on_sync, nio.SyncResponse)
        self._first_sync = not self.nio.loaded_sync_token

    async def run(self, listener: Listener) -> None:
        """Sync until `close`."""
        self.attach(listener)
        if self.nio.should_upload_keys:
            await self._done(self.nio.keys_upload(), "upload keys")
        syncing = self.nio.sync_forever(timeout=_WAIT, full_state=True, sync_filter=_FILTER)
        self._syncing = asyncio.create_task(syncing)
        await asyncio.wait([self._syncing])

    async def close(self) -> None:
        """Stop."""
        if self._syncing is not None:
            async with self.nio.handling:
                self._syncing.cancel()
            await asyncio.wait([self._syncing])
        for asked in self._asked:  # else nio asks again, on a connection that nobody closes
            asked.cancel()
        await self.nio.close()

    async def say(self, room: str, text: str, *, answers: str | None = None) -> None:
        """Send a message, perhaps in reply to another."""
        content: dict[str, Any] = {"msgtype": "m.text", "body": text}
        if answers is not None:
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": answers}}
        await self._send(room, content)

    async def edit(self, room: str, event_id: str, text: str) -> None:
        """Give one of our messages new words."""
        new = {"msgtype": "m.text", "body": text}
        relation = {"rel_type": "m.replace", "event_id": event_id}
        await self._send(
            room,
            {**new, "body": f"* {text}", "m.new_content": new, "m.relates_to": relation},
        )

    async def delete(self, room: str, event_id: str) -> None:
        """Take one of our messages back."""
        await self._done(self.nio.room_redact(room, event_id), "delete the message")

    async def create(self, people: list[str], name: str | None = None) -> str:
        """An encrypted room with some people; its id."""
        response = await self._done(
            self.nio.room_create(
                name=name,
                invite=people,
                is_direct=len(people) == 1,
                preset=nio.RoomPreset.trusted_private_chat,
                initial_state=[nio.EnableEncryptionBuilder().as_dict()],
            ),
            "create the room",
        )
        return str(response.room_id)

    async def join(self, room: str) -> None:
        """Accept an invitation."""
        self._entering.add(room)
        await self._done(self.nio.join(room), "join the room")

    async def decline(self, room: str) -> None:
        """Refuse an invitation."""
        await self._done(self.nio.room_leave(room), "decline")

    async def history(self, room: str) -> list[tuple[Shown, bool]]:
        """The newest messages that were there before this run, oldest first, for the screen only;
        and whether each was deleted.

        This device has read them already, so nobody reads them again. The page ends where the first
        sync ended: what is newer comes through the callback, and is read before it is shown.
        """
        page = await self._done(
            self.nio.room_messages(room, start=self._seen_until, limit=_PAGE), "load history"
        )
        found = []
        for event in reversed(page.chunk):
            gone = isinstance(event, nio.RedactedEvent) and event.type in _MESSAGES
            message = empty(room, event) if gone else None
            if isinstance(event, _MEDIA):
                message = shown(room, event)
            found += [(message, gone)] if message is not None else []
        return found

    async def _send(self, room: str, content: dict[str, Any]) -> None:
        if self.nio.should_query_keys:
            await self._done(self.nio.keys_query(), "look up keys")
        await self._done(
            self.nio.room_send(room, "m.room.message", content, ignore_unverified_devices=True),
            "send",
        )

    async def _done(self, request: Awaitable[nio.Response], what: str) -> Any:
        asked = asyncio.ensure_future(request)
        self._asked.add(asked)
        try:
            response = await asked
        finally:
            self._asked.discard(asked)
        if isinstance(response, nio.ErrorResponse):
            raise MatrixError(f"could not {what}: {response.status_code}")
        return response

    async def _on_event(self, room: nio.MatrixRoom, event: nio.Event) -> None:
        message = shown(room.room_id, event)
        if message is not None and self._listener is not None:
            history = self._first_sync or room.room_id in self._entering
            await self._listener.on_message(message, history=history)

    async def _on_keyless(self, room: nio.MatrixRoom, event: nio.MegolmEvent) -> None:
        self._keyless[event.event_id] = event
        if self._listener is not None:
            await self._listener.on_unreadable(empty(room.room_id, event))

    async def _on_key(self, _: nio.RoomKeyEvent) -> None:
        """A key has come: what can be decrypted now is shown and read now."""
        for event in list(self._keyless.values()):
            try:
                plain = self.nio.decrypt_event(event)
            except nio.EncryptionError:
                continue
            del self._keyless[event.event_id]
            if isinstance(plain, _MEDIA) and event.room_id in self.nio.rooms:
                await self._on_event(self.nio.rooms[event.room_id], plain)

    async def _on_redaction(self, room: nio.MatrixRoom, event: nio.RedactionEvent) -> None:
        if self._listener is not None:
            await self._listener.on_deleted(room.room_id, event.redacts)

    async def _on_member(self, room: nio.MatrixRoom, event: nio.RoomMemberEvent) -> None:
        if event.state_key == self.me:
            self._entering.discard(room.room_id)

    async def _on_sync(self, response: nio.SyncResponse) -> None:
        if self._seen_until is None:
            self._seen_until = response.next_batch
        self._first_sync = False
        self._entering -= set(response.rooms.join)
        if self._listener is not None:
            async with self.nio.handling:
                await self._listener.on_rooms()
