"""Between the English catalog, the translators' gettext files and the catalogs that ship.

::

    nudge_sdk/nudge_copy/en.json --update--> nudge_sdk.pot, <language>.po
    <language>.po                --build---> nudge_sdk/nudge_copy/<language>.json

``update`` is what msgmerge does, with the key as the identity of a text: a text whose English has
changed keeps its translation, but is marked fuzzy and shows the English of before; a new one is
empty; one that is gone is dropped. gettext's mark *fuzzy* means here what it means everywhere: a
native speaker has still to look at it. A draft by a machine is fuzzy in every text, and a catalog
is ``reviewed`` once none is fuzzy. Files are read and written by Babel.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from babel.messages import Catalog, Message
from babel.messages.pofile import read_po, write_po

from translations.keys import Text, flat, nested

HERE: Final = Path(__file__).parent
COPY: Final = HERE.parent / "nudge_sdk" / "nudge_copy"
TEMPLATE: Final = "nudge_sdk.pot"
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)  # a file's time would make every build another one
_HEADER: Final = "# {what} of nudge-sdk. See README.md in this folder."


@dataclass(frozen=True, kw_only=True, slots=True)
class Language:
    """How a language counts and is written.

    ``categories``: CLDR's names for the forms, in the order of gettext's ``rule``.
    """

    code: str
    name: str
    direction: str
    categories: tuple[str, ...]
    rule: str


LANGUAGES: Final = (
    Language(
        code="cy",
        name="Welsh",
        direction="ltr",
        categories=("zero", "one", "two", "few", "many", "other"),
        rule="(n == 0) ? 0 : (n == 1) ? 1 : (n == 2) ? 2 : (n == 3) ? 3 : (n == 6) ? 4 : 5",
    ),
    Language(
        code="es", name="Spanish", direction="ltr", categories=("one", "other"), rule="n != 1"
    ),
    Language(
        code="pl",
        name="Polish",
        direction="ltr",
        categories=("one", "few", "many"),
        rule="(n == 1) ? 0 : (n%10 >= 2 && n%10 <= 4 && (n%100 < 12 || n%100 > 14)) ? 1 : 2",
    ),
    Language(code="ur", name="Urdu", direction="rtl", categories=("one", "other"), rule="n != 1"),
)


def english() -> dict[str, Any]:
    """The source."""
    catalog: dict[str, Any] = json.loads((COPY / "en.json").read_text(encoding="utf-8"))
    return catalog


def template(source: Mapping[str, Text]) -> Catalog:
    """Every English text, to be translated."""
    catalog = Catalog(
        project="nudge-sdk",
        version="1",
        header_comment=_HEADER.format(what="Texts"),
        creation_date=_NEVER,
        revision_date=_NEVER,
        fuzzy=False,
    )
    for key, text in source.items():
        catalog.add(_msgid(text), context=key, auto_comments=_notes(key, text))
    return catalog


def merged(source: Mapping[str, Text], old: Catalog | None, language: Language) -> Catalog:
    """A translator's file for the English of today, with what it already had; see the module."""
    known = {message.context: message for message in old or () if message.id}
    catalog = Catalog(
        locale=language.code,
        project="nudge-sdk",
        version="1",
        header_comment=_HEADER.format(what=f"{language.name} texts"),
        creation_date=_NEVER,
        revision_date=_NEVER,
        last_translator="a machine; nobody has reviewed it" if old is None else old.last_translator,
        language_team=language.name,
        fuzzy=False,
    )
    # Babel has no public way to set these two; its own table has other forms for Welsh.
    vars(catalog).update(_num_plurals=len(language.categories), _plural_expr=language.rule)
    for key, text in source.items():
        before = known.get(key)
        msgid = _msgid(text)
        changed = before is not None and before.id != msgid
        catalog.add(
            msgid,
            context=key,
            string=before.string if before is not None else None,
            flags={"fuzzy"} if changed else set(before.flags) if before is not None else set(),
            auto_comments=_notes(key, text),
            user_comments=before.user_comments if before is not None else (),
            previous_id=before.id if changed and before is not None else (),
        )
    return catalog


def built(catalog: Catalog, source: Mapping[str, Text], language: Language) -> dict[str, Any]:
    """The catalog that ships.

    Raises:
        ValueError: a text is missing, or is one for another English than today's; the key is named.
    """
    found = {message.context: message for message in catalog if message.id}
    if found.keys() != source.keys():
        key = min(str(key) for key in found.keys() ^ source.keys())
        raise ValueError(f"{language.code}.po: {key}: run `python -m translations update`")
    texts = {key: _translated(found[key], source[key], language) for key in source}
    return {
        "schema": 1,
        "locale": language.code,
        "direction": language.direction,
        "reviewed": not any(message.fuzzy for message in found.values()),
        "drafted_by": "machine",
        "plural": {"categories": list(language.categories), "rule": language.rule},
        **nested(texts),
    }


def _translated(message: Message, english_text: Text, language: Language) -> Text:
    where = f"{language.code}.po: {message.context}"
    if message.id != _msgid(english_text):
        raise ValueError(f"{where}: the English has changed; run `python -m translations update`")
    forms = _forms(message)
    plural = isinstance(english_text, dict)
    if not all(forms) or len(forms) != (len(language.categories) if plural else 1):
        raise ValueError(f"{where}: not translated")
    return dict(zip(language.categories, forms, strict=True)) if plural else str(forms[0])


def _forms(message: Message) -> tuple[str, ...]:
    string = message.string
    if isinstance(string, str) or string is None:
        return (string or "",)
    return tuple(form or "" for form in string)


def _msgid(text: Text) -> str | tuple[str, str]:
    return text if isinstance(text, str) else (text["one"], text["other"])


def _notes(key: str, text: Text) -> list[str]:
    """What a translator has to know of one text."""
    notes = []
    if key.startswith("nudges/"):
        *_, nudge, part = key.split("/")
        notes.append(
            "Title and body together: at most 280 characters, with the help line filled in."
        )
        if nudge.startswith("coercion") and part == "body":
            notes.append(
                "Has to say: not your fault, don't pay, stop replying, keep the messages before you"
                " block, and the help line."
            )
        if ".close." in nudge:
            notes.append("The contact may be family or a teacher: name no parent or teacher here.")
    if "under13" in key:
        notes.append("For children under 13: short words, short sentences.")
    if "{" in str(text):
        notes.append("Keep what stands in braces as it is.")
    return notes


def po_bytes(catalog: Catalog) -> bytes:
    """The file of a catalog; the same catalog gives the same bytes."""
    out = io.BytesIO()
    write_po(out, catalog, width=100, include_previous=True, omit_header=False)
    return out.getvalue()


def json_bytes(catalog: Mapping[str, Any]) -> bytes:
    """The JSON file of a catalog."""
    return (json.dumps(catalog, ensure_ascii=False, indent=2) + "\n").encode()


def read(language: Language, folder: Path = HERE) -> Catalog | None:
    """A translator's file; ``None`` when there is none yet."""
    path = folder / f"{language.code}.po"
    if not path.exists():
        return None
    with path.open("rb") as file:
        return read_po(file, locale=language.code)


def source() -> dict[str, Text]:
    """Every English text by its key."""
    return flat(english())
