"""From a decision to what the young person reads. Pure, but for reading packaged JSON once.

Theory of operation
-------------------
No sentence is ever built from a message: every text is chosen whole, by a stable id, from the
catalogue of a locale (`nudge_sdk._copy`), in a framing and a reading level. The id is made of

    risk . level [. close] . audience        for example  grooming.gentle.13to17

``close`` is the wording for a contact who is family, or from school or a club: the trusted adult
may be the one, so it leads with a confidential helpline, names no parent or teacher, and the text
to share is neutral. Which actions are offered, and in which order, is the same in every language:
``nudge_copy/layout.json``. Help lines go by country: `nudge_sdk._help`.

Every text stands in two framings, so that a researcher can test one against the other: ``support``
says what the young person can do, ``caution`` says what such asks tend to lead to.

The one placeholder of a body is ``{help}``, the line to call in the profile's country.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final, Literal, TypeAlias

from nudge_sdk._copy import FALLBACK_LOCALE, Texts, counted, packaged, texts_of
from nudge_sdk._help import help_line, help_list
from nudge_sdk.errors import UsageError
from nudge_sdk.policy import Decision
from nudge_sdk.values import Action, AgeBand, Contact, Framing, Nudge, Profile, RiskKind

Audience: TypeAlias = Literal["under13", "13to17"]
Who: TypeAlias = Literal["usual", "close"]

_UNDER_13: Final = ("under_10", "10_12")
_CLOSE: Final = ("family", "school_or_club")


def audience_of(band: AgeBand) -> Audience:
    """The reading level of an age band; adults read what 13 to 17 do."""
    return "under13" if band in _UNDER_13 else "13to17"


def who_of(contact: Contact | None) -> Who:
    """Which wording a contact calls for; an unknown relationship gets the usual one."""
    return "close" if contact is not None and contact.relationship in _CLOSE else "usual"


def render(
    decision: Decision, profile: Profile, contact: Contact | None, message_id: str | None
) -> Nudge:
    """The nudge that a decision asks for.

    Args:
        decision: one that nudges.
        profile: gives the reading level, the country, the locale and the framing.
        contact: who wrote; ``None`` when nothing is known.
        message_id: the message on whose arrival the nudge appears.

    Raises:
        UsageError: the decision does not nudge.
    """
    if decision.risk is None or decision.level is None or decision.presentation is None:
        raise UsageError("decision: only one that nudges can be rendered")
    texts = texts_of(profile.locale, allow_unreviewed=profile.allow_unreviewed)
    audience, who = audience_of(profile.age_band), who_of(contact)
    copy_id = _copy_id(decision.risk, decision.level, who, audience)
    entry = texts["nudges"][profile.framing][copy_id]
    spoken = texts["accessibility"]["discreet" if decision.discreet else "open"]
    return Nudge(
        risk=decision.risk,
        level=decision.level,
        presentation=decision.presentation,
        discreet=decision.discreet,
        neutral_title=texts["neutral_title"],
        title=entry["title"],
        body=_filled(entry["body"], texts, profile.region),
        reasons=tuple(texts["reasons"][cue] for cue in decision.cues if cue in texts["reasons"]),
        actions=_actions(
            texts, decision.risk, decision.level, who, audience, decision.cues, profile.region
        ),
        accessibility_label=spoken.format(title=entry["title"]),
        copy_id=copy_id,
        locale=texts["locale"],
        direction=texts["direction"],
        message_id=message_id,
    )


def neutral_title(locale: str = FALLBACK_LOCALE, *, allow_unreviewed: bool = False) -> str:
    """What a notification or a lock screen may show of a discreet nudge, and nothing more."""
    title: str = texts_of(locale, allow_unreviewed=allow_unreviewed)["neutral_title"]
    return title


def tips(count: int, locale: str = FALLBACK_LOCALE, *, allow_unreviewed: bool = False) -> str:
    """As neutral, for more than one: "2 tips for you". ``count``: at least 0."""
    texts = texts_of(locale, allow_unreviewed=allow_unreviewed)
    return counted(texts, texts["interface"]["tips"], count)


def about(
    audience: Audience,
    locale: str = FALLBACK_LOCALE,
    *,
    framing: Framing = "support",
    allow_unreviewed: bool = False,
) -> dict[str, str]:
    """Three texts for the host's settings: ``what_this_does``, ``why_am_i_seeing_this``,
    ``what_is_kept``.
    """
    texts = texts_of(locale, allow_unreviewed=allow_unreviewed)
    return dict(texts["about"][framing][audience])


def draft_texts(
    audience: Audience, locale: str = FALLBACK_LOCALE, *, allow_unreviewed: bool = False
) -> Texts:
    """Texts of a pause before sending, for `nudge_sdk.drafts`: ``title``, ``body`` and ``reasons``
    by kind, ``reply``, ``learn_more``, ``accessibility`` and ``labels`` of actions by id.
    """
    texts = texts_of(locale, allow_unreviewed=allow_unreviewed)
    draft = texts["draft"]
    return {
        **draft[audience],
        "reasons": draft["reasons"],
        "accessibility": draft["accessibility"],
        "labels": texts["actions"][audience],
    }


def to_dict(nudge: Nudge) -> dict[str, Any]:
    """The nudge as plain JSON values, for hosts in other languages: ``nudge.schema.json``."""
    plain = asdict(nudge)
    plain["reasons"] = list(plain["reasons"])
    plain["actions"] = list(plain["actions"])
    return plain


def _copy_id(risk: str, level: str, who: Who, audience: str) -> str:
    return ".".join((risk, level, *(("close",) if who == "close" else ()), audience))


def _actions(
    texts: Texts,
    risk: RiskKind,
    level: str,
    who: Who,
    audience: Audience,
    cues: tuple[str, ...],
    region: str | None,
) -> tuple[Action, ...]:
    special = {
        "get_help": help_list(texts, risk, region),
        "learn_more": texts["learn_more"][audience][risk],
        "what_to_say": _reply(texts["replies"], cues),
    }
    made = []
    for action in packaged("nudge_copy/layout.json")[who][risk][level]:
        words = texts["actions"][audience][action]
        if action == "tell_someone" and who == "close":
            words = texts["close_tell_someone"][audience]
        text = special.get(action, words.get("text"))
        made.append(Action(id=action, label=words["label"], text=text))
    return tuple(made)


def _reply(replies: Mapping[str, str], cues: tuple[str, ...]) -> str:
    """A suggested reply to the most telling cue that has one."""
    return next((replies[cue] for cue in cues if cue in replies), replies["default"])


def _filled(body: str, texts: Texts, country: str | None) -> str:
    return body.format(help=help_line(texts, country))
