"""What runs here, for a settings page and for whoever checks it (DESIGN.md, section 1, item 10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nudge_sdk.values import Switch


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """Which model, which exact bytes, who vouches for them, and where the switch stands.

    Attributes:
        bundle, version, release: the bundle's name, its version for people, its release number.
        model_sha256: SHA-256 of the graph, 64 hexadecimal digits.
        signer: fingerprint of the pinned key that signed the bundle.
        policy: version of the policy.
        switch: where the young person's switch stands.
    """

    bundle: str
    version: str
    release: int
    model_sha256: str
    signer: str
    policy: str
    switch: Switch
