"""The peers that the harness knows, and a way to name any other.

To add one, write a class that meets `Detector` in a file beside this one and list it here. One that
lives elsewhere is named as ``package.module:Name`` and needs no change here.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nudge_harness.errors import UsageError
from nudge_harness.peers.detector import Detector
from nudge_harness.peers.keywords import Keywords
from nudge_harness.peers.length import Length
from nudge_harness.peers.metadata import Metadata
from nudge_harness.peers.minilm import MiniLM
from nudge_harness.peers.profanity import Profanity


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """Where a peer finds what it needs; ``None`` leaves it to the peer."""

    cache: Path | None = None
    tokenizer: Path | None = None


PEERS: Final[Mapping[str, Callable[[Places], Detector]]] = {
    "length": lambda _: Length(),
    "metadata": lambda _: Metadata(),
    "keywords": lambda _: Keywords(),
    "profanity": lambda _: Profanity(),
    "minilm_text": lambda at: MiniLM(at.cache, at.tokenizer, metadata=False),
    "minilm": lambda at: MiniLM(at.cache, at.tokenizer),
}
"""Name to maker, plainest first."""


def make(name: str, places: Places) -> Detector:
    """The peer of this name, or the class that ``package.module:Name`` names.

    Raises:
        UsageError: there is none, or it lacks a package.
    """
    if name in PEERS:
        return PEERS[name](places)
    module, colon, attribute = name.partition(":")
    if not colon:
        raise UsageError(f"no such peer; there are {', '.join(PEERS)}, or package.module:Name")
    try:
        found: Any = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError):
        raise UsageError(f"{module}:{attribute} cannot be imported") from None
    made: Detector = found()
    if any(not hasattr(made, part) for part in ("name", "title", "learn", "hear")):
        raise UsageError(f"{module}:{attribute} is no Detector (nudge_harness.peers.detector)")
    return made
