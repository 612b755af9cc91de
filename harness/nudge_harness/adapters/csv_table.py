"""CSV with a column mapping: one message a row, rows of a conversation in their order.

``--columns id=chat,from=who,text=body,t=when`` names the file's columns; ours are ``id``, ``from``,
``text`` (these three are needed), ``t``, ``kind``, ``label``, ``family``, ``lang``, ``user_age``,
``relationship``, ``days_known`` and ``claimed_age``; those that are not named are looked for under
our own names. ``t`` is seconds, or an ISO 8601 time. ``--names user=child,contact=adult`` says how
the file calls the two sides. What holds for the whole conversation is read from its first row.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from nudge_harness.adapters.options import Options, Said, built
from nudge_harness.errors import FormatError, UsageError
from nudge_harness.formats import Conversation

NEEDED: Final = ("id", "from", "text")
_WHOLE: Final = ("label", "family", "lang")
_CONTACT: Final = ("relationship", "days_known", "claimed_age")
KNOWN: Final = (*NEEDED, "t", "kind", *_WHOLE, "user_age", *_CONTACT)
_MOST: Final = 10_000_000  # characters in a cell


def read_csv(path: Path, options: Options) -> Iterator[Conversation]:
    """Conversations in the order of their first row; rows of a conversation stand together.

    Raises:
        UsageError: the mapping names a field of ours that there is not.
        FormatError: a column is missing, a cell breaks the format, or a conversation goes on after
            another one began.
    """
    if unknown := set(options.columns) - set(KNOWN):
        raise UsageError(f"--columns: no field {min(unknown)[:40]!a}; there are {', '.join(KNOWN)}")
    csv.field_size_limit(_MOST)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _rows(csv.DictReader(file, strict=True), path.name, options)
    except UnicodeDecodeError:
        raise FormatError(path.name, 0, "", "is not UTF-8") from None
    except OSError as error:
        raise FormatError(path.name, 0, "", (error.strerror or "").lower()) from None


def _rows(rows: csv.DictReader[str], file: str, options: Options) -> Iterator[Conversation]:
    columns = {name: options.columns.get(name, name) for name in KNOWN}
    present = set(rows.fieldnames or ())
    for name in KNOWN:
        if columns[name] not in present and (name in NEEDED or name in options.columns):
            raise FormatError(file, 1, columns[name][:40], "there is no such column")
    finished: set[str] = set()
    current: str | None = None
    said: list[Said] = []
    first: dict[str, str] = {}
    try:
        for row in rows:
            own = {name: (row.get(columns[name]) or "") for name in KNOWN}
            name, line = own["id"], rows.line_num
            if not name:
                raise FormatError(file, line, columns["id"], "is missing")
            if name in finished:
                raise FormatError(file, line, columns["id"], "goes on after another conversation")
            if name != current:
                if current is not None:
                    finished.add(current)
                    yield _whole(current, said, first, file, options)
                current, said, first = name, [], {**own, "line": str(line)}
            said.append(_said(own, file, line, columns, options.names))
    except csv.Error as error:
        raise FormatError(file, rows.line_num, "", f"is not CSV: {error}") from None
    if current is not None:
        yield _whole(current, said, first, file, options)


def _said(
    own: Mapping[str, str],
    file: str,
    line: int,
    columns: Mapping[str, str],
    names: Mapping[str, str],
) -> Said:
    sides = {names.get(side, side): side for side in ("user", "contact")}
    if own["from"] not in sides:
        known = " or ".join(sides)
        raise FormatError(file, line, columns["from"], f"must be {known[:80]} (see --names)")
    return Said(
        author=sides[own["from"]],
        text=own["text"],
        at=_time(own["t"], file, line, columns["t"]),
        kind=own["kind"] or "text",
        line=line,
    )


def _time(text: str, file: str, line: int, column: str) -> float | None:
    if not text.strip():
        return None
    try:
        return float(text)
    except ValueError:
        try:
            return datetime.fromisoformat(text.strip()).timestamp()
        except ValueError:
            raise FormatError(file, line, column, "must be seconds or an ISO 8601 time") from None


def _whole(
    name: str, said: list[Said], first: Mapping[str, str], file: str, options: Options
) -> Conversation:
    line = int(first["line"])

    def number(key: str) -> float | None:
        if not first[key]:
            return None
        try:
            return float(first[key])
        except ValueError:
            raise FormatError(file, line, key, "must be a number") from None

    facts: dict[str, Any] = {key: first[key] or None for key in _WHOLE}
    facts["label"] = facts["label"] or options.label
    facts["lang"] = facts["lang"] or options.lang
    contact = {
        "relationship": first["relationship"] or None,
        "days_known": number("days_known"),
        "claimed_age": number("claimed_age"),
    }
    known = {key: value for key, value in contact.items() if value is not None}
    return built(
        name,
        said,
        user="user",
        file=file,
        line=line,
        user_age=number("user_age"),
        contact=known or None,
        **facts,
    )
