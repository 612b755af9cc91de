"""What an adapter cannot know by itself, and the builder that all of them share."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from nudge_harness.errors import FieldError, FormatError
from nudge_harness.formats import Conversation, conversation_from

MOST_BYTES: Final = 2_000_000_000  # of one input file
_ID_DIGITS: Final = 16
_MESSAGE: Final = re.compile(r"messages\[(\d+)\]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """What the user says.

    Attributes:
        user: name or id of the young person in the data; everybody else is a contact. Which side
            is warned cannot be read off an export.
        label: of every conversation, where the data has none; ``None`` leaves it out.
        lang: language tag of every conversation.
        columns: for CSV: our field to the file's column.
        names: for CSV: our value to the file's, as ``contact=adult``; see `csv_table`.
        flagged: for PAN-2012: file with the ids of the flagged authors, one a line.
    """

    user: str | None = None
    label: str | None = None
    lang: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    flagged: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One message as an adapter found it.

    ``at``: seconds since any epoch, ``None`` when unknown. ``line``: where it stands, from 1.
    """

    author: str
    text: str
    at: float | None = None
    kind: str = "text"
    line: int = 0


def hidden(*parts: str) -> str:
    """An id that does not show the source's own: real names and numbers stay out of results."""
    joined = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).hexdigest()[:_ID_DIGITS]


def built(
    name: str, said: list[Said], *, user: str | None, file: str, line: int = 0, **facts: Any
) -> Conversation:
    """A conversation of what was said, in its order; times start at 0.

    Args:
        name: its id.
        said: at least one message.
        user: whose side is the young person's; ``None`` makes every message the contact's.
        file, line: where it stands, for errors.
        facts: further fields of the conversation.

    Raises:
        FormatError: it breaks the format.
    """
    start = next((own.at for own in said if own.at is not None), None)
    messages: list[dict[str, Any]] = []
    for own in said:
        item: dict[str, Any] = {
            "from": "user" if own.author == user else "contact",
            "text": own.text,
            "kind": own.kind,
        }
        if own.at is not None and start is not None:
            item["t"] = max(own.at - start, 0.0)
        messages.append(item)
    known = {key: value for key, value in facts.items() if value is not None}
    try:
        return conversation_from({"id": name, "messages": messages, **known})
    except FieldError as error:
        at = _MESSAGE.match(error.field)
        where = said[int(at[1])].line or line if at else line
        raise FormatError(file, where, error.field, error.problem) from None
