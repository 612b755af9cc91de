"""Help contacts of a country, in the words of a catalog. None of them is ever dialled.

``help_contacts.json`` holds what is the same in every language: number, site, source, the day on
which the source was read, and, in ``hours``, when somebody answers (``null``: its source was not
read for that, so no text promises it). The catalog holds the sentences around them, so that no
translator ever types a number. A country that is not in the table gets the worldwide directory.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nudge_sdk._copy import Texts, filled, packaged


def help_line(texts: Texts, country: str | None) -> str:
    """The line to call, for the ``{help}`` of a body. ``country``: ISO 3166-1 alpha-2."""
    return _phrase(texts, "line", _region(country)["line"])


def help_list(texts: Texts, risk: str, country: str | None) -> str:
    """The help contacts for a risk, one a line: name, how to reach it, whom it is for."""
    return "\n".join(
        f"{_name(texts, row)}: {_phrase(texts, 'reach', row['reach'])}"
        f" ({texts['help']['scope'][row['scope']]})"
        for row in _region(country)["contacts"]
        if risk in row["risks"]
    )


def _name(texts: Texts, row: Mapping[str, str]) -> str:
    if "called" in row:
        called: str = texts["help"]["name"][row["called"]]
        return called
    return filled(texts, "{name}", {"name": row["name"]})


def _phrase(texts: Texts, kind: str, row: Mapping[str, str]) -> str:
    values = {name: value for name, value in row.items() if name != "pattern"}
    return filled(texts, texts["help"][kind][row["pattern"]], values)


def _region(country: str | None) -> dict[str, Any]:
    table = packaged("help_contacts.json")
    name = table["countries"].get((country or "").upper(), table["fallback"])
    region: dict[str, Any] = table["regions"][name]
    return region
