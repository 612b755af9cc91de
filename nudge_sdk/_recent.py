"""What is known of the contacts heard lately, so that a reply is read with the same context.

`Client.sent` is usually not told whom a message answers. Facts about a contact, without the
identifier, stay in memory, for the last 1,024 senders; they are never stored. After a restart they
count as unknown until the contact writes again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Final, TypeAlias

from nudge_sdk.values import AgeBand, Contact, Relationship

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nudge_sdk.store import Slot

Facts: TypeAlias = (
    "tuple[Relationship | None, float | None, float | None, AgeBand | None, bool | None]"
)
MOST: Final = 1024


class RecentContacts:
    """A bounded, thread-safe map of slots to contacts without their identifier."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[Slot, Facts] = OrderedDict()

    def put(self, senders: Iterable[tuple[Slot, Contact | None]]) -> None:
        """Remember some contacts; those not heard for longest make room."""
        with self._lock:
            for where, contact in senders:
                if contact is not None:
                    self._known[where] = (
                        contact.relationship,
                        contact.days_known,
                        contact.claimed_age,
                        contact.band,
                        contact.in_group,
                    )
                    self._known.move_to_end(where)
            while len(self._known) > MOST:
                self._known.popitem(last=False)

    def get(self, where: Slot) -> Contact | None:
        """What is known; ``None`` when nothing is."""
        with self._lock:
            facts = self._known.get(where)
        if facts is None:
            return None
        relationship, days_known, claimed_age, band, in_group = facts
        return Contact(
            id="",
            relationship=relationship,
            days_known=days_known,
            claimed_age=claimed_age,
            band=band,
            in_group=in_group,
        )

    def forget(self, conversation: bytes) -> None:
        """Drop all contacts of one conversation (`Slot.conversation`)."""
        with self._lock:
            for where in [key for key in self._known if key.conversation == conversation]:
                del self._known[where]

    def clear(self) -> None:
        """Drop all."""
        with self._lock:
            self._known.clear()
