"""What a kept result depends on, as hashes: the harness's own source, and the bundle."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

import nudge_harness
import nudge_sdk
from nudge_harness.model import BundleChoice
from nudge_harness.results import sha256_of
from nudge_sdk.bundle import shipped_directory

_SOURCES: Final = (".py", ".txt", ".toml", ".json", ".md")


@cache
def source_hash() -> str:
    """SHA-256 over the sources and material of the harness and the SDK, hexadecimal."""
    digest = hashlib.sha256()
    for package in (nudge_harness, nudge_sdk):
        root = Path(package.__file__ or "").parent
        for path in sorted(root.rglob("*")):
            if path.suffix in _SOURCES and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def bundle_hash(bundle: BundleChoice) -> str:
    """SHA-256 of the manifest, which holds the hash of every other file, hexadecimal.

    Raises:
        FormatError: the bundle has no manifest that can be read.
    """
    folder = shipped_directory() if bundle.folder is None else bundle.folder
    return sha256_of(folder / "manifest.json")
