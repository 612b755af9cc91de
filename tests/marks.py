"""Markers, and every form in which one may lie about: what the scans of this project look for.

A marker is a short made-up word that occurs nowhere else. A scan finds it in bytes whichever usual
way it was written: as UTF-8, UTF-16 or UTF-32, as JSON, in hexadecimal, base64 or percent encoding,
as a list of numbers, backwards, or packed with zlib.
"""

from __future__ import annotations

import base64
import json
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

MARK: Final = "zqxjkvbw"
CHAT, NAME, ID = f"chat {MARK}", f"kai {MARK}", f"id {MARK}"
TEXT: Final = f"T {MARK}"
"""Nudges on the toy graph."""
SENT_AT: Final = 1_799_999_987.25
"""A time of a message, seconds since the epoch, whose digits and bytes occur nowhere else."""

_SPACES: Final = re.compile(rb"\s+")
_ZLIB: Final = re.compile(rb"\x78[\x01\x5e\x9c\xda]")


def forms_of(mark: str = MARK) -> dict[str, bytes]:
    """The marker's bytes, by name of the form."""
    utf8 = mark.encode()
    numbers = [str(ord(letter)) for letter in mark]
    return {
        "utf-8": utf8,
        "utf-16": mark.encode("utf-16-le"),
        "utf-16 big endian": mark.encode("utf-16-be"),
        "utf-32": mark.encode("utf-32-le"),
        "float32": struct.pack(f"<{len(mark)}f", *map(ord, mark)),
        "int64": struct.pack(f"<{len(mark)}q", *map(ord, mark)),
        "json escapes": "".join(f"\\u{ord(letter):04x}" for letter in mark).encode(),
        "hexadecimal": utf8.hex().encode(),
        "percent": "".join(f"%{byte:02x}" for byte in utf8).encode(),
        "numbers": ", ".join(numbers).encode(),
        "numbers of numpy": " ".join(numbers).encode(),
        "backwards": utf8[::-1],
        **{f"base64 at {at}": _base64(utf8, at) for at in range(3)},
    }


def _base64(raw: bytes, at: int) -> bytes:
    """What stays the same of its base64, whatever stands ``at`` bytes before and after it."""
    whole = raw[(3 - at) % 3 :]
    return base64.b64encode(whole[: len(whole) // 3 * 3])


def found_in(raw: bytes, mark: str = MARK) -> list[str]:
    """Names of the forms in which a marker stands in some bytes."""
    lower = _SPACES.sub(b" ", raw.lower())  # numpy writes numbers in columns
    found = [name for name, form in forms_of(mark).items() if form in raw or form in lower]
    for at in _ZLIB.finditer(raw):
        try:
            unpacked = zlib.decompressobj().decompress(raw[at.start() :], 1 << 20)
        except zlib.error:
            continue
        found += [f"zlib, {name}" for name, form in forms_of(mark).items() if form in unpacked]
    return found


def times_in(raw: bytes, time: float = SENT_AT) -> list[str]:
    """Names of the forms in which a time stands in some bytes."""
    whole = int(time)
    forms = {
        "float64": struct.pack("<d", time),
        "uint32": struct.pack("<I", whole),
        "uint32 big endian": struct.pack(">I", whole),
        "float64 big endian": struct.pack(">d", time),
        "digits": str(whole).encode(),
        "json": json.dumps(time).encode(),
    }
    return [name for name, form in forms.items() if form in raw]


def files_below(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of all files in a folder, however deep."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()
