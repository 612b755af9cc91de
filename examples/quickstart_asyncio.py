"""In an asyncio messenger: reading happens in a thread, so the event loop never waits for it.

One client serves all chats at once. Within one chat keep the order of arrival: here each chat has a
task of its own, so it does. The graph lets go of Python's lock while it runs.
"""

import asyncio

from nudge_sdk import Client, Contact, Message, Profile

KAI = ("hey, nice profile", "how old are you", "dont tell your mum", "send me a pic")
MIA = ("are you coming to practice?", "bring snacks")


async def read_chat(client: Client, contact: Contact, texts: tuple[str, ...]) -> None:
    for number, text in enumerate(texts):  # each was just decrypted
        message = Message(text, id=str(number))
        nudge = await asyncio.to_thread(client.receive, contact.id, message, contact)
        if nudge is not None:
            print(f"{contact.id}: {nudge.title}")


async def main() -> None:
    client = await asyncio.to_thread(Client.open, Profile(age=13, region="GB"))
    kai = Contact(id="kai", relationship="stranger", days_known=0)
    mia = Contact(id="mia", relationship="friend")
    await asyncio.gather(read_chat(client, kai, KAI), read_chat(client, mia, MIA))


asyncio.run(main())
