"""ConvoKit corpora (Cornell): a folder with ``utterances.jsonl`` and maybe ``conversations.json``.

Each utterance: ``id``, ``conversation_id`` (older corpora: ``root``), ``text``, ``speaker`` (older:
``user``), ``timestamp``. The order of the file is the order of the conversation, and an earlier
timestamp does not move a message forward. Without ``--user`` the second speaker of a conversation
is the young person's side; all others together are the contact. A label is read from the
conversation's ``meta`` when ``--columns label=NAME`` names it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nudge_harness.adapters.options import Options, Said, built
from nudge_harness.errors import FieldError, FormatError
from nudge_harness.formats import Conversation, checks
from nudge_harness.formats.raw import decode, raw_lines
from nudge_harness.formats.reader import value_of

UTTERANCES = "utterances.jsonl"
CONVERSATIONS = "conversations.json"


def read_convokit(path: Path, options: Options) -> Iterator[Conversation]:
    """Conversations in the order of their first utterance; a corpus is held in memory.

    Raises:
        FormatError: a file is missing or a line breaks the format.
    """
    source = path / UTTERANCES if path.is_dir() else path
    found: dict[str, list[Said]] = {}
    for line in raw_lines(source):
        try:
            name, said = _utterance(checks.an_object(value_of(line), ""), line.number)
        except FieldError as error:
            raise FormatError(source.name, line.number, error.field, error.problem) from None
        found.setdefault(name, []).append(said)
    labels = _labels(source.parent / CONVERSATIONS, options.columns.get("label"))
    for name, own in found.items():
        yield built(
            name,
            own,
            user=_user(own, options),
            file=source.name,
            line=own[0].line,
            label=labels.get(name, options.label),
            lang=options.lang,
        )


def _user(said: list[Said], options: Options) -> str | None:
    if options.user is not None:
        return options.user
    speakers = list(dict.fromkeys(own.author for own in said))
    return speakers[1] if len(speakers) > 1 else None


def _utterance(source: dict[str, Any], line: int) -> tuple[str, Said]:
    name = _first(source, "conversation_id", "root")
    speaker = _first(source, "speaker", "user")
    text = checks.optional_str(source, "text", "text") or ""
    return name, Said(author=speaker, text=text, at=_stamp(source.get("timestamp")), line=line)


def _first(source: dict[str, Any], *keys: str) -> str:
    for key in keys:
        value = source.get(key)
        if isinstance(value, dict):  # some corpora hold the speaker as an object
            value = value.get("id")
        if isinstance(value, str) and value:
            return value
    raise FieldError(keys[0], "is missing")


def _stamp(value: object) -> float | None:
    """Seconds; corpora write numbers, numbers in quotes, or nothing."""
    if isinstance(value, bool) or value is None or value == "":
        return None
    try:
        return float(value)  # type: ignore[arg-type]  # what is no number is refused below
    except (TypeError, ValueError):
        raise FieldError("timestamp", "must be a number of seconds") from None


def _labels(path: Path, column: str | None) -> dict[str, str]:
    if column is None:
        return {}
    try:
        loaded = checks.an_object(decode(path.read_bytes()), "")
    except OSError as error:
        raise FormatError(path.name, 0, "", (error.strerror or "").lower()) from None
    except FieldError as error:
        raise FormatError(path.name, 0, error.field, error.problem) from None
    found = {}
    for name, own in loaded.items():
        meta = own.get("meta", own) if isinstance(own, dict) else {}
        if isinstance(meta, dict) and column in meta:
            value = meta[column]
            found[name] = value if isinstance(value, str) else json.dumps(value)
    return found
