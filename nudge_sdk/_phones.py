"""Phone numbers in a text: by the library ``phonenumbers`` where it is installed, else by a rule.

The extra ``drafts`` brings the library (Google's libphonenumber), which knows every country's
numbers. The plain rule of ``draft_rules.json`` counts digits. Without a country the library finds
only numbers with a +, so the rule is asked as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any


def has_phone_number(text: str, region: str | None, rule: Mapping[str, Any]) -> bool:
    """Whether a text holds a phone number.

    Args:
        text: decimal digits in ASCII.
        region: ISO 3166-1 alpha-2 code of the user's country; ``None`` when unknown.
        rule: ``phone`` of ``draft_rules.json``.
    """
    library, country = _library(), None if region is None else region.upper()
    if library is not None:
        if any(True for _ in library.PhoneNumberMatcher(text, country)):
            return True
        if country in library.SUPPORTED_REGIONS:
            return False
    return by_digits(text, rule)


@cache
def _library() -> Any:
    """The extra's library, loaded at the first draft; ``None`` where it is not installed."""
    try:
        import phonenumbers
    except ImportError:
        return None
    return phonenumbers


def by_digits(text: str, rule: Mapping[str, Any]) -> bool:
    """The plain rule: enough digits, not too many, and neither a date nor a decimal number."""
    for match in re.finditer(rule["pattern"], text):
        found = match.group(1)
        count = sum(character.isdigit() for character in found)
        marked = found.startswith(tuple(rule["prefixes"]))
        least = rule["least_digits_with_prefix" if marked else "least_digits"]
        if least <= count <= rule["most_digits"] and not any(
            re.search(other, found) for other in rule["not"]
        ):
            return True
    return False
