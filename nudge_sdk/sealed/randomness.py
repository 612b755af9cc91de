"""Where the store's random bytes come from: the operating system's generator, and nowhere else."""

from __future__ import annotations

import secrets  # noqa: TID251  the edge: sealing itself takes them as an argument


def random_bytes(size: int) -> bytes:
    """So many fresh random bytes."""
    return secrets.token_bytes(size)
