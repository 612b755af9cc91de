"""What is to be drawn: a rendered nudge for each kind, level and reading level, and its words.

The chats around a nudge are drawn as grey bars. A screen that shows what the copy looks like needs
no message, and none is made up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from nudge_sdk import nudges
from nudge_sdk._copy import FRAMINGS, Texts, counted, languages, texts_of
from nudge_sdk.policy import Decision
from nudge_sdk.values import RISKS, AgeBand, Contact, Framing, Level, Nudge, Profile, RiskKind

LEVELS: Final[tuple[Level, ...]] = ("gentle", "strong")
AUDIENCES: Final[dict[nudges.Audience, AgeBand]] = {"under13": "10_12", "13to17": "13_15"}
WHO: Final = ("usual", "close")
COUNTRY: Final = {"en": "GB", "cy": "GB", "es": "ES", "pl": "PL", "ur": "GB"}
NOTICED: Final[dict[RiskKind, tuple[str, ...]]] = {
    "grooming": ("secrecy", "image_request", "platform_move"),
    "adult_content": ("adult_content",),
    "coercion": ("threat", "pressure"),
    "scam_lure": ("gift_offer", "personal_info_probe"),
}
_FIRST: Final = 1  # cues behind a gentle nudge


@dataclass(frozen=True, kw_only=True, slots=True)
class Shot:
    """One screen.

    Attributes:
        locale, framing, who, audience: which text.
        nudge: as the SDK renders it.
        noticed: the line above the reasons.
    """

    locale: str
    framing: Framing
    who: str
    audience: nudges.Audience
    nudge: Nudge
    noticed: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    """One language, framing and kind of contact: its screens and the words around them."""

    locale: str
    direction: str
    reviewed: bool
    framing: Framing
    who: str
    shots: tuple[Shot, ...]
    texts: Texts
    neutral: str
    tips: str
    about: dict[nudges.Audience, dict[str, str]]


def wordings(locale: str | None = None) -> Iterator[Wording]:
    """Everything there is to look at, English first.

    Args:
        locale: a BCP 47 tag; all languages when left out.
    """
    for language in languages() if locale is None else (locale,):
        texts = texts_of(language, allow_unreviewed=True)
        for framing in FRAMINGS:
            for who in WHO:
                yield _wording(texts, framing, who)


def _wording(texts: Texts, framing: Framing, who: str) -> Wording:
    locale = texts["locale"]
    return Wording(
        locale=locale,
        direction=texts["direction"],
        reviewed=texts["reviewed"],
        framing=framing,
        who=who,
        shots=tuple(
            _shot(texts, framing, who, audience, risk, level)
            for risk in RISKS
            for level in LEVELS
            for audience in AUDIENCES
        ),
        texts=texts,
        neutral=nudges.neutral_title(locale, allow_unreviewed=True),
        tips=nudges.tips(2, locale, allow_unreviewed=True),
        about={
            audience: nudges.about(audience, locale, framing=framing, allow_unreviewed=True)
            for audience in AUDIENCES
        },
    )


def _shot(
    texts: Texts,
    framing: Framing,
    who: str,
    audience: nudges.Audience,
    risk: RiskKind,
    level: Level,
) -> Shot:
    presentation: Literal["card", "cover"] = "cover" if risk == "adult_content" else "card"
    cues = NOTICED[risk] if level == "strong" else NOTICED[risk][:_FIRST]
    decision = Decision(
        reason="nudge",
        risk=risk,
        level=level,
        presentation=presentation,
        cues=cues,
        discreet=risk != "scam_lure",
    )
    profile = Profile(
        band=AUDIENCES[audience],
        region=COUNTRY.get(texts["locale"]),
        locale=texts["locale"],
        allow_unreviewed=True,
        framing=framing,
    )
    contact = Contact(id="", relationship="family" if who == "close" else "stranger")
    nudge = nudges.render(decision, profile, contact, None)
    return Shot(
        locale=texts["locale"],
        framing=framing,
        who=who,
        audience=audience,
        nudge=nudge,
        noticed=counted(texts, texts["interface"]["noticed"], len(nudge.reasons)),
    )
