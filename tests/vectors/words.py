"""Which copy is chosen: every English nudge once, the other catalogs, countries and fallbacks."""

from __future__ import annotations

from itertools import product
from typing import Any, Final

from nudge_sdk._copy import FRAMINGS, languages
from nudge_sdk.nudges import render, to_dict
from nudge_sdk.policy import Decision
from nudge_sdk.values import AGE_BANDS, CUES, RELATIONSHIPS, RISKS, Contact, Profile
from tests.vectors.dice import Dice
from tests.vectors.plain import of_decision

SEED: Final = 804
COUNTRIES: Final = ("GB", "US", "DE", "FR", "gb", "ZZ", None)
LOCALES: Final = ("en-GB", "EN_us", "es-MX", "cy", "ur", "xx", "")
PER_LANGUAGE: Final = 10


def make() -> dict[str, Any]:
    """Vectors: the ``nudge`` for a ``decision``, a ``profile`` and a ``contact``."""
    dice = Dice(SEED)
    english = [
        _profile("en", band, "GB", framing, unreviewed=False)
        for framing, band in product(FRAMINGS, ("10_12", "13_15"))
    ]
    vectors = [
        _vector(dice, profile, risk, level, contact)
        for profile, risk, level in product(english, RISKS, ("gentle", "strong"))
        for contact in ("stranger", "family")
        if profile["framing"] == "support" or contact == "stranger"
    ]
    for locale in (*languages()[1:], *LOCALES):
        for _ in range(PER_LANGUAGE if locale in languages() else 2):
            profile = _profile(
                locale, dice.pick(AGE_BANDS), dice.pick(COUNTRIES), dice.pick(FRAMINGS),
                unreviewed=dice.chance(0.8),
            )  # fmt: skip
            vectors.append(
                _vector(
                    dice, profile, dice.pick(RISKS), dice.pick(("gentle", "strong")),
                    dice.pick((None, *RELATIONSHIPS)),
                )
            )  # fmt: skip
    for index, vector in enumerate(vectors):
        vector["id"] = f"copy_{index}"
    return {
        "kind": "copy",
        "schema": 1,
        "about": "what the young person reads, for a decision; a contact of null: nothing is known",
        "given": {},
        "vectors": vectors,
    }


def _profile(
    locale: str, band: str, region: str | None, framing: str, *, unreviewed: bool
) -> dict[str, Any]:
    return {
        "locale": locale,
        "band": band,
        "region": region,
        "framing": framing,
        "allow_unreviewed": unreviewed,
    }


def _vector(
    dice: Dice, profile: dict[str, Any], risk: Any, level: Any, relationship: Any
) -> dict[str, Any]:
    cues = tuple(cue for cue in CUES if dice.chance(0.15))
    decision = Decision(
        reason="nudge",
        risk=risk,
        raised_by=risk,
        confidence=0.75,
        cues=cues,
        level=level,
        presentation=dice.pick(("inline", "card", "cover")),
        discreet=dice.chance(0.5),
    )
    contact = None if relationship is None else Contact(id="c", relationship=relationship)
    return {
        "id": "",
        "decision": of_decision(decision),
        "profile": profile,
        "contact": None if contact is None else {"id": "c", "relationship": relationship},
        "message_id": "m1",
        "nudge": to_dict(render(decision, Profile(**profile), contact, "m1")),
    }
