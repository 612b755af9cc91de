"""Every usual way of writing a text, for whoever looks for one in bytes (`nudge_sdk.testing`).

Plain in the Unicode encodings, as JSON, hexadecimal, percent-encoded or base64, hashed, and each of
these within a gzip or zlib stream. Evidence, not proof: who wants to hide a text finds a way.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_UNPACKED: Final = 2**24  # bytes of one packed piece that are looked at
_PACKED: Final = (b"\x1f\x8b", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")  # RFC 1950, 1952


def found_in(raw: bytes, wanted: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What of some texts stands in some bytes, packed parts of them included.

    Args:
        raw: bytes of any kind.
        wanted: texts to look for, by what they are called.

    Returns:
        For each find what the text is called, and how it was written.
    """
    layers = [("", raw), *(("packed, ", inner) for inner in _unpacked(raw))]
    for what, text in wanted.items():
        for name, form in _Forms(text).forms.items():
            for prefix, layer in layers:
                if form and form in layer:
                    yield what, prefix + name
                    break


def _unpacked(raw: bytes) -> Iterator[bytes]:
    """What gzip and zlib streams within some bytes hold."""
    for mark in _PACKED:
        at = raw.find(mark)
        while at >= 0:
            try:
                inner = zlib.decompressobj(wbits=47).decompress(raw[at:], _UNPACKED)
            except zlib.error:
                inner = b""
            if inner:
                yield inner
            at = raw.find(mark, at + 1)


@dataclass(slots=True)
class _Forms:
    """Every way of writing one text that is looked for."""

    text: str
    forms: dict[str, bytes] = field(init=False)

    def __post_init__(self) -> None:
        raw = self.text.encode("utf-8", "surrogatepass")
        plain = json.dumps(self.text)[1:-1]
        self.forms = {
            "plain": raw,
            "UTF-16": self.text.encode("utf-16-le", "surrogatepass"),
            "UTF-16 big endian": self.text.encode("utf-16-be", "surrogatepass"),
            "UTF-32": self.text.encode("utf-32-le", "surrogatepass"),
            "JSON": plain.encode(),
            "hexadecimal": raw.hex().encode(),
            "form": _percent(raw, b"+"),
            "percent": _percent(raw, b"%20"),
            **{f"base64 at {at}": _base64(raw, at) for at in range(3)},
            **{f"base64 for URLs at {at}": _base64(raw, at, b"-_") for at in range(3)},
        }
        for name in ("md5", "sha1", "sha256"):
            digest = hashlib.new(name, raw, usedforsecurity=False)
            self.forms[name] = digest.digest()
            self.forms[f"{name} in hexadecimal"] = digest.hexdigest().encode()


def _percent(raw: bytes, space: bytes) -> bytes:
    plain = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~"  # RFC 3986
    pieces = (bytes([byte]) if byte in plain else b"%%%02X" % byte for byte in raw)
    return b"".join(space if piece == b"%20" else piece for piece in pieces)


def _base64(raw: bytes, at: int, signs: bytes = b"+/") -> bytes:
    """What stays the same of its base64 when ``at`` bytes stand before it (RFC 4648)."""
    whole = raw[-at % 3 :]
    return base64.b64encode(whole[: len(whole) // 3 * 3], signs)
