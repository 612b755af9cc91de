"""From a decision to what the young person reads. Pure, but for reading packaged JSON once.

Theory of operation
-------------------
No sentence is ever built from a message: every text is chosen whole, by a stable id, from the
catalogue of a locale (``nudge_copy/<locale>.json``), in a reading level. The id is made of

    risk . level [. close] . audience        for example  grooming.gentle.13to17

``close`` is the wording for a contact who is family, or from school or a club: the trusted adult
may be the one, so it leads with a confidential helpline, names no parent or teacher, and the text
to share is neutral. Which actions are offered, and in which order, is the same in every language:
``nudge_copy/layout.json``. Help lines go by country: ``help_contacts.json``; a country that is not
in it gets the worldwide directory. None of them is ever dialled.

The one placeholder of a body is ``{help}``, the line to call in the profile's country.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from importlib import resources
from typing import Any, Final, Literal, TypeAlias

from nudge_sdk.errors import UsageError
from nudge_sdk.policy import Decision
from nudge_sdk.values import Action, AgeBand, Contact, Nudge, Profile, RiskKind

Audience: TypeAlias = Literal["under13", "13to17"]
Who: TypeAlias = Literal["usual", "close"]

FALLBACK_LOCALE: Final = "en"
FRAMING: Final = "support"
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
        profile: gives the reading level, the country and the locale.
        contact: who wrote; ``None`` when nothing is known.
        message_id: the message on whose arrival the nudge appears.

    Raises:
        UsageError: the decision does not nudge.
    """
    if decision.risk is None or decision.level is None or decision.presentation is None:
        raise UsageError("decision: only one that nudges can be rendered")
    texts = _texts(profile.locale)
    audience, who = audience_of(profile.age_band), who_of(contact)
    copy_id = _copy_id(decision.risk, decision.level, who, audience)
    entry = texts["nudges"][FRAMING][copy_id]
    spoken = texts["accessibility"]["discreet" if decision.discreet else "open"]
    return Nudge(
        risk=decision.risk,
        level=decision.level,
        presentation=decision.presentation,
        discreet=decision.discreet,
        title=entry["title"],
        body=_filled(entry["body"], texts, profile.region),
        reasons=tuple(texts["reasons"][cue] for cue in decision.cues if cue in texts["reasons"]),
        actions=_actions(
            texts, decision.risk, decision.level, who, audience, decision.cues, profile.region
        ),
        accessibility_label=spoken.format(title=entry["title"]),
        copy_id=copy_id,
        message_id=message_id,
    )


def neutral_title(locale: str = FALLBACK_LOCALE) -> str:
    """What a notification or a lock screen may show of a discreet nudge, and nothing more."""
    title: str = _texts(locale)["neutral_title"]
    return title


def about(audience: Audience, locale: str = FALLBACK_LOCALE) -> dict[str, str]:
    """Three texts for the host's settings: ``what_this_does``, ``why_am_i_seeing_this``,
    ``what_is_kept``.
    """
    return dict(_texts(locale)["about"][audience])


def to_dict(nudge: Nudge) -> dict[str, Any]:
    """The nudge as plain JSON values, for hosts in other languages: ``nudge.schema.json``."""
    plain = asdict(nudge)
    plain["reasons"] = list(plain["reasons"])
    plain["actions"] = list(plain["actions"])
    return plain


def catalogue(locale: str = FALLBACK_LOCALE, *, region: str | None = None) -> list[dict[str, Any]]:
    """Every nudge text of a locale, for reviewers and translators; placeholders are filled.

    Returns:
        One dictionary a text with ``id``, ``locale``, ``audience``, ``framing``, ``risk``,
        ``level``, ``who`` (``usual`` or ``close``), ``title``, ``body``, ``actions``, ``reviewed``
        (whether a native speaker has reviewed it).
    """
    texts = _texts(locale)
    rows = []
    for framing, entries in texts["nudges"].items():
        for copy_id, entry in entries.items():
            risk, level, *close, audience = copy_id.split(".")
            who: Who = "close" if close else "usual"
            actions = _actions(texts, risk, level, who, audience, (), region)
            rows.append(
                {
                    "id": copy_id,
                    "locale": texts["locale"],
                    "audience": audience,
                    "framing": framing,
                    "risk": risk,
                    "level": level,
                    "who": who,
                    "title": entry["title"],
                    "body": _filled(entry["body"], texts, region),
                    "actions": [asdict(action) for action in actions],
                    "reviewed": texts["reviewed"],
                }
            )
    return rows


def _copy_id(risk: str, level: str, who: Who, audience: str) -> str:
    return ".".join((risk, level, *(("close",) if who == "close" else ()), audience))


def _actions(
    texts: Mapping[str, Any],
    risk: RiskKind,
    level: str,
    who: Who,
    audience: Audience,
    cues: tuple[str, ...],
    region: str | None,
) -> tuple[Action, ...]:
    special = {
        "get_help": _help(texts["locale"], risk, region),
        "learn_more": texts["learn_more"][audience][risk],
        "what_to_say": _reply(texts["replies"], cues),
    }
    made = []
    for action in _json("nudge_copy/layout.json")[who][risk][level]:
        words = texts["actions"][audience][action]
        if action == "tell_someone" and who == "close":
            words = texts["close_tell_someone"][audience]
        text = special.get(action, words.get("text"))
        made.append(Action(id=action, label=words["label"], text=text))
    return tuple(made)


def _reply(replies: Mapping[str, str], cues: tuple[str, ...]) -> str:
    """A suggested reply to the most telling cue that has one."""
    return next((replies[cue] for cue in cues if cue in replies), replies["default"])


def _region(country: str | None) -> dict[str, Any]:
    table = _json("help_contacts.json")
    name = table["countries"].get((country or "").upper(), table["fallback"])
    region: dict[str, Any] = table["regions"][name]
    return region


def _filled(body: str, texts: Mapping[str, Any], country: str | None) -> str:
    return body.format(help=_in(_region(country)["line"], texts["locale"]))


def _help(locale: str, risk: RiskKind, country: str | None) -> str:
    """The help contacts for a risk, one a line: name, how to reach it, whom it is for."""
    return "\n".join(
        f"{row['name']}: {_in(row['reach'], locale)} ({_in(row['scope'], locale)})"
        for row in _region(country)["contacts"]
        if risk in row["risks"]
    )


def _in(words: Mapping[str, str], locale: str) -> str:
    return words.get(locale, words[FALLBACK_LOCALE])


@cache
def _json(path: str) -> dict[str, Any]:
    text = resources.files("nudge_sdk").joinpath(path).read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(text)
    return table


def _texts(locale: str) -> dict[str, Any]:
    """Catalogue of a BCP 47 tag: its language where we have it, else English."""
    language = locale.replace("_", "-").split("-")[0].lower()
    return _json(f"nudge_copy/{language if language in _languages() else FALLBACK_LOCALE}.json")


@cache
def _languages() -> frozenset[str]:
    files = resources.files("nudge_sdk").joinpath("nudge_copy").iterdir()
    names = (file.name.partition(".") for file in files)
    return frozenset(stem for stem, _, kind in names if kind == "json" and stem != "layout")
