"""The app without its screen: what arrives is read, then shown; what the user decides is done.

Everything here happens on this device, but for `Session`: it sends what the user writes, and the
same with and without the SDK.
"""

from __future__ import annotations

from typing import Protocol

from examples.matrix_chat.device import Notes, Vault
from examples.matrix_chat.events import Shown
from examples.matrix_chat.hook import NudgeHook
from examples.matrix_chat.log import Entry, RoomLog
from examples.matrix_chat.session import Session
from nudge_sdk import Client, Contact, Nudge
from nudge_sdk.values import Relationship, Switch


class View(Protocol):
    """A screen."""

    async def show_entry(self, room: str, entry: Entry) -> None:
        """An entry is new or has changed."""

    async def show_rooms(self) -> None:
        """Rooms, names or invitations may have changed."""


class Messenger:
    """One account's chats. Implements `listener.Listener`.

    Args:
        session: the Matrix side.
        vault, notes: the app's sealed memory.
        sdk: ``None`` is an app without nudges, for comparison.
    """

    def __init__(self, session: Session, vault: Vault, notes: Notes, sdk: Client | None) -> None:
        self.session = session
        self.notes = notes
        self.sdk = sdk
        self.view: View | None = None
        self.logs: dict[str, RoomLog] = {}
        self._hook = None if sdk is None else NudgeHook(sdk, session.me)
        self._vault = vault
        self._with_history: set[str] = set()

    async def on_message(self, message: Shown, *, history: bool) -> None:
        """Read a message, then show it; nobody sees it uncovered before it was read."""
        log = self.log(message.room)
        if message.sender in self.notes.blocked or not log.accepts(message):
            return
        nudge = await self._read(message, history=history)
        if nudge is not None and nudge.presentation == "cover":
            self.notes.covered.add(message.id)
        self.notes.unreadable.discard(message.id)
        self.save()
        entry = log.put(message, nudge, covered=message.id in self.notes.covered)
        log.unread += message.sender != self.session.me and message.room not in self.notes.muted
        await self._show(message.room, entry)

    async def on_unreadable(self, message: Shown) -> None:
        """Something came that this device has no key for: shown as that, and never read."""
        if message.sender not in self.notes.blocked:
            self.notes.unreadable.add(message.id)
            self.save()
            await self._show(message.room, self.log(message.room).put_unreadable(message))

    async def on_deleted(self, room: str, event_id: str) -> None:
        """A message was taken back."""
        if self.sdk is not None:
            self.sdk.deleted(room, event_id)
        entry = self.log(room).delete(event_id)
        if entry is not None:
            await self._show(room, entry)

    async def on_rooms(self) -> None:
        """See `listener.Listener`."""
        if self.view is not None:
            await self.view.show_rooms()

    async def load_history(self, room: str) -> bool:
        """Put what was there before this start on the screen; it was read when it came.

        Returns:
            Whether anything is new.
        """
        if room in self._with_history:
            return False
        self._with_history.add(room)
        before = len(self.log(room))
        for message, deleted in await self.session.history(room):
            if deleted:
                self.log(room).put(message)
                self.log(room).delete(message.id)
            elif message.id in self.notes.unreadable:  # its key has come since
                await self.on_message(message, history=False)
            elif message.sender not in self.notes.blocked and self.log(room).accepts(message):
                self.log(room).put(message, covered=message.id in self.notes.covered)
        return len(self.log(room)) > before

    def log(self, room: str) -> RoomLog:
        """What a room's screen holds."""
        return self.logs.setdefault(room, RoomLog())

    def name_of(self, room: str, user: str) -> str:
        """How a room calls somebody."""
        found = self.session.rooms.get(room)
        return (found.user_name(user) if found is not None else None) or user

    def others(self, room: str) -> list[str]:
        """Who else is in a room."""
        found = self.session.rooms.get(room)
        return [] if found is None else sorted(set(found.users) - {self.session.me})

    def contact(self, room: str, user: str, sent_at: float) -> Contact:
        """What is known of somebody in a room."""
        return self.notes.contact(room, user, sent_at, in_group=len(self.others(room)) > 1)

    def uncover(self, entry: Entry) -> None:
        """The user has tapped a covered message: it stays open from now on."""
        entry.covered = False
        self.notes.covered.discard(entry.message.id)
        self.save()

    def mute(self, room: str, *, on: bool = True) -> None:
        """No badge and no sound for a room; its messages still come and are still read."""
        (self.notes.muted.add if on else self.notes.muted.discard)(room)
        self.save()

    def block(self, user: str, *, on: bool = True) -> None:
        """Nothing of somebody is shown any more, so nothing of theirs is read."""
        (self.notes.blocked.add if on else self.notes.blocked.discard)(user)
        self.save()

    def answer(self, entry: Entry, nudge: Nudge, *, fine: bool) -> None:
        """Hand the user's answer to a nudge back to the SDK."""
        if self.sdk is not None:
            message = entry.message
            self.sdk.answer(message.room, nudge, message.sender, "fine" if fine else "help")

    def switch(self, value: Switch) -> None:
        """Move the user's switch; off forgets what was kept."""
        self.notes.switch = value
        self.save()
        if self.sdk is not None:
            self.sdk.switch = value

    def know(self, user: str, relationship: Relationship) -> None:
        """The user has said who somebody is."""
        self.notes.relationships[user] = relationship
        self.save()

    def save(self) -> None:
        """Seal the notes."""
        self._vault.save(self.notes)

    async def _read(self, message: Shown, *, history: bool) -> Nudge | None:
        if self._hook is None:
            return None
        sender = self.contact(message.room, message.sender, message.sent_at)
        answered = self.log(message.room).get(message.answers)
        to = None
        if answered is not None and answered.message.sender != self.session.me:
            to = self.contact(message.room, answered.message.sender, answered.message.sent_at)
        return await self._hook.read(message, sender, history=history, to=to)

    async def _show(self, room: str, entry: Entry) -> None:
        if self.view is not None:
            await self.view.show_entry(room, entry)
