"""A whole life of the SDK in one process, for whoever watches it from outside.

``a_chat.py STORE SECONDS [EXTRA]``: opens the shipped bundle and a sealed store at ``STORE``, hears
a chat that gets a nudge, answers, forgets, rotates and wipes; then runs ``EXTRA``, the positive
control. Stays for some seconds, because uploaders wait, and prints how many nudges there were.
"""

from __future__ import annotations

import sys
import time

from nudge_sdk import Client, Contact, Profile
from nudge_sdk.sealed import HostKey, SealedStore

TEXTS = ("good game!", "how old are you", "dont tell your mum", "send me a pic", "x" * 60_000)


def main() -> None:
    """The chat."""
    store = SealedStore(sys.argv[1], HostKey(bytes(range(32))))
    client = Client.open(Profile(age=13, region="GB"), store=store)
    kai = Contact(id="kai", relationship="stranger", days_known=0)
    nudges = [client.receive("chat", text, kai) for text in TEXTS]
    client.sent("chat", "no thanks")
    client.answer("chat", "grooming", kai, "help")
    client.about()
    store.rotate(HostKey(bytes(range(1, 33))))
    client.forget("chat")
    store.wipe(HostKey(bytes(range(2, 34))))
    store.close()
    exec(sys.argv[3] if len(sys.argv) > 3 else "")  # noqa: S102  the test's own words
    time.sleep(float(sys.argv[2]))
    sys.stdout.write(f"{sum(map(bool, nudges))}\n")


if __name__ == "__main__":
    main()
