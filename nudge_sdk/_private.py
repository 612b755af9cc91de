"""What is private in a draft: an address, a school, a place, a phone number, a photo.

Rules only, no model: they stand in ``draft_rules.json``, which other runtimes read as well (regular
expressions that Python and JavaScript share, over lower-case text). They are in English, as the
model is. Nothing is kept, and an attachment is never opened: its kind is all that is asked.

A false find costs nothing by itself: it is looked at only where the chat's risk was raised.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Any, Final, Literal, TypeAlias, get_args

from nudge_sdk._packaged import packaged_text
from nudge_sdk._phones import has_phone_number

PrivateKind: TypeAlias = Literal["photo", "address", "live_location", "school", "phone_number"]
Attachment: TypeAlias = Literal["image", "video", "location", "contact_card", "voice", "file"]
ATTACHMENTS: Final = get_args(Attachment)

_ASCII_APOSTROPHE: Final = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'"})


def find(
    text: str, attachments: Iterable[Attachment], region: str | None
) -> tuple[PrivateKind, ...]:
    """Kinds of private things in a draft, the weightiest first.

    Args:
        text: what is about to be sent.
        attachments: kinds of what goes with it.
        region: ISO 3166-1 alpha-2 code, for phone numbers; ``None`` when unknown.
    """
    rules = _rules()
    plain = _plain(text[: rules["most_characters"]])
    found = {rules["attachments"][kind] for kind in attachments}
    found |= {kind for kind, forms in _patterns().items() if any(f.search(plain) for f in forms)}
    if has_phone_number(plain, region, rules["phone"]):
        found.add("phone_number")
    return tuple(kind for kind in rules["order"] if kind in found)


def _plain(text: str) -> str:
    """Compatibility forms folded, lower case, digits of any script in ASCII, single spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_ASCII_APOSTROPHE)
    digits = "".join(
        str(unicodedata.decimal(character)) if character.isdecimal() else character
        for character in folded
    )
    return " ".join(digits.split())


@cache
def _rules() -> dict[str, Any]:
    rules: dict[str, Any] = json.loads(packaged_text("draft_rules.json"))
    return rules


@cache
def _patterns() -> dict[str, list[re.Pattern[str]]]:
    return {
        kind: [re.compile(form) for form in forms] for kind, forms in _rules()["patterns"].items()
    }
