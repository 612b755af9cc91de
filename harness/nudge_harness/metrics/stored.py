"""Outcomes as JSON Lines, without text: what a stored run keeps for paired comparisons."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from nudge_harness.errors import FieldError
from nudge_harness.formats import Reader, checks
from nudge_harness.metrics.outcome import Given, Outcome

_FIELDS: Final = frozenset(Outcome.__slots__)
_SPAN: Final = 1e9  # minutes, about 1,900 years: more than the conversation format holds


def outcome_to(outcome: Outcome) -> dict[str, Any]:
    """The object of one line; reading it back gives the same outcome. ``None`` is left out."""
    plain = {name: getattr(outcome, name) for name in Outcome.__slots__}
    plain["nudges"] = [
        {"message": given.message, "risk": given.risk, "level": given.level}
        for given in outcome.nudges
    ]
    return {name: value for name, value in plain.items() if value is not None}


def outcome_from(value: object, _unknown: Callable[[str], None] = lambda _: None) -> Outcome:
    """Check one line's object and give it its type.

    Raises:
        FieldError: names the field and the rule.
    """
    source = checks.an_object(value, "")
    for name in source.keys() - _FIELDS:
        raise FieldError(checks.short(name), "is not a field of a stored outcome")
    count = checks.whole(source, "messages", "messages")
    if not count:
        raise FieldError("messages", "must be at least 1")
    items = checks.a_list(source.get("nudges"), "nudges")
    return Outcome(
        id=checks.identifier(source),
        messages=count,
        label=checks.optional_str(source, "label", "label"),
        family=checks.optional_str(source, "family", "family"),
        onset=checks.whole(source, "onset", "onset", count - 1),
        harm=checks.whole(source, "harm", "harm", count - 1),
        nudges=tuple(_given(item, f"nudges[{at}]", count) for at, item in enumerate(items)),
        minutes_before_harm=checks.number(
            source, "minutes_before_harm", "minutes_before_harm", -_SPAN, _SPAN
        ),
        age_band=checks.optional_str(source, "age_band", "age_band"),
        relationship=checks.optional_str(source, "relationship", "relationship"),
        lang=checks.optional_str(source, "lang", "lang"),
    )


def _given(value: object, path: str, count: int) -> Given:
    source = checks.an_object(value, path)
    message = checks.whole(source, "message", f"{path}.message", count - 1)
    if message is None:
        raise FieldError(f"{path}.message", "is missing")
    return Given(
        message=message,
        risk=checks.required_str(source, "risk", f"{path}.risk"),
        level=checks.optional_str(source, "level", f"{path}.level"),
    )


def read_outcomes(path: str | Path) -> list[Outcome]:
    """Outcomes of a stored run.

    Raises:
        FormatError: it cannot be read, or a line is malformed or repeats an id.
    """
    return list(Reader(path, outcome_from))
