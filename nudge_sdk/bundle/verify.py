"""Bytes in, a trusted bundle out, or a named error. No file is opened here and no clock is read.

The checks, in this order (DESIGN.md, section 5); nothing is given a meaning before the check that
vouches for it:

=============  ====================================================================================
``length``     the manifest is at most 64 KiB, the signature exactly 64 bytes: before anything else
``signature``  a pinned Ed25519 key signed the manifest's bytes as they are (RFC 8032)
``schema``     the manifest is of a format that this SDK reads
``manifest``   strict JSON, no unknown key, plain file names only, sizes within bounds
``files``      each file that the manifest names is there
``size``       each is as long as the manifest says; no byte more is read
``hash``       each has the SHA-256 of the manifest
``version``    the release number is not lower than the last one that this device accepted
``schema``     the configuration is of a format that this SDK reads
``config``     strict JSON, no unknown key, every number in its range
``graph``      the graph's inputs and outputs are the configuration's (when a session is opened)
=============  ====================================================================================

Absent on purpose: expiry (an expired bundle would silently end protection), a threshold of several
signatures (one offline key; a host that wants two pins them and checks twice), and files that the
manifest does not name (they are never read).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from nudge_sdk.bundle._digest import sha256_hex
from nudge_sdk.bundle.config import Config
from nudge_sdk.bundle.keys import KEY_BYTES, fingerprint
from nudge_sdk.bundle.manifest import CONFIG, MODEL, FileEntry, Manifest
from nudge_sdk.engine import ModelSpec
from nudge_sdk.errors import (
    BundleDamagedError,
    BundleMissingError,
    BundleRollbackError,
    BundleUntrustedError,
    UsageError,
)
from nudge_sdk.state import MODEL_ID_BYTES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

CHECKS: Final = (
    "length", "signature", "manifest", "files", "size", "hash", "version", "schema", "config",
    "graph",
)  # fmt: skip
"""Names that `BundleError.check` may carry."""

MAX_MANIFEST: Final = 64 * 1024  # bytes
SIGNATURE_BYTES: Final = 64


class ReadFile(Protocol):
    """Gives the first ``most`` bytes of one of the bundle's files, fewer if it is shorter.

    ``name`` is always a plain file name. A file that is not there raises ``FileNotFoundError``.
    """

    def __call__(self, name: str, most: int, /) -> bytes:
        """Read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifiedBundle:
    """A bundle that has passed every check but ``graph``.

    Attributes:
        manifest, config: as values.
        files: bytes of the files that were asked for, by name; these very bytes were hashed.
        signer: fingerprint of the pinned key that signed.
    """

    manifest: Manifest
    config: Config
    files: Mapping[str, bytes] = field(repr=False)
    signer: str

    def without_files(self) -> VerifiedBundle:
        """The same without the files' bytes: whoever has opened the model needs no other copy."""
        return replace(self, files={})

    @property
    def model_sha256(self) -> str:
        """SHA-256 of ``model.onnx``, 64 hexadecimal digits."""
        return self.manifest.files[MODEL].sha256

    @property
    def spec(self) -> ModelSpec:
        """What the engine has to know."""
        config = self.config
        return ModelSpec(
            model_id=bytes.fromhex(self.model_sha256)[:MODEL_ID_BYTES],
            state_size=config.state_size,
            cap=config.cap,
            overlap=config.overlap,
            windows=config.windows,
            thresholds=config.thresholds,
        )


def verify(
    manifest: bytes,
    signature: bytes,
    read_file: ReadFile,
    *,
    pinned_keys: Collection[bytes],
    last_version: int | None = None,
    keep: Collection[str] = (MODEL,),
) -> VerifiedBundle:
    """Check a bundle; see the module for the checks and their order.

    Args:
        manifest: bytes of ``manifest.json``, read with a cap of `MAX_MANIFEST` + 1.
        signature: bytes of ``manifest.sig``, read with a cap of `SIGNATURE_BYTES` + 1.
        read_file: reads one file of the bundle.
        pinned_keys: raw Ed25519 public keys, 32 bytes each; at least one.
        last_version: release number that this device last accepted; ``None`` at first.
        keep: names of the files whose bytes the caller wants; every file is hashed all the same.

    Raises:
        UsageError: no key is pinned, or one is not 32 bytes.
        BundleError: a leaf of it, with the name of the check that failed.
    """
    signer = _signer(manifest, signature, pinned_keys)
    trusted = Manifest.from_bytes(manifest)
    files = {}
    raw_config = b""
    for name, entry in trusted.files.items():
        raw = _read(read_file, name, entry)
        if name == CONFIG:
            raw_config = raw
        if name in keep:
            files[name] = raw
    release = trusted.version.release
    if last_version is not None and release < last_version:
        raise BundleRollbackError(f"release {release} is older than {last_version}", "version")
    for name in keep:
        if name not in files:
            raise BundleMissingError(f"{name} is not part of this bundle", "files")
    config = Config.from_bytes(raw_config)
    if config.name != trusted.name:
        raise BundleDamagedError("name is not the manifest's", "config")
    return VerifiedBundle(manifest=trusted, config=config, files=files, signer=signer)


def _is_key(key: object) -> bool:
    return isinstance(key, bytes) and len(key) == KEY_BYTES


def _signer(manifest: bytes, signature: bytes, pinned_keys: Collection[bytes]) -> str:
    """Fingerprint of the pinned key that signed the manifest."""
    if not pinned_keys or not all(map(_is_key, pinned_keys)):
        raise UsageError(f"pinned_keys must be raw Ed25519 keys of {KEY_BYTES} bytes, at least one")
    if len(manifest) > MAX_MANIFEST:
        raise BundleDamagedError(f"manifest.json is over {MAX_MANIFEST} bytes", "length")
    if len(signature) != SIGNATURE_BYTES:
        raise BundleDamagedError(f"manifest.sig is not {SIGNATURE_BYTES} bytes", "length")
    for key in pinned_keys:
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, manifest)
        except InvalidSignature:
            continue
        return fingerprint(key)
    raise BundleUntrustedError("no pinned key has signed this manifest", "signature")


def _read(read_file: ReadFile, name: str, entry: FileEntry) -> bytes:
    try:
        raw = read_file(name, entry.size + 1)
    except OSError as error:
        raise BundleMissingError(f"{name} cannot be read", "files") from error
    if len(raw) != entry.size:
        relation = "longer" if len(raw) > entry.size else "shorter"
        raise BundleDamagedError(f"{name} is {relation} than the manifest says", "size")
    if sha256_hex(raw) != entry.sha256:
        raise BundleDamagedError(f"{name} has another SHA-256 than the manifest says", "hash")
    return raw
