"""The release key that this SDK trusts, and how a key is named to people.

A key is its 32 raw bytes (RFC 8032, Ed25519). Its private half is in offline custody. A host that
trains its own bundle pins its own key, in place of this one or beside it.
"""

from __future__ import annotations

from typing import Final

from nudge_sdk.bundle._digest import sha256_hex

KEY_BYTES: Final = 32

RELEASE_KEY: Final = bytes.fromhex(
    "68c55160b087f387c38cce8d889fced7c62ed747ebf907f97da3d000c9e024d7"
)
RELEASE_KEYS: Final = (RELEASE_KEY,)

RELEASE_FINGERPRINT: Final = (
    "sha256:451efcf4ab56f9e36958349d57005a81ac46425e54e628db5b1f557077d24134"
)
"""`fingerprint` of the release key, as it is published beside the project; a test compares."""


def fingerprint(key: bytes) -> str:
    """SHA-256 of a key's 32 raw bytes, as ``sha256:`` and 64 hexadecimal digits."""
    return f"sha256:{sha256_hex(key)}"
