"""JSON Lines out: gzip or plain, one object a line."""

from __future__ import annotations

import gzip
import io
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from nudge_harness.errors import FormatError
from nudge_harness.formats.raw import encode


class Writer:
    """Writes JSON Lines, gzip when the name ends in ``.gz``; ``-`` is standard output.

    A regular file appears under its name only when everything has been written, so that a run
    that stops leaves no half file behind. The bytes depend on the rows alone.

    Raises:
        FormatError: the file cannot be written.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._part: Path | None = None
        target: str | int = str(path)
        if target == "-":
            target = os.dup(sys.stdout.fileno())
        elif self.path.is_file() or not self.path.exists():
            self._part = self.path.with_name(self.path.name + ".part")
            target = str(self._part)
        try:
            self._file: BinaryIO = open(target, "wb")  # noqa: SIM115, PTH123  (closed in __exit__; may be a descriptor)
        except OSError as error:
            reason = (error.strerror or "cannot be written").lower()
            raise FormatError(self.path.name, 0, "", reason) from None
        self._stream: BinaryIO | io.BufferedIOBase = self._file
        if self.path.name.endswith(".gz"):
            # No name and no time in the header: the same rows give the same bytes.
            self._stream = gzip.GzipFile("", "wb", 6, self._file, mtime=0)

    def write(self, value: dict[str, Any]) -> None:
        """One object, one line."""
        self.write_line(encode(value))

    def write_line(self, line: bytes) -> None:
        """One line that `encode` has made."""
        self._stream.write(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._stream is not self._file:
            self._stream.close()
        self._file.close()
        if self._part is None:
            return
        if kind is None:
            self._part.replace(self.path)
        else:
            self._part.unlink(missing_ok=True)


def write_lines(path: str | Path, values: Iterable[dict[str, Any]]) -> int:
    """Write objects as JSON Lines and return how many."""
    count = 0
    with Writer(path) as writer:
        for value in values:
            writer.write(value)
            count += 1
    return count
