"""What is processed, where and for how long: read off the installed SDK itself.

Field descriptions are the SDK's own docstrings, sizes are those of the bytes that it writes, limits
are those of its policy file. When the SDK changes, the pack changes with it.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from importlib import metadata, resources
from typing import Any, Final

from nudge_harness.model import BundleChoice
from nudge_sdk.engine import Engine
from nudge_sdk.policy import shipped_policy
from nudge_sdk.state import ConversationState, UserLedger
from nudge_sdk.values import CUES, RISKS, SWITCHES, Contact, Message, Profile

_INPUTS: Final[tuple[type[Any], ...]] = (Message, Contact, Profile)
_KEPT: Final[tuple[type[Any], ...]] = (ConversationState, UserLedger)
_ENTRY: Final = re.compile(r"^    (\w+(?:, \w+)*): (.*(?:\n        .*)*)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field of what goes in or is kept: its owner, its name, and what the SDK says of it."""

    owner: str
    name: str
    says: str


def inputs() -> list[Field]:
    """What a host hands over with a message."""
    return [field for kind in _INPUTS for field in described(kind)]


def kept() -> list[Field]:
    """What is remembered between messages."""
    return [field for kind in _KEPT for field in described(kind)]


def described(kind: type[Any]) -> list[Field]:
    """Fields of a dataclass, with what its docstring says of each, or of all of them together."""
    text = inspect.getdoc(kind) or ""
    whole = " ".join(text.partition("\n\n")[0].split())
    said: dict[str, str] = {}
    for names, words in _ENTRY.findall(text):
        for name in names.split(", "):
            said[name] = " ".join(words.split()).replace("``", "").replace("`", "")
    return [
        Field(owner=kind.__name__, name=f.name, says=said.get(f.name, whole)) for f in fields(kind)
    ]


def sizes(bundle: BundleChoice) -> dict[str, int]:
    """Bytes kept for each chat partner and for the user, before sealing."""
    engine = Engine(bundle.verified().spec, shipped_policy())
    return {
        "bytes kept for each chat partner": len(engine.fresh_state().to_bytes()),
        "bytes kept for the user, at first": len(UserLedger().to_bytes()),
    }


def policy() -> dict[str, Any]:
    """The policy file that decides, as it ships."""
    text = resources.files("nudge_sdk").joinpath("policy.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def looked_for() -> dict[str, Sequence[str]]:
    """The published list: kinds of risk, cues, and the positions of the switch."""
    return {"kinds of risk": RISKS, "cues": CUES, "positions of the switch": SWITCHES}


def dependencies() -> list[str]:
    """What the SDK needs at run time; extras apart."""
    try:
        required = metadata.requires("nudge-sdk") or []
    except metadata.PackageNotFoundError:  # a source checkout that is not installed
        return []
    return sorted(name for name in required if "extra ==" not in name)
