"""Catalogs: every text of a language, read once from packaged JSON. Pure but for that.

Theory of operation
-------------------
``nudge_copy/en.json`` is the source; ``nudge_copy/<language>.json`` is built from a translator's
gettext file (``translations/``, record 12), so Python and JavaScript read the same bytes. A catalog
says of itself whether a native speaker has reviewed it. One that nobody has is not shown: English
stands in, unless the host allows it. English, the fallback, says ``reviewed: false``, too, until a
safeguarding professional has read it.

A text that depends on a number is a table over CLDR's plural categories, in the order of
``plural.categories``; ``plural.rule`` is gettext's expression that picks one, the same that the
translator's file carries. JavaScript asks `Intl.PluralRules` for the category instead.

In a language written from right to left, what is written from left to right (a number, a site, a
name) is put between Unicode isolates (UAX 9, section 2.4.2): without them "0800 1111" is drawn with
its halves swapped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, TypeAlias, get_args

from nudge_sdk._packaged import packaged_text
from nudge_sdk.values import Framing

Texts: TypeAlias = Mapping[str, Any]
"""One catalog, as its JSON file nests it."""

FALLBACK_LOCALE: Final = "en"
FRAMINGS: Final = get_args(Framing)
_LAYOUT: Final = "layout"
_ISOLATED: Final = "\u2066{}\u2069"  # left-to-right isolate, and its end


@cache
def packaged(path: str) -> dict[str, Any]:
    """A JSON file of the package."""
    table: dict[str, Any] = json.loads(packaged_text(path))
    return table


@cache
def languages() -> tuple[str, ...]:
    """Languages that have a catalog, sorted; English first."""
    from importlib import resources

    files = resources.files("nudge_sdk").joinpath("nudge_copy").iterdir()
    names = (file.name.partition(".") for file in files)
    found = {stem for stem, _, kind in names if kind == "json" and stem != _LAYOUT}
    return (FALLBACK_LOCALE, *sorted(found - {FALLBACK_LOCALE}))


def texts_of(locale: str, *, allow_unreviewed: bool = False) -> Texts:
    """Catalog of a BCP 47 tag: its language where we may show it, else English."""
    language = locale.replace("_", "-").split("-")[0].lower()
    if language != FALLBACK_LOCALE and language not in languages():
        language = FALLBACK_LOCALE
    texts = packaged(f"nudge_copy/{language}.json")
    if texts["reviewed"] or allow_unreviewed:
        return texts
    return packaged(f"nudge_copy/{FALLBACK_LOCALE}.json")


def counted(texts: Texts, forms: Mapping[str, str], count: int) -> str:
    """A text that depends on a number, with the number in it; ``count`` at least 0."""
    plural = texts["plural"]
    return forms[plural["categories"][_rule(plural["rule"])(count)]].format(count=count)


@cache
def _rule(expression: str) -> Callable[[int], int]:
    from gettext import c2py

    return c2py(expression)


def filled(texts: Texts, pattern: str, values: Mapping[str, str]) -> str:
    """A text with its placeholders filled by what is written from left to right."""
    if texts["direction"] == "rtl":
        values = {name: _ISOLATED.format(value) for name, value in values.items()}
    return pattern.format(**values)
