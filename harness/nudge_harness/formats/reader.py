"""Rows of a JSON Lines file: what is let in, what is passed over, what is warned of."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Generic, Protocol, TypeVar

from nudge_harness.errors import FieldError, FormatError, UnknownFieldWarning
from nudge_harness.formats.checks import short
from nudge_harness.formats.raw import RawLine, decode, raw_lines

MAX_REASONS: Final = 1_000  # kept for the report; every skip is counted
MAX_WARNINGS: Final = 100  # names of unknown fields

Unknown = Callable[[str], None]
"""Called with the path of a field that the format does not know."""


class HasId(Protocol):
    """Anything that a line of a file is about."""

    @property
    def id(self) -> str:
        """Unique in its file."""
        ...


Row = TypeVar("Row", bound=HasId)


class Intake:
    """The rules over the lines of one file: unique ids, what to do with a bad line, warnings.

    Attributes:
        skipped: bad lines passed over so far; always 0 without ``keep_going``.
        reasons: why, for the first 1,000 of them.
    """

    def __init__(self, path: str | Path, *, keep_going: bool) -> None:
        self.skipped = 0
        self.reasons: list[str] = []
        self._file, self._keep_going = Path(path).name, keep_going
        self._seen: set[str] = set()
        self._unknown: set[str] = set()

    def admit(self, name: str, line: int) -> bool:
        """Whether the row with this id may pass.

        Raises:
            FormatError: its id stood on an earlier line, and bad lines are not passed over.
        """
        if name in self._seen:
            self.refuse(FieldError("id", "stands on an earlier line too"), line)
            return False
        self._seen.add(name)
        return True

    def refuse(self, error: FieldError, line: int) -> None:
        """Pass over a bad line and count it.

        Raises:
            FormatError: bad lines are not passed over.
        """
        named = FormatError(self._file, line, error.field, error.problem)
        if not self._keep_going:
            raise named
        self.skipped += 1
        if len(self.reasons) < MAX_REASONS:
            self.reasons.append(str(named))

    def unknown(self, field: str, line: int) -> None:
        """Warn of a field that the format does not know, once for each name."""
        if field in self._unknown or len(self._unknown) >= MAX_WARNINGS:
            return
        self._unknown.add(field)
        where = f"{self._file}: line {line}"
        warnings.warn(f"{where}: unknown field {field} is ignored", UnknownFieldWarning, 2)


class Reader(Generic[Row]):
    """Rows of a JSON Lines file, one at a time, in file order. Holds one line and the ids seen.

    Attributes:
        intake: counts what is passed over; new with every pass over the file.

    Raises (while iterating):
        FormatError: the file cannot be opened; without ``keep_going`` also the first bad line.
    """

    def __init__(
        self,
        path: str | Path,
        parse: Callable[[object, Unknown], Row],
        *,
        keep_going: bool = False,
    ) -> None:
        self.path = Path(path)
        self._parse, self._keep_going = parse, keep_going
        self.intake = Intake(path, keep_going=keep_going)

    @property
    def skipped(self) -> int:
        """Bad lines passed over so far; always 0 without ``keep_going``."""
        return self.intake.skipped

    @property
    def reasons(self) -> list[str]:
        """Why, for the first 1,000 of them."""
        return self.intake.reasons

    def __iter__(self) -> Iterator[Row]:
        intake = self.intake = Intake(self.path, keep_going=self._keep_going)
        number = 0

        def unknown(field: str) -> None:
            intake.unknown(field, number)

        for line in raw_lines(self.path):
            number = line.number
            try:
                row = self._parse(value_of(line), unknown)
            except FieldError as error:
                intake.refuse(error, number)
                continue
            if intake.admit(row.id, number):
                yield row


def value_of(line: RawLine) -> object:
    """One line as Python values.

    Raises:
        FieldError: the line breaks a rule as a whole, or is not JSON.
    """
    if line.problem:
        raise FieldError("", line.problem)
    return decode(line.raw)


def report_unknown(
    source: Mapping[str, Any], known: frozenset[str], prefix: str, unknown: Unknown
) -> None:
    """Tell about the fields that are not in ``known``."""
    for name in source:
        if name not in known:
            unknown(prefix + short(name))
