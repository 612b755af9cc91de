"""The JSON Schemas that ship with the package."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any, Literal


@cache
def schema(name: Literal["conversation", "scores", "trace"]) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one line of a format. Treat it as read-only."""
    raw = resources.files(__package__).joinpath(f"{name}.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(raw)
    return loaded
