"""SHA-256 by cryptography, which the signature needs anyway; `nudge_sdk._keyed` says why."""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA256, Hash


def sha256_hex(raw: bytes) -> str:
    """SHA-256 (FIPS 180-4) as 64 hexadecimal digits."""
    digest = Hash(SHA256())
    digest.update(raw)
    return digest.finalize().hex()
