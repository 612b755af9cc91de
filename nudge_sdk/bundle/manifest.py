"""The manifest: what a bundle is and which bytes belong to it. The signature is over its bytes.

::

    {"schema": 1,
     "name": "en_v1",
     "version": {"release": 4, "text": "1.3.0"},
     "created": "2026-01-31T12:00:00Z",
     "files": {"model.onnx": {"sha256": "...", "bytes": 6500000}, ...}}

``release`` rises by at least one with every bundle that is published, whatever its name: the
rollback check goes by it. ``version.text`` is for people. ``created`` is for people, too; there is
no expiry, as an expired bundle would silently end protection (DESIGN.md, section 5).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nudge_sdk.bundle._fields import Fields, parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA: Final = 1
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
MODEL: Final = "model.onnx"
BATCHED: Final = "model.batched.onnx"
CONFIG: Final = "config.json"
README: Final = "README.md"

REQUIRED: Final = (MODEL, CONFIG)
"""Files without which nothing can be read; the batched twin and the card may be left out."""

MAX_FILES: Final = 16
MAX_FILE: Final = 32 * 2**20  # bytes; the shipped bundle is under 10 MB in all
_CHECK: Final = "manifest"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
# A plain name in the bundle's own folder: no separator, no "..", no drive, no device or stream.
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_CREATED: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_MAX_TEXT: Final = 64  # characters


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """Release number, for machines, and its text, for people."""

    release: int
    text: str

    @classmethod
    def from_fields(cls, fields: Fields) -> Version:
        """Read one; the error names the field."""
        version = cls(release=fields.whole("release", 1, 2**31 - 1), text=fields.take("text", str))
        if not 0 < len(version.text) <= _MAX_TEXT or not version.text.isprintable():
            fields.fail("text", f"must be 1 to {_MAX_TEXT} printable characters")
        fields.close()
        return version


@dataclass(frozen=True, kw_only=True, slots=True)
class FileEntry:
    """One file: SHA-256 as 64 hexadecimal digits, size in bytes."""

    sha256: str
    size: int

    @classmethod
    def from_fields(cls, fields: Fields) -> FileEntry:
        """Read one; the error names the field."""
        entry = cls(sha256=fields.take("sha256", str), size=fields.whole("bytes", 0, MAX_FILE))
        if not _SHA256.fullmatch(entry.sha256):
            fields.fail("sha256", "must be 64 lower-case hexadecimal digits")
        fields.close()
        return entry


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """A manifest as values; see the module for the format.

    Attributes:
        created: UTC, as ``2026-01-31T12:00:00Z``; made from SOURCE_DATE_EPOCH.
        files: name to entry; each name is a plain one.
    """

    name: str
    version: Version
    created: str
    files: Mapping[str, FileEntry]

    @classmethod
    def from_bytes(cls, raw: bytes) -> Manifest:
        """Read a manifest whose signature has been checked.

        Raises:
            BundleSchemaError: it is of a later format.
            BundleDamagedError: a field is missing, wrong or unknown, or a file name is no plain
                one.
        """
        fields = Fields(parse_json(raw, _CHECK), _CHECK)
        fields.schema(SCHEMA)
        manifest = cls(
            name=fields.take("name", str),
            version=Version.from_fields(fields.within("version")),
            created=fields.take("created", str),
            files=_files(fields.within("files")),
        )
        if not _NAME.fullmatch(manifest.name):
            fields.fail("name", "must be 1 to 32 of a-z, 0-9, _ and -")
        if not _CREATED.fullmatch(manifest.created):
            fields.fail("created", "must be a time such as 2026-01-31T12:00:00Z")
        fields.close()
        return manifest

    def to_bytes(self) -> bytes:
        """The bytes to sign: the same values always give the same bytes."""
        table = {
            "schema": SCHEMA,
            "name": self.name,
            "version": {"release": self.version.release, "text": self.version.text},
            "created": self.created,
            "files": {
                name: {"sha256": entry.sha256, "bytes": entry.size}
                for name, entry in sorted(self.files.items())
            },
        }
        return (json.dumps(table, indent=2) + "\n").encode()


def _files(fields: Fields) -> dict[str, FileEntry]:
    names = fields.names()
    if len(names) > MAX_FILES:
        fields.fail("", f"has more than {MAX_FILES} files")
    for name in names:
        if len(name) > _MAX_TEXT or not _FILE_NAME.fullmatch(name):
            fields.fail(name, "is not a plain file name")
        if name in (MANIFEST, SIGNATURE):
            fields.fail(name, "cannot vouch for itself")
    for name in REQUIRED:
        if name not in names:
            fields.fail(name, "is missing")
    return {name: FileEntry.from_fields(fields.within(name)) for name in names}
