"""A bundle in memory whose every part can be changed: the test is the attack.

After python-tuf's repository simulator: fields are mutable, `sign` is what the holder of the key
does, `write` puts the files into a folder, and nothing is mocked.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests import toy

if TYPE_CHECKING:
    from pathlib import Path

KEY: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))


def raw_public(key: Ed25519PrivateKey) -> bytes:
    """The 32 bytes that a host pins."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


PINNED: Final = (raw_public(KEY),)


class BundleSimulator:
    """The toy bundle. Change ``files``, ``config`` or ``table``, sign or do not, write, load."""

    def __init__(self, *, release: int = 3) -> None:
        self.files: dict[str, bytes] = {
            "model.onnx": toy.single_model(),
            "model.batched.onnx": toy.batched_model(),
            "README.md": b"# toy\n",
        }
        self.config: dict[str, Any] = toy.config()
        self.table: dict[str, Any] = {
            "schema": 1,
            "name": "toy",
            "version": {"release": release, "text": "0.3.0"},
            "created": "2026-01-31T12:00:00Z",
            "files": {},
        }
        self.manifest = b""
        self.signature = b""
        self.list_files()
        self.sign()

    def list_files(self) -> None:
        """Put the files as they are now into the manifest's table."""
        self.files["config.json"] = json.dumps(self.config).encode()
        self.table["files"] = {
            name: {"sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)}
            for name, raw in self.files.items()
        }

    def sign(self, key: Ed25519PrivateKey = KEY) -> None:
        """Write the manifest from its table and sign it."""
        self.sign_bytes(json.dumps(self.table).encode(), key)

    def sign_bytes(self, manifest: bytes, key: Ed25519PrivateKey = KEY) -> None:
        """Sign a manifest of any bytes."""
        self.manifest = manifest
        self.signature = key.sign(manifest)

    def read(self, name: str, most: int) -> bytes:
        """A `ReadFile` that needs no folder."""
        if name not in self.files:
            raise FileNotFoundError
        return self.files[name][:most]

    def write(self, folder: Path) -> Path:
        """Write the bundle's folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, raw in self.files.items():
            (folder / name).write_bytes(raw)
        (folder / "manifest.json").write_bytes(self.manifest)
        (folder / "manifest.sig").write_bytes(self.signature)
        return folder
