"""The studies that the harness knows, and a way to name any other.

To add one, write a file with a `Study` beside this one and list it here. One that lives elsewhere
is named as ``package.module:NAME`` and needs no change here.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, Final

from nudge_harness.errors import UsageError
from nudge_harness.studies.study import Study

STUDIES: Final[Mapping[str, str]] = {
    "frontier": "nudge_harness.studies.frontier:STUDY",
    "leakage": "nudge_harness.studies.leakage:STUDY",
    "robustness": "nudge_harness.studies.robustness:STUDY",
    "ablation": "nudge_harness.studies.ablation:STUDY",
    "operating-points": "nudge_harness.studies.operating_points:STUDY",
    "groups": "nudge_harness.studies.groups:STUDY",
    "washout": "nudge_harness.studies.washout:STUDY",
}
"""Name to where the study stands; a study is imported when it is run."""


def make(name: str) -> Study:
    """The study of this name, or the one that ``package.module:NAME`` names.

    Raises:
        UsageError: there is none.
    """
    module, colon, attribute = STUDIES.get(name, name).partition(":")
    if not colon:
        raise UsageError(f"no such study; there are {', '.join(STUDIES)}, or package.module:NAME")
    try:
        found: Any = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError):
        raise UsageError(f"{module}:{attribute} cannot be imported") from None
    if not isinstance(found, Study):
        raise UsageError(f"{module}:{attribute} is no Study (nudge_harness.studies.study)")
    return found
