"""In an asyncio messenger: reading happens in a thread, so that the event loop never waits for it.

One client serves all chats at once. Within one chat, keep the order of arrival: here each chat has
its own task, so it does. The graph takes the time of a few no-op calls and lets go of Python's lock
meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from nudge_sdk import Client, Contact, Message, Profile

CHATS = {
    "mia": (
        Contact(id="mia", relationship="friend"),
        ["are you coming to practice?", "bring snacks"],
    ),
    "kai": (
        Contact(id="kai", relationship="stranger", days_known=0),
        ["hey, nice profile", "how old are you", "are you home alone", "dont tell your mum"],
    ),
}


async def read_chat(client: Client, chat: str, contact: Contact, texts: Sequence[str]) -> None:
    """One chat, its messages in order."""
    for number, text in enumerate(texts):
        await asyncio.sleep(0)  # a message arrives
        message = Message(text, id=str(number))
        nudge = await asyncio.to_thread(client.receive, chat, message, contact)
        if nudge is not None:
            print(f"{chat}: {nudge.title}")


async def main() -> None:
    """All chats at once, on one client."""
    client = await asyncio.to_thread(Client.open, Profile(age=13, region="GB"))
    chats = (read_chat(client, chat, *about) for chat, about in CHATS.items())
    await asyncio.gather(*chats)


if __name__ == "__main__":
    asyncio.run(main())
