"""The trace format: cues and risk message by message, by id and index, without text.

Studies read it to decide again without inferring again; a false-alarm report can carry it, because
nobody can read a chat out of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nudge_harness.errors import FieldError
from nudge_harness.formats import checks
from nudge_harness.formats.conversation import SENDERS
from nudge_harness.formats.reader import Reader, Unknown, report_unknown

_FIELDS: Final = frozenset(("id", "model", "messages"))
_MESSAGE_FIELDS: Final = frozenset(("message", "from", "cues", "risk", "decision"))


@dataclass(frozen=True, kw_only=True, slots=True)
class TraceMessage:
    """What the engine made of one message.

    ``cues``, ``risk``: probabilities 0..1, ``None`` when nothing was inferred. ``decision``: the
    reason for nudging or for staying silent.
    """

    message: int
    sender: str
    cues: Mapping[str, float] | None
    risk: Mapping[str, float] | None
    decision: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TraceRow:
    """Trace of one conversation. ``model`` names the bundle; ``None`` when none was asked."""

    id: str
    model: str | None
    messages: tuple[TraceMessage, ...]


def trace_from(value: object, unknown: Unknown = lambda _: None) -> TraceRow:
    """Check one line's object and give it its type.

    Raises:
        FieldError: names the field and the rule.
    """
    source = checks.an_object(value, "")
    if not source.keys() <= _FIELDS:
        report_unknown(source, _FIELDS, "", unknown)
    name = checks.identifier(source)
    if source.get("messages") is None:
        raise FieldError("messages", "is missing")
    items = checks.a_list(source["messages"], "messages")
    return TraceRow(
        id=name,
        model=checks.optional_str(source, "model", "model"),
        messages=tuple(_message(item, f"messages[{at}]", unknown) for at, item in enumerate(items)),
    )


def _message(value: object, path: str, unknown: Unknown) -> TraceMessage:
    source = checks.an_object(value, path)
    if not source.keys() <= _MESSAGE_FIELDS:
        report_unknown(source, _MESSAGE_FIELDS, "messages[].", unknown)
    message = checks.whole(source, "message", f"{path}.message")
    if message is None:
        raise FieldError(f"{path}.message", "is missing")
    checks.choice(source.get("from"), SENDERS, f"{path}.from")
    return TraceMessage(
        message=message,
        sender=source["from"],
        cues=checks.probabilities(source, "cues", f"{path}.cues"),
        risk=checks.probabilities(source, "risk", f"{path}.risk"),
        decision=checks.required_str(source, "decision", f"{path}.decision"),
    )


def trace_to(row: TraceRow) -> dict[str, Any]:
    """The object of one line; reading it back gives the same row."""
    return {
        "id": row.id,
        "model": row.model,
        "messages": [
            {
                "message": item.message,
                "from": item.sender,
                "cues": None if item.cues is None else dict(item.cues),
                "risk": None if item.risk is None else dict(item.risk),
                "decision": item.decision,
            }
            for item in row.messages
        ],
    }


def read_traces(path: str | Path, *, keep_going: bool = False) -> Reader[TraceRow]:
    """Stream trace rows from JSON Lines, plain or gzip; see `Reader` for errors and skips."""
    return Reader(path, trace_from, keep_going=keep_going)
