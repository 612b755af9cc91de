"""One Matrix event as the screen shows it.

The rule behind this file: **what is shown is what is read**. A client that shows one part of an
event and hands another to the SDK can be led around it, so both take `Shown.text` from here:

* an edit is read by its new words (``m.new_content``), not by its "* ..." fallback;
* a reply is read without the quote that old clients put before it, because the quote is shown from
  our own copy of the message that it answers, and those words were read when they came;
* a caption is text; a picture's file name is not, and the picture itself is never opened.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import nio

from nudge_sdk.values import EventKind

_KINDS: Final[dict[str, EventKind]] = {
    "m.text": "text",
    "m.notice": "text",
    "m.emote": "text",
    "m.image": "image",
    "m.video": "video",
    "m.audio": "voice",
    "m.file": "link",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """What a message's bubble says.

    Attributes:
        id, room, sender: as the server names them. An edit has an ``id`` of its own.
        text: the words; empty for a picture without a caption.
        kind: what arrived.
        sent_at: the server's time, seconds since the epoch.
        edits: id of the message that this one replaces.
        answers: id of the message that this one replies to.
        encrypted: whether it was decrypted here; ``False`` when somebody sent it in the clear.
    """

    id: str
    room: str
    sender: str
    text: str = field(repr=False)
    kind: EventKind = "text"
    sent_at: float
    edits: str | None = None
    answers: str | None = None
    encrypted: bool = True


def shown(room_id: str, event: nio.Event) -> Shown | None:
    """A decrypted event as a bubble; ``None`` for what is no message."""
    content = _table(event.source.get("content"))
    if isinstance(event, nio.CallInviteEvent):
        return _made(room_id, event, text="", kind="call")
    relation = _table(content.get("m.relates_to"))
    edits = relation.get("event_id") if relation.get("rel_type") == "m.replace" else None
    answers = _table(relation.get("m.in_reply_to")).get("event_id")
    if edits is not None:
        content = _table(content.get("m.new_content"))
    kind, body = _KINDS.get(str(content.get("msgtype"))), content.get("body")
    if kind is None or not isinstance(body, str):
        return None
    words = body if kind == "text" or _is_caption(content) else ""
    return _made(
        room_id,
        event,
        text=without_quote(words) if answers is not None else words,
        kind=kind,
        edits=edits if isinstance(edits, str) else None,
        answers=answers if isinstance(answers, str) else None,
    )


def empty(room_id: str, event: nio.Event) -> Shown:
    """An event without words here: deleted, or without a key on this device."""
    sent_at = event.server_timestamp / 1000
    return Shown(id=event.event_id, room=room_id, sender=event.sender, text="", sent_at=sent_at)


def without_quote(body: str) -> str:
    """A reply's own words: the leading lines of the quote, ``> ...``, and the gap after it go."""
    lines = body.split("\n")
    if not lines[0].startswith("> <@"):
        return body
    rest = next((i for i, line in enumerate(lines) if not line.startswith("> ")), len(lines))
    return "\n".join(lines[rest:]).lstrip("\n")


def _is_caption(content: dict[str, Any]) -> bool:
    """Matrix: ``body`` is a caption when there is a ``filename`` and it says something else."""
    return content.get("filename", content.get("body")) != content.get("body")


def _made(
    room_id: str,
    event: nio.Event,
    *,
    text: str,
    kind: EventKind,
    edits: str | None = None,
    answers: str | None = None,
) -> Shown:
    return Shown(
        id=event.event_id,
        room=room_id,
        sender=event.sender,
        text=text,
        kind=kind,
        sent_at=event.server_timestamp / 1000,
        edits=edits,
        answers=answers,
        encrypted=event.decrypted,
    )


def _table(value: object) -> dict[str, Any]:
    """A mapping from the network, or nothing: senders choose what stands there."""
    return value if isinstance(value, dict) else {}
