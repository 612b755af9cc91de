"""What is known beside the words, to the graph's context of 32 numbers."""

from __future__ import annotations

from typing import Any, Final

from nudge_sdk._context import context_vector
from nudge_sdk.values import AGE_BANDS, EVENT_KINDS, RELATIONSHIPS, Contact
from tests.vectors.dice import Dice

SEED: Final = 801
ROWS: Final = 60
DIGITS: Final = 7
AGES: Final = (None, 0, 9, 10, 12, 13, 15.5, 17, 18, 41, 130)
DAYS: Final = (None, 0, 0.5, 1, 30, 4700, 47_500)
GAPS: Final = (None, 0.0, 0.25, 60.0, 86_400.0, 1e9)


def plain(contact: Contact | None) -> dict[str, Any] | None:
    """A contact as JSON: every field, ``null`` where it is unknown."""
    if contact is None:
        return None
    return {
        "id": contact.id,
        "relationship": contact.relationship,
        "days_known": contact.days_known,
        "claimed_age": contact.claimed_age,
        "band": contact.band,
        "in_group": contact.in_group,
    }


def some_contact(dice: Dice) -> Contact:
    """A contact with some fields unknown."""
    return Contact(
        id="c",
        relationship=dice.pick((None, *RELATIONSHIPS)),
        days_known=dice.pick(DAYS),
        claimed_age=dice.pick(AGES),
        band=dice.pick((None, None, None, *AGE_BANDS)),
        in_group=dice.pick((None, False, True)),
    )


def make() -> dict[str, Any]:
    """Vectors: the ``context`` of what is known."""
    dice = Dice(SEED)
    vectors = []
    for row in range(ROWS):
        contact = None if row == 0 else some_contact(dice)
        band, kind = dice.pick(AGE_BANDS), dice.pick((None, *EVENT_KINDS))
        gap, from_contact = dice.pick(GAPS), dice.chance(0.7)
        vector = context_vector(
            from_contact=from_contact,
            contact=contact,
            band=band,
            kind=kind,
            gap=gap,
        )
        vectors.append(
            {
                "id": f"context_{row}",
                "from_contact": from_contact,
                "contact": plain(contact),
                "band": band,
                "kind": kind,
                "gap": gap,
                "context": [round(value, DIGITS) for value in vector.tolist()],
            }
        )
    return {
        "kind": "context",
        "schema": 1,
        "about": "the graph's context, within 1e-6; null is unknown, which is not zero",
        "given": {},
        "vectors": vectors,
    }
