"""A Matrix room's export, as Element writes it (JSON): a user's own chats, on their own machine.

``{"messages": [{"type": "m.room.message", "sender": "@a:server", "origin_server_ts": 1700000000000,
"content": {"msgtype": "m.text", "body": "..."}}]}``. ``--user @me:server`` says whose side is the
young person's. Pictures, videos, voice messages and calls become events without words; edits are
one more message, as for the SDK; what could not be decrypted and what is no message is left out.
Ids of rooms and people are replaced by hashes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from nudge_harness.adapters.options import MOST_BYTES, Options, Said, built, hidden
from nudge_harness.errors import FieldError, FormatError, UsageError
from nudge_harness.formats import Conversation, checks
from nudge_harness.formats.raw import decode

_KINDS: Final = {
    "m.text": "text", "m.notice": "text", "m.emote": "text", "m.image": "image",
    "m.video": "video", "m.audio": "voice", "m.file": "link", "m.location": "link",
}  # fmt: skip


def read_matrix(path: Path, options: Options) -> Iterator[Conversation]:
    """The room as one conversation.

    Raises:
        UsageError: ``--user`` is missing, or wrote nothing in this room.
        FormatError: not an export, or an event breaks the format.
    """
    if options.user is None:
        raise UsageError(
            "matrix: --user @name:server is missing: whose side is the young person's?"
        )
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FormatError(path.name, 0, "", "is too large")
        source = checks.an_object(decode(path.read_bytes()), "")
        events = checks.a_list(source.get("messages"), "messages")
        said = [own for at, event in enumerate(events) if (own := _said(event, at)) is not None]
    except FieldError as error:
        raise FormatError(path.name, 0, error.field, error.problem) from None
    except OSError as error:
        raise FormatError(path.name, 0, "", (error.strerror or "").lower()) from None
    if not said:
        raise FormatError(path.name, 0, "messages", "holds no message")
    if all(own.author != options.user for own in said):
        raise UsageError("matrix: --user wrote nothing in this room")
    said.sort(key=lambda own: own.at or 0.0)
    room = source.get("room_id") or source.get("room_name") or path.name
    yield built(
        hidden("matrix", str(room)),
        said,
        user=options.user,
        file=path.name,
        label=options.label,
        lang=options.lang,
    )


def _said(event: Any, at: int) -> Said | None:
    path = f"messages[{at}]"
    source = checks.an_object(event, path)
    kind = source.get("type")
    if kind == "m.call.invite":
        return Said(author=_sender(source, path), text="", at=_stamp(source, path), kind="call")
    content = source.get("content")
    if kind not in ("m.room.message", "m.sticker") or not content:
        return None  # membership, reactions, a redacted or undecrypted message
    content = checks.an_object(content, f"{path}.content")
    found = "image" if kind == "m.sticker" else _KINDS.get(str(content.get("msgtype")), "link")
    body = checks.optional_str(content, "body", f"{path}.content.body") or ""
    caption = body if found == "text" or content.get("filename") not in (None, body) else ""
    return Said(
        author=_sender(source, path), text=caption, at=_stamp(source, path), kind=found, line=at + 1
    )


def _sender(source: dict[str, Any], path: str) -> str:
    return checks.required_str(source, "sender", f"{path}.sender")


def _stamp(source: dict[str, Any], path: str) -> float | None:
    stamp = checks.number(source, "origin_server_ts", f"{path}.origin_server_ts", 0, 1e16)
    return None if stamp is None else stamp / 1000.0
