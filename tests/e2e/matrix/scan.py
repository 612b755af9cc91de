"""Looks for words where a server could have them: files, and the memory of its process."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

Finds = dict[str, int]
"""Word -> how often it was found."""


def forms(word: str) -> set[bytes]:
    """How a word may stand in memory or on disk: UTF-8, JSON without non-ASCII, UTF-16, UTF-32."""
    escaped = word.encode("ascii", "backslashreplace")
    return {word.encode(), escaped, word.encode("utf-16-le"), word.encode("utf-32-le")}


def in_bytes(words: Sequence[str], blocks: Iterable[bytes]) -> Finds:
    """How often words stand in some blocks."""
    found = dict.fromkeys(words, 0)
    needles = {word: forms(word) for word in words}
    for block in blocks:
        for word, many in needles.items():
            found[word] += sum(block.count(one) for one in many)
    return found


def in_files(words: Sequence[str], folder: Path, pattern: str = "*") -> Finds:
    """The same in every file below a folder whose name matches."""
    files = (file for file in folder.rglob(pattern) if file.is_file())
    return in_bytes(words, (file.read_bytes() for file in files))


def in_memory(words: Sequence[str], pid: int) -> Finds:
    """The same in the readable memory of a process, one mapping at a time."""
    return in_bytes(words, _mappings(pid))


def _mappings(pid: int) -> Iterator[bytes]:
    maps = Path(f"/proc/{pid}/maps").read_text("utf-8")
    with Path(f"/proc/{pid}/mem").open("rb", 0) as memory:
        for low, high in re.findall(r"^([0-9a-f]+)-([0-9a-f]+) r", maps, re.MULTILINE):
            memory.seek(int(low, 16))
            try:
                yield memory.read(int(high, 16) - int(low, 16))
            except OSError:  # [vvar] and the like cannot be read, by anybody
                continue
