"""One HTML page with every screen: kinds, levels, reading levels, languages, framings, contacts.

Self-contained: no font, script or picture is fetched. Without JavaScript it shows the first
wording, with every action.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import resources
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from nudge_harness.screens.shots import Wording
from nudge_sdk.values import RISKS

_IN_A_NUMBER: Final = re.compile(r"(?<=\d) (?=\d)")
_PACKAGE: Final = "nudge_harness.screens"
LANGUAGES: Final = {
    "en": "English",
    "cy": "Cymraeg",
    "es": "Español",
    "pl": "Polski",
    "ur": "اردو",
}
KINDS: Final = {
    "grooming": "Grooming",
    "adult_content": "Unsolicited adult content",
    "coercion": "Coercion",
    "scam_lure": "Scam lure",
}
READERS: Final = {"under13": "under 13", "13to17": "13 to 17"}


def page_of(wordings: Sequence[Wording]) -> str:
    """The page.

    Args:
        wordings: at least one; the first is what the page opens with.
    """
    environment = Environment(
        loader=PackageLoader(_PACKAGE, ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["unbroken"] = unbroken
    page = environment.get_template("page.html.j2").render(
        wordings=wordings,
        languages={w.locale: LANGUAGES.get(w.locale, w.locale) for w in wordings},
        kinds={risk: KINDS[risk] for risk in RISKS},
        readers=READERS,
        css=Markup(_own("page.css")),  # noqa: S704  our own file
        js=Markup(_own("page.js")),  # noqa: S704  our own file
    )
    return page + "\n"


def unbroken(text: str) -> str:
    """A text whose numbers stay on one line."""
    return _IN_A_NUMBER.sub("\u00a0", text)


def _own(name: str) -> str:
    return resources.files(_PACKAGE).joinpath(name).read_text(encoding="utf-8")
