"""Two people, a relay that stores bytes, and a nudge on one screen: the shortest whole example.

The encryption is Olm, as in Matrix, by `vodozemac` (``pip install nudge-sdk vodozemac``). The relay
sees sizes and order, never words. Sam's device reads a message after it was decrypted, shows a
nudge to Sam, and sends nothing because of it: what the relay holds is the same with and without.

Run it with ``python examples/minimal_e2ee/chat.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import vodozemac as olm

from nudge_sdk import Client, Contact, Message, Nudge, Profile

TALK = (
    ("kai", "gg! you carried that last round"),
    ("sam", "haha ty, close one"),
    ("kai", "how old are you btw"),
    ("sam", "13"),
    ("kai", "are your parents home rn or is it just you"),
    ("sam", "just my brother"),
    ("kai", "send me a pic of you, just for me, don't show anyone"),
)


@dataclass
class Relay:
    """The server: boxes of bytes, in order of arrival, and one-time keys to start a chat with."""

    boxes: list[tuple[str, int, bytes]] = field(default_factory=list)  # recipient, kind, ciphertext


class Device:
    """One person's phone. Keys and words stay here."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.account = olm.Account()
        self.account.generate_one_time_keys(1)
        self.session: olm.Session | None = None

    def call(self, other: Device) -> None:
        """Start a chat from what the other has published: an identity key and a one-time key."""
        key = next(iter(other.account.one_time_keys.values()))
        self.session = self.account.create_outbound_session(other.account.curve25519_key, key)
        other.account.mark_keys_as_published()

    def encrypt(self, text: str) -> tuple[int, bytes]:
        """A message's kind on the wire, and its ciphertext."""
        if self.session is None:
            raise RuntimeError("call somebody first")
        kind, ciphertext = self.session.encrypt(text.encode("utf-8")).to_parts()
        return kind, bytes(ciphertext)

    def decrypt(self, sender: Device, kind: int, ciphertext: bytes) -> str:
        """The text of a message; the first one opens the chat."""
        message = olm.AnyOlmMessage.from_parts(kind, ciphertext)
        if self.session is not None:
            return self.session.decrypt(message).decode("utf-8")
        first = message.to_pre_key()
        if first is None:
            raise RuntimeError("the first message has to open the chat")
        key = sender.account.curve25519_key
        self.session, plaintext = self.account.create_inbound_session(key, first)
        return plaintext.decode("utf-8")


def play(talk: tuple[tuple[str, str], ...] = TALK) -> tuple[Relay, list[Nudge]]:
    """The conversation: what the relay holds afterwards, and what Sam's screen showed."""
    relay, nudges, devices = Relay(), [], {"sam": Device("sam"), "kai": Device("kai")}
    devices["kai"].call(devices["sam"])
    sdk = Client.open(Profile(age=13, region="GB"))  # on Sam's phone, nowhere else
    kai = Contact(id="kai", relationship="stranger", days_known=0)
    for number, (writer, text) in enumerate(talk):
        reader = "kai" if writer == "sam" else "sam"
        relay.boxes.append((reader, *devices[writer].encrypt(text)))
        _, kind, ciphertext = relay.boxes[-1]
        plain = devices[reader].decrypt(devices[writer], kind, ciphertext)
        if reader == "sam":
            nudge = sdk.receive("chat with kai", Message(plain, id=str(number)), kai)
            nudges += [nudge] if nudge else []
        else:
            sdk.sent("chat with kai", Message(text, id=str(number)))
    return relay, nudges


if __name__ == "__main__":
    relay, nudges = play()
    for nudge in nudges:
        print(f"On Sam's screen: {nudge.title}\n  {nudge.body}\n  Noticed: {nudge.reasons}")
    print(f"On the relay: {len(relay.boxes)} boxes, {sum(len(b) for *_, b in relay.boxes)} bytes")
