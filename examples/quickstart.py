"""The whole of it in a few lines: one device, one chat, one nudge.

Run it with ``python examples/quickstart.py``.
"""

from __future__ import annotations

from nudge_sdk import Client, Contact, Nudge, Profile


def show(nudge: Nudge) -> None:
    """A host draws this on the young person's own screen, and sends it nowhere."""
    print(nudge.title, nudge.body, sep="\n")
    print("Noticed:", "; ".join(nudge.reasons))
    print("Can do: ", " | ".join(action.label for action in nudge.actions))


def main() -> None:
    """One chat with someone new."""
    client = Client.open(Profile(age=13, region="GB"))
    kai = Contact(id="kai", relationship="stranger", days_known=0, claimed_age=16)

    for text in ("good game!", "how old are you", "are you home alone", "dont tell your mum"):
        nudge = client.receive("chat-1", text, kai)
        if nudge is not None:
            show(nudge)

    client.sent("chat-1", "no thanks")  # the young person's own words are read too, and never nudge


if __name__ == "__main__":
    main()
