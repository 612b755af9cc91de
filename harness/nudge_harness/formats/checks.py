"""Checks of single fields, each worth the same as its keyword in the JSON Schema.

Hand-written because a million messages have to stream; a property test holds them equal to the
schemas. ``path`` is the field's path for the error. ``None`` and a missing field are the same.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

from nudge_harness.errors import FieldError


def an_object(value: object, path: str) -> dict[str, Any]:
    """A JSON object."""
    if type(value) is not dict:
        raise FieldError(path, "must be an object")
    return value


def a_list(value: object, path: str) -> list[Any]:
    """A JSON array."""
    if type(value) is not list:
        raise FieldError(path, "must be a list")
    return value


def identifier(source: Mapping[str, Any], path: str = "id") -> str:
    """The required, non-empty ``id``."""
    value = source.get("id")
    if value is None:
        raise FieldError(path, "is missing")
    if type(value) is not str or not value:
        raise FieldError(path, "must be a non-empty string")
    return value


def optional_str(source: Mapping[str, Any], key: str, path: str) -> str | None:
    """A string, if given."""
    value = source.get(key)
    if value is not None and type(value) is not str:
        raise FieldError(path, "must be a string")
    return value


def required_str(source: Mapping[str, Any], key: str, path: str) -> str:
    """A string that has to be there."""
    value = optional_str(source, key, path)
    if value is None:
        raise FieldError(path, "is missing")
    return value


def choice(value: object, choices: Collection[str], path: str) -> None:
    """One of a few strings."""
    if type(value) is not str or value not in choices:
        raise FieldError(path, f"must be one of {', '.join(choices)}")


def is_number(value: object) -> bool:
    """What JSON calls a number; ``true`` is none."""
    return type(value) is float or type(value) is int


def number(source: Mapping[str, Any], key: str, path: str, low: float, high: float) -> float | None:
    """A number in ``low..high``, if given."""
    value = source.get(key)
    if value is None:
        return None
    if not is_number(value) or not low <= value <= high:
        raise FieldError(path, f"must be a number from {low:g} to {high:g}")
    return float(value)


def whole(source: Mapping[str, Any], key: str, path: str, high: float = math.inf) -> int | None:
    """A whole number in ``0..high``, if given; ``4.0`` is whole, as in JSON Schema."""
    value = source.get(key)
    if value is None:
        return None
    if (
        not is_number(value)
        or not 0 <= value <= high
        or (type(value) is float and not value.is_integer())
    ):
        raise FieldError(
            path, "must be a whole number" + ("" if high == math.inf else f" from 0 to {high:g}")
        )
    return int(value)


def strings(source: Mapping[str, Any], key: str, path: str) -> tuple[str, ...]:
    """A list of strings; empty when missing."""
    value = source.get(key)
    if value is None:
        return ()
    if type(value) is not list:
        raise FieldError(path, "must be a list of strings")
    for at, item in enumerate(value):
        if type(item) is not str:
            raise FieldError(f"{path}[{at}]", "must be a string")
    return tuple(value)


def probabilities(source: Mapping[str, Any], key: str, path: str) -> dict[str, float] | None:
    """An object of numbers in 0..1, if given."""
    value = source.get(key)
    if value is None:
        return None
    if type(value) is not dict:
        raise FieldError(path, "must be an object of numbers from 0 to 1")
    for name, share in value.items():
        if not is_number(share) or not 0 <= share <= 1:
            raise FieldError(f"{path}.{short(name)}", "must be a number from 0 to 1")
    return {name: float(share) for name, share in value.items()}


def short(name: str) -> str:
    """A field's name as an error may show it: printable, at most 40 characters."""
    shown = ascii(name[:40])[1:-1]
    return shown if len(name) <= 40 else shown + "..."
