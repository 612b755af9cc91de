"""What one room's screen holds: messages with their edits, deletions, nudges and covers. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from examples.matrix_chat.events import Shown
from nudge_sdk import Nudge


@dataclass(kw_only=True, slots=True)
class Entry:
    """One bubble.

    Attributes:
        message: the event that opened it.
        text: its newest words; empty after a deletion.
        nudge: the newest nudge that came with it, until it is closed.
        covered: to be hidden until it is tapped.
        readable: ``False`` when this device has no key for it.
    """

    message: Shown
    text: str = field(repr=False)
    edited: bool = False
    deleted: bool = False
    covered: bool = False
    readable: bool = True
    nudge: Nudge | None = None


class RoomLog:
    """The entries of one room, by event id."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._aliases: dict[str, str] = {}  # an edit's id -> the entry that it changed
        self.unread = 0

    def __iter__(self) -> Iterator[Entry]:
        """Oldest first, by the server's time."""
        return iter(sorted(self._entries.values(), key=lambda entry: entry.message.sent_at))

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, event_id: str | None) -> Entry | None:
        """The entry of a message or of one of its edits."""
        if event_id is None:
            return None
        return self._entries.get(self._aliases.get(event_id, event_id))

    def accepts(self, message: Shown) -> bool:
        """Whether a message would change the screen, and so whether it has to be read.

        Not one that is there already, and not an edit of somebody else's words or of deleted ones.
        """
        known = self.get(message.id)
        if known is not None and known.readable:
            return False
        original = self.get(message.edits)
        if original is None:
            return True
        return not original.deleted and original.message.sender == message.sender

    def put(self, message: Shown, nudge: Nudge | None = None, *, covered: bool = False) -> Entry:
        """Show an accepted message, with the nudge that came of it."""
        entry = self.get(message.edits)
        if entry is None:
            entry = Entry(message=message, text=message.text, edited=message.edits is not None)
            self._entries[message.id] = entry
        elif not entry.deleted:
            entry.text, entry.edited = message.text, True
        self._aliases[message.id] = entry.message.id
        entry.nudge = nudge or entry.nudge
        entry.covered = entry.covered or covered
        return entry

    def put_unreadable(self, message: Shown) -> Entry:
        """Show that something came which this device cannot decrypt."""
        fresh = Entry(message=message, text="", readable=False)
        return self._entries.setdefault(message.id, fresh)

    def delete(self, event_id: str) -> Entry | None:
        """Take a message's words off the screen; its nudge stays: what was said was said."""
        entry = self.get(event_id)
        if entry is not None:
            entry.text, entry.deleted = "", True
        return entry
