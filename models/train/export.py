"""Trained weights to a bundle's folder: graphs, configuration, card, manifest, signature.

The batched twin holds the same tables as the single graph, so it is written without them: every
constant of `SHARED` bytes and more that both hold is left out, and whoever loads the twin takes it
out of ``model.onnx`` by its name, which is a hash of its content (`nudge_harness.twin`).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import onnx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from nudge_sdk.bundle.manifest import FileEntry, Manifest, Version

SHARED: Final = 1024  # bytes


def strip_shared(twin: onnx.ModelProto, single: onnx.ModelProto) -> onnx.ModelProto:
    """The twin without the large constants that the single graph holds under the same name."""
    held = {item.name for item in single.graph.initializer}
    stripped = onnx.ModelProto()
    stripped.CopyFrom(twin)
    del stripped.graph.initializer[:]
    for item in twin.graph.initializer:
        if item.ByteSize() < SHARED or item.name not in held:
            stripped.graph.initializer.append(item)
    return stripped


def created() -> str:
    """SOURCE_DATE_EPOCH as the manifest writes it; the epoch itself where it is not set."""
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def load_key(path: Path | None) -> Ed25519PrivateKey:
    """The release key, or a throw-away one that a host would have to pin.

    Args:
        path: PEM file without a password; ``None`` makes a throw-away key.

    Raises:
        OSError: the file cannot be read.
        ValueError: the file holds no key, or another kind of key.
    """
    if path is None:
        return Ed25519PrivateKey.generate()
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path.name} is no Ed25519 key")  # noqa: TRY004  the file is wrong
    return key


def write_bundle(
    folder: Path,
    *,
    name: str,
    release: int,
    version: str,
    single: onnx.ModelProto,
    twin: onnx.ModelProto,
    config: Mapping[str, Any],
    card: str,
    key: Ed25519PrivateKey,
) -> str:
    """Write the bundle and sign it. Same arguments, same bytes.

    Args:
        folder: made if it is not there; files of the bundle are written over.
        name, release, version: for the manifest; a device takes no lower ``release`` later.
        single, twin: both graphs; of the twin, only what the single one lacks is written.
        config: what ``config.json`` says; the SDK checks it when the bundle is loaded.
        card: the model card, Markdown.
        key: signs the manifest's bytes.

    Returns:
        SHA-256 of the manifest, 64 hexadecimal digits.
    """
    files = {
        "model.onnx": single.SerializeToString(deterministic=True),
        "model.batched.onnx": strip_shared(twin, single).SerializeToString(deterministic=True),
        "config.json": (json.dumps(config, indent=1) + "\n").encode(),
        "README.md": card.encode(),
    }
    manifest = Manifest(
        name=name,
        version=Version(release=release, text=version),
        created=created(),
        files={
            file: FileEntry(sha256=hashlib.sha256(raw).hexdigest(), size=len(raw))
            for file, raw in files.items()
        },
    ).to_bytes()
    folder.mkdir(parents=True, exist_ok=True)
    for file, raw in files.items():
        (folder / file).write_bytes(raw)
    (folder / "manifest.json").write_bytes(manifest)
    (folder / "manifest.sig").write_bytes(key.sign(manifest))
    return hashlib.sha256(manifest).hexdigest()
