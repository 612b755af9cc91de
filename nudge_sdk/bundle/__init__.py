"""Bundles: a signed folder that holds a model and its numbers (DESIGN.md, section 5).

`manifest` and `config` are the formats, `verify` the order of checks, `load` the only file access::

    bundle = load_bundle("models/en_v1")
    model = SingleModel(bundle.files["model.onnx"], bundle.spec)

Whoever makes a bundle writes ``Manifest(...).to_bytes()`` and signs these bytes.
"""

from nudge_sdk.bundle.config import Config
from nudge_sdk.bundle.keys import RELEASE_FINGERPRINT, RELEASE_KEYS, fingerprint
from nudge_sdk.bundle.load import load_bundle, shipped_directory, shipped_folder
from nudge_sdk.bundle.manifest import BATCHED, CONFIG, MODEL, FileEntry, Manifest, Version
from nudge_sdk.bundle.verify import CHECKS, VerifiedBundle, verify

__all__ = [
    "BATCHED",
    "CHECKS",
    "CONFIG",
    "MODEL",
    "RELEASE_FINGERPRINT",
    "RELEASE_KEYS",
    "Config",
    "FileEntry",
    "Manifest",
    "VerifiedBundle",
    "Version",
    "fingerprint",
    "load_bundle",
    "shipped_directory",
    "shipped_folder",
    "verify",
]
