"""The score format of DESIGN.md, section 5: what one detector said about each conversation.

Only ``id`` and ``nudges`` are required, with a message index and a risk in each nudge, so that
scores of any other detector can be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nudge_harness.errors import FieldError
from nudge_harness.formats import checks
from nudge_harness.formats.lines import write_lines
from nudge_harness.formats.reader import Reader, Unknown, report_unknown

LEVELS: Final = ("gentle", "strong")
_FIELDS: Final = frozenset(("id", "messages", "risk", "nudges"))
_NUDGE_FIELDS: Final = frozenset(("message", "risk", "level", "cues", "confidence"))


@dataclass(frozen=True, kw_only=True, slots=True)
class NudgeRow:
    """One nudge.

    ``message``: index of the message on whose arrival it appears. ``confidence``: 0..1.
    """

    message: int
    risk: str
    level: str | None = None
    cues: tuple[str, ...] = ()
    confidence: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreRow:
    """Scores of one conversation.

    ``messages``: how many it has. ``risk``: for each kind the highest probability over the
    conversation, 0..1; ``None`` when nothing was inferred. ``nudges``: in order of appearance.
    """

    id: str
    messages: int | None = None
    risk: Mapping[str, float] | None = None
    nudges: tuple[NudgeRow, ...] = ()


def score_from(value: object, unknown: Unknown = lambda _: None) -> ScoreRow:
    """Check one line's object and give it its type.

    Raises:
        FieldError: names the field and the rule.
    """
    source = checks.an_object(value, "")
    if not source.keys() <= _FIELDS:
        report_unknown(source, _FIELDS, "", unknown)
    name = checks.identifier(source)
    if source.get("nudges") is None:
        raise FieldError("nudges", "is missing")
    items = checks.a_list(source["nudges"], "nudges")
    return ScoreRow(
        id=name,
        messages=checks.whole(source, "messages", "messages"),
        risk=checks.probabilities(source, "risk", "risk"),
        nudges=tuple(_nudge(item, f"nudges[{at}]", unknown) for at, item in enumerate(items)),
    )


def _nudge(value: object, path: str, unknown: Unknown) -> NudgeRow:
    source = checks.an_object(value, path)
    if not source.keys() <= _NUDGE_FIELDS:
        report_unknown(source, _NUDGE_FIELDS, "nudges[].", unknown)
    message = checks.whole(source, "message", f"{path}.message")
    if message is None:
        raise FieldError(f"{path}.message", "is missing")
    level = source.get("level")
    if level is not None:
        checks.choice(level, LEVELS, f"{path}.level")
    return NudgeRow(
        message=message,
        risk=checks.required_str(source, "risk", f"{path}.risk"),
        level=level,
        cues=checks.strings(source, "cues", f"{path}.cues"),
        confidence=checks.number(source, "confidence", f"{path}.confidence", 0, 1),
    )


def score_to(row: ScoreRow) -> dict[str, Any]:
    """The object of one line; reading it back gives the same row."""
    return {
        "id": row.id,
        "messages": row.messages,
        "risk": None if row.risk is None else dict(row.risk),
        "nudges": [
            {
                "message": nudge.message,
                "risk": nudge.risk,
                "level": nudge.level,
                "cues": list(nudge.cues),
                "confidence": nudge.confidence,
            }
            for nudge in row.nudges
        ],
    }


def read_scores(path: str | Path, *, keep_going: bool = False) -> Reader[ScoreRow]:
    """Stream score rows from JSON Lines, plain or gzip; see `Reader` for errors and skips."""
    return Reader(path, score_from, keep_going=keep_going)


def write_scores(path: str | Path, rows: Iterable[ScoreRow]) -> int:
    """Write score rows as JSON Lines, gzip when the name ends in ``.gz``; return how many.

    Raises:
        FormatError: the file cannot be written.
    """
    return write_lines(path, map(score_to, rows))
