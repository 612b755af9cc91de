"""Output that survives a kill: whole chunks are kept, and a journal says which.

::

    OUT.work      the lines so far, plain
    OUT.journal   {"key": ...}, then after every chunk {"sizes": [...], "counts": {...}},
                  at the end {"done": true, "counts": {...}}

A chunk's bytes are written before its journal line. Whoever goes on cuts the work files back to the
sizes of the last whole line, so half a chunk is never seen. ``key`` names everything that the
output depends on; with another key the work starts anew. At the end the work files become the
outputs (packed when their name ends in ``.gz``), byte for byte those of a run that was never
killed; the journal stays, and says that there is nothing left to do.
"""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Self

from nudge_harness.errors import FormatError


class Journal:
    """One or more outputs with a journal beside the first.

    Args:
        targets: files to make.
        key: see the module.

    Attributes:
        chunks: how many chunks are kept already.
        counts: what the caller counted up to there.
        done: whether everything is made already.

    Raises:
        FormatError: a file cannot be written.
    """

    def __init__(self, targets: Sequence[Path], key: str) -> None:
        self._targets = tuple(targets)
        self._work = [path.with_name(path.name + ".work") for path in self._targets]
        self._path = targets[0].with_name(targets[0].name + ".journal")
        self.chunks, self.counts, self.done = 0, dict[str, int](), False
        rows = _rows(self._path)
        if rows and rows[0] == {"key": key}:
            self.done = bool(rows[-1].get("done")) and all(p.exists() for p in self._targets)
            self.chunks = sum("sizes" in row for row in rows)
            self.counts = dict(rows[-1].get("counts", {}))
        self._files: list[BinaryIO] = []
        if self.done:
            return
        sizes = rows[-1].get("sizes") if self.chunks else None
        if sizes is None or not self._cut(sizes):
            self.chunks, self.counts, rows = 0, {}, [{"key": key}]
        try:
            # The journal is written again without a torn last line.
            lines = "".join(json.dumps(row) + "\n" for row in rows)
            self._path.write_text(lines, encoding="ascii")
            if not self.chunks:
                for path in self._work:
                    path.write_bytes(b"")
            self._files = [path.open("ab") for path in self._work]
        except OSError as error:
            reason = (error.strerror or "cannot be written").lower()
            raise FormatError(self._path.name, 0, "", reason) from None

    @property
    def outputs(self) -> int:
        """How many files are made."""
        return len(self._targets)

    def _cut(self, sizes: Sequence[int]) -> bool:
        """Cut the work files back; whether all that the journal promises is there."""
        pairs = list(zip(self._work, sizes, strict=True))
        if any(not path.exists() or path.stat().st_size < size for path, size in pairs):
            return False
        for path, size in pairs:
            with path.open("r+b") as file:
                file.truncate(size)
        return True

    def keep(self, parts: Sequence[bytes], counts: Mapping[str, int]) -> None:
        """Keep one chunk: its bytes for each output, and the counts so far."""
        for file, part in zip(self._files, parts, strict=True):
            file.write(part)
            file.flush()
        self._note({"sizes": [file.tell() for file in self._files], "counts": dict(counts)})

    def finish(self, counts: Mapping[str, int]) -> None:
        """Make the outputs of the work files."""
        self.close()
        for path, work in zip(self._targets, self._work, strict=True):
            if path.name.endswith(".gz"):
                packed = path.with_name(path.name + ".part")
                # No name and no time in the header: the same rows give the same bytes.
                with (
                    work.open("rb") as plain,
                    packed.open("wb") as raw,
                    gzip.GzipFile("", "wb", 6, raw, mtime=0) as file,
                ):
                    shutil.copyfileobj(plain, file)
                packed.replace(path)
                work.unlink()
            else:
                work.replace(path)
        self._note({"done": True, "counts": dict(counts)})

    def _note(self, row: Mapping[str, Any]) -> None:
        with self._path.open("a", encoding="ascii") as file:
            file.write(json.dumps(row) + "\n")

    def close(self) -> None:
        """Close the work files; what is kept stays."""
        for file in self._files:
            file.close()
        self._files = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _rows(path: Path) -> list[dict[str, Any]]:
    """Whole lines of a journal; a torn last one is left out."""
    try:
        text = path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return []
    rows = []
    for line in text.splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            break
        if not isinstance(row, dict):
            break
        rows.append(row)
    return rows
