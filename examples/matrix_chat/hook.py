"""The lines an app developer copies: the SDK on the decrypted-message callback.

Call `NudgeHook.read` once for each message, after decryption and before it is drawn, in the order
of arrival. Draw what comes back beside the message, on this screen, and send nothing because of it.

An event that could not be decrypted never comes here: nobody has its words. When its key arrives
later and it can be decrypted, it comes here then.
"""

from __future__ import annotations

import asyncio

from examples.matrix_chat.events import Shown
from nudge_sdk import Client, Contact, Message, Nudge, NudgeError


class NudgeHook:
    """Between an app's decryption and its screen."""

    def __init__(self, sdk: Client, me: str) -> None:
        self.sdk = sdk
        self.me = me

    async def read(
        self, message: Shown, sender: Contact, *, history: bool = False, to: Contact | None = None
    ) -> Nudge | None:
        """What the device's own user should see with a message.

        Args:
            message: as it will be shown.
            sender: what is known of who sent it.
            history: it is older than our own invitation to the room: read, never nudged.
            to: for an own message that replies to somebody: whom.
        """
        words = Message(message.text, message.id, message.sent_at, message.kind)
        try:
            if message.sender == self.me:
                await asyncio.to_thread(self.sdk.sent, message.room, words, to)
                return None
            return await asyncio.to_thread(
                self.sdk.receive, message.room, words, sender, backfill=history
            )
        except NudgeError:
            return None  # a tip that fails never costs a message
