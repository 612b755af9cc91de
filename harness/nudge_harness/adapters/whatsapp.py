"""A WhatsApp chat's export (text file): a user's own chat, on their own machine.

Both forms, 12 or 24 hours, day first unless a date cannot be::

    24/12/2025, 21:05 - Sam: see you there
    [24.12.25, 21:05:33] Sam: see you there

A line that begins no message goes on with the one before. ``<Media omitted>`` and its likes become
events without words; notices without an author are left out. ``--user Sam`` says whose side is the
young person's. The chat's name and the people's names do not reach the result.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from nudge_harness.adapters.options import Options, Said, built, hidden
from nudge_harness.errors import FormatError, UsageError
from nudge_harness.formats import Conversation

_HEAD: Final = re.compile(
    r"\[?(\d{1,4})[./-](\d{1,2})[./-](\d{2,4}),? (\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?"
    r"(?:\s*([ap])\.?\s?m\.?)?(?:\]| -) (.*)",
    re.IGNORECASE | re.DOTALL,
)
_MARKS: Final = dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202c\ufeff"))  # direction marks
_SPACES: Final = {0x202F: " ", 0xA0: " "}
_OMITTED: Final = (
    (re.compile(r"<media omitted>|(?:image|photo|gif|sticker) omitted", re.IGNORECASE), "image"),
    (re.compile(r"video(?: note)? omitted", re.IGNORECASE), "video"),
    (re.compile(r"audio omitted", re.IGNORECASE), "voice"),
    (re.compile(r"(?:document|contact card) omitted", re.IGNORECASE), "link"),
    (re.compile(r"(?:missed )?(?:voice|video) call.*", re.IGNORECASE), "call"),
)  # fmt: skip


def read_whatsapp(path: Path, options: Options) -> Iterator[Conversation]:
    """The chat as one conversation.

    Raises:
        UsageError: ``--user`` is missing, or wrote nothing in this chat.
        FormatError: not UTF-8, no message at all, or an impossible date.
    """
    if options.user is None:
        raise UsageError("whatsapp: --user NAME is missing: whose side is the young person's?")
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise FormatError(path.name, 0, "", "is not UTF-8") from None
    except OSError as error:
        raise FormatError(path.name, 0, "", (error.strerror or "").lower()) from None
    said = _messages(lines, path.name)
    if not said:
        raise FormatError(path.name, 0, "", "holds no message of the two known forms")
    if all(own.author != options.user for own in said):
        raise UsageError("whatsapp: --user wrote nothing in this chat")
    authors = sorted({own.author for own in said})
    yield built(
        hidden("whatsapp", *authors),
        said,
        user=options.user,
        file=path.name,
        label=options.label,
        lang=options.lang,
    )


def _messages(lines: list[str], file: str) -> list[Said]:
    heads = []
    for number, raw in enumerate(lines, start=1):
        line = raw.translate(_MARKS).translate(_SPACES)
        found = _HEAD.match(line)
        if found:
            heads.append((number, found, [found[8]]))
        elif heads:
            heads[-1][2].append(line)
    month_first = any(int(found[2]) > 12 for _, found, _ in heads)
    said = []
    for number, found, parts in heads:
        author, colon, text = "\n".join(parts).partition(": ")
        if not colon or "\n" in author:
            continue  # a notice: somebody joined, messages are encrypted
        kind = next((kind for form, kind in _OMITTED if form.fullmatch(text.strip())), "text")
        said.append(
            Said(
                author=author.strip(),
                text=text if kind == "text" else "",
                at=_time(found, file, number, month_first=month_first),
                kind=kind,
                line=number,
            )
        )
    return said


def _time(found: re.Match[str], file: str, line: int, *, month_first: bool) -> float:
    one, two, three = (int(found[at]) for at in (1, 2, 3))
    day, month, year = (two, one, three) if month_first else (one, two, three)
    if len(found[1]) == 4:
        year, month, day = one, two, three
    year += 2000 if year < 100 else 0
    hour = int(found[4])
    if found[7]:
        hour = hour % 12 + (12 if found[7].lower() == "p" else 0)
    try:
        moment = datetime(year, month, day, hour, int(found[5]), int(found[6] or 0), tzinfo=UTC)
    except ValueError:
        raise FormatError(file, line, "date", "is impossible") from None
    return moment.timestamp()
