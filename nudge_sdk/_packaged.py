"""Texts that ship inside the package: JSON files beside the modules.

Asked of the loader that loaded this very module (PEP 302, ``get_data``), so a package in a zip file
works, too. `importlib.resources` would do the same after importing some thirty modules that a host
may not need: 15 ms and 0.7 MB of a phone's memory for reading a file.
"""

from __future__ import annotations

from typing import Any


def packaged_text(name: str) -> str:
    """Text of a file of the package; ``name``: its path below ``nudge_sdk``, with slashes."""
    loader: Any = __spec__.loader
    folder = __file__.replace("\\", "/").rpartition("/")[0]
    text: str = loader.get_data(f"{folder}/{name}").decode("utf-8")
    return text
