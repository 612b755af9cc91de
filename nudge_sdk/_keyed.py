"""BLAKE2b with a key (RFC 7693), for names of rows and for message ids.

It is `hashlib.blake2b`, taken from the module of the interpreter that `hashlib` takes it from:
importing `hashlib` as a whole maps a second OpenSSL into the process (3 MB, beside the one that
cryptography brings), and nothing here needs it.
"""

from __future__ import annotations

try:
    from _blake2 import blake2b
except ImportError:  # an interpreter that keeps it elsewhere
    from hashlib import blake2b


def keyed_hash(value: bytes, key: bytes, size: int, purpose: bytes = b"") -> bytes:
    """Hash of ``size`` bytes.

    Args:
        value: what is hashed.
        key: at most 64 bytes.
        size: 1 to 64.
        purpose: at most 16 bytes that keep hashes for different ends apart.
    """
    return blake2b(value, key=key, digest_size=size, person=purpose).digest()
