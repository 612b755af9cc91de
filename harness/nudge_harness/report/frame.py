"""What every page has: templates, style, the script with its hash, and plotly.js, packed."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from nudge_harness.report.plots import packed

_PACKAGE: Final = "nudge_harness.report"


def environment() -> Environment:
    """Templates of this folder; whatever they are given is escaped."""
    return Environment(
        loader=PackageLoader(_PACKAGE, ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def frame() -> dict[str, Any]:
    """Style, script, its source for the content security policy, and plotly.js."""
    script = _own("page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return {
        "style": Markup(_own("page.css")),  # noqa: S704  (our own file)
        "script": Markup(script),  # noqa: S704  (our own file)
        "script_hash": f"sha256-{digest}",
        "plotly": packed(),
    }


def _own(name: str) -> str:
    return resources.files(_PACKAGE).joinpath(name).read_text(encoding="utf-8")
