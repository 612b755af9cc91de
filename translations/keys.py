"""A catalog as a flat list of texts, and back.

A text's key is its path in the catalog, ``nudges/support/grooming.gentle.under13/title``; in a
gettext file the key is the context (``msgctxt``) and the English text is the ``msgid``. A table
over plural categories is one text, with as many forms as the language has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

Text: TypeAlias = "str | dict[str, str]"
"""One text, or its plural forms by CLDR category."""

HEAD: Final = ("schema", "locale", "direction", "reviewed", "drafted_by", "plural")
"""What a catalog says of itself; not to be translated."""

CATEGORIES: Final = ("zero", "one", "two", "few", "many", "other")


def flat(catalog: Mapping[str, Any]) -> dict[str, Text]:
    """Every text of a catalog by its key, in the catalog's order."""
    return {
        key: text
        for name in catalog
        if name not in HEAD
        for key, text in _walk(catalog[name], name)
    }


def _walk(value: Any, path: str) -> Iterator[tuple[str, Text]]:
    if isinstance(value, str):
        yield path, value
    elif "other" in value and value.keys() <= set(CATEGORIES):
        yield path, dict(value)
    else:
        for name, inner in value.items():
            yield from _walk(inner, f"{path}/{name}")


def nested(texts: Mapping[str, Text]) -> dict[str, Any]:
    """The catalog again, without its head."""
    catalog: dict[str, Any] = {}
    for key, text in texts.items():
        *folders, name = key.split("/")
        inner = catalog
        for folder in folders:
            inner = inner.setdefault(folder, {})
        inner[name] = text
    return catalog
