"""Strict reading of a bundle's JSON: typed fields, errors with the path, no unknown key.

After packaging's ``pylock.py``: a handful of getters, so that the formats stay short.
"""

from __future__ import annotations

import json
from typing import Any, Final, NoReturn, TypeVar

from nudge_sdk.errors import BundleDamagedError, BundleSchemaError

T = TypeVar("T")

# Compared, never converted: JSON may hold a whole number that no float can.
_FLOAT32: Final = 3.4e38  # IEEE 754, binary32: the largest is 3.4028e38
_SHOWN: Final = 64  # characters of a name in an error
_NAMES: Final = {dict: "an object", list: "a list", str: "a text", int: "a whole number"}


def parse_json(raw: bytes, check: str) -> object:
    """Parse strict JSON: UTF-8, no key twice, no NaN or infinity (RFC 8259 leaves these open).

    Raises:
        BundleDamagedError: the bytes are not that.
    """
    problem = "is not JSON"
    try:
        return json.loads(
            raw.decode("utf-8"), object_pairs_hook=_once_each, parse_constant=_no_constant
        )
    except _RuleBrokenError as error:
        problem = str(error)
    except (ValueError, RecursionError):
        pass
    raise BundleDamagedError(problem, check)


class _RuleBrokenError(Exception):
    pass


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise _RuleBrokenError("has a key twice")
    return values


def _no_constant(_: str) -> NoReturn:
    raise _RuleBrokenError("has NaN or infinity")


class Fields:
    """One JSON object while it is read: each field is taken once, what is left over is unknown.

    Args:
        value: what stood in the JSON.
        check: name of the check that fails, for the error.
        path: where the object stands; empty for the whole document.
    """

    def __init__(self, value: object, check: str, path: str = "") -> None:
        self._check = check
        self._path = path
        if not isinstance(value, dict):
            raise BundleDamagedError(f"{path or 'document'} must be an object", check)
        self._left: dict[str, object] = dict(value)

    def fail(self, name: str, problem: str) -> NoReturn:
        """Raise the error for one field."""
        raise BundleDamagedError(f"{self._at(name)} {problem}", self._check)

    def take(self, name: str, kind: type[T]) -> T:
        """A required field of one JSON type; a bool is not a number."""
        if name not in self._left:
            self.fail(name, "is missing")
        value = self._left.pop(name)
        if not isinstance(value, kind) or isinstance(value, bool):
            self.fail(name, f"must be {_NAMES[kind]}")
        return value

    def whole(self, name: str, low: int, high: int) -> int:
        """A required whole number from ``low`` to ``high``."""
        value = self.take(name, int)
        if not low <= value <= high:
            self.fail(name, f"must be from {low} to {high}")
        return value

    def probability(self, name: str) -> float:
        """A required number above 0 and at most 1."""
        value = self._left.pop(name, None)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.fail(name, "must be a number")
        if not 0 < value <= 1:  # false for NaN, too
            self.fail(name, "must be above 0 and at most 1")
        return float(value)

    def numbers(self, name: str, count: int) -> tuple[float, ...]:
        """A required list of numbers that a float32 can hold."""
        values = self.take(name, list)
        if len(values) != count or not all(
            type(value) in (int, float) and -_FLOAT32 <= value <= _FLOAT32 for value in values
        ):
            self.fail(name, f"must be {count} numbers")
        return tuple(map(float, values))

    def within(self, name: str) -> Fields:
        """A required object."""
        return Fields(self.take(name, dict), self._check, self._at(name))

    def names(self) -> tuple[str, ...]:
        """Fields that were not taken yet."""
        return tuple(self._left)

    def drop(self, name: str) -> None:
        """Let one optional field pass unread."""
        self._left.pop(name, None)

    def schema(self, known: int) -> None:
        """Take the field ``schema``; it comes first, as it says what the others mean.

        Raises:
            BundleSchemaError: it is later than ``known``.
        """
        found = self.whole("schema", 1, 2**31)
        if found > known:
            raise BundleSchemaError(
                f"{self._at('schema')} is {found}, this SDK reads up to {known}", "schema"
            )

    def close(self) -> None:
        """Refuse what is left: a key that nobody reads is a key that two readers read apart."""
        for name in sorted(self._left):
            self.fail(name, "is unknown")

    def _at(self, name: str) -> str:
        shown = name if name.isidentifier() and len(name) <= _SHOWN else repr(name[:_SHOWN])
        return f"{self._path}.{shown}" if self._path else shown
