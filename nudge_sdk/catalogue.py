"""Every text that a young person may be shown, as a flat list for reviewers and translators.

Nudges come from `nudge_sdk.nudges.render` itself, so that what is listed is what would be shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final, get_args

from nudge_sdk import drafts
from nudge_sdk._copy import FRAMINGS, Texts, languages, texts_of
from nudge_sdk._private import PrivateKind
from nudge_sdk.nudges import Audience, about, render
from nudge_sdk.policy import Decision
from nudge_sdk.values import AgeBand, Contact, Framing, Level, Profile, RiskKind

_READER: Final[dict[Audience, AgeBand]] = {"under13": "10_12", "13to17": "13_15"}


def catalogue(*, locale: str | None = None, region: str | None = None) -> list[dict[str, Any]]:
    """List every text; placeholders are filled.

    Args:
        locale: only that of a BCP 47 tag (English, if there is no catalog for it); all when left
            out. Nothing falls back for want of a review here: drafts are what reviewers look for.
        region: country whose help lines are filled in; the worldwide directory when left out.

    Returns:
        One dictionary a text with ``id``, ``locale``, ``audience``, ``framing``, ``kind``
        (``nudge``, ``draft`` or ``about``), ``risk``, ``level``, ``who`` (``usual`` or ``close``;
        these three are ``None`` for a pause before sending and for a text about the SDK itself),
        ``title``, ``body``, ``actions``,
        ``reviewed`` (by a native speaker; English: by a safeguarding professional) and
        ``drafted_by`` (``project`` or ``machine``).
    """
    wanted = languages() if locale is None else (locale,)
    return [
        row
        for language in wanted
        for framing in FRAMINGS
        for row in _rows(texts_of(language, allow_unreviewed=True), framing, region)
    ]


def _rows(texts: Texts, framing: Framing, region: str | None) -> Iterator[dict[str, Any]]:
    for copy_id in texts["nudges"][framing]:
        yield _nudge(texts, framing, copy_id, region)
    for audience in _READER:
        yield from _pauses(texts, audience, framing)
        told = about(audience, texts["locale"], framing=framing, allow_unreviewed=True)
        for key, body in told.items():
            yield _row(texts, f"about.{key}.{audience}", audience, framing) | {
                "kind": "about",
                "title": texts["about_titles"][key],
                "body": body,
            }


def _nudge(texts: Texts, framing: Framing, copy_id: str, region: str | None) -> dict[str, Any]:
    risk: RiskKind
    level: Level
    audience: Audience
    risk, level, *close, audience = copy_id.split(".")  # type: ignore[assignment]  # see `nudges`
    profile = Profile(
        band=_READER[audience],
        region=region,
        locale=texts["locale"],
        allow_unreviewed=True,
        framing=framing,
    )
    decision = Decision(reason="nudge", risk=risk, level=level, presentation="card")
    contact = Contact(id="", relationship="family" if close else "friend")
    nudge = render(decision, profile, contact, None)
    return _row(texts, copy_id, audience, framing) | {
        "risk": risk,
        "level": level,
        "who": "close" if close else "usual",
        "title": nudge.title,
        "body": nudge.body,
        "actions": [asdict(action) for action in nudge.actions],
    }


def _pauses(texts: Texts, audience: Audience, framing: Framing) -> Iterator[dict[str, Any]]:
    """A pause reads the same in both framings."""
    profile = Profile(band=_READER[audience], locale=texts["locale"], allow_unreviewed=True)
    for kind in get_args(PrivateKind):
        pause = drafts.render((kind,), profile)
        yield _row(texts, pause.copy_id, audience, framing) | {
            "kind": "draft",
            "title": pause.title,
            "body": pause.body,
            "actions": [asdict(action) for action in pause.actions],
        }


def _row(texts: Texts, copy_id: str, audience: Audience, framing: Framing) -> dict[str, Any]:
    return {
        "id": copy_id,
        "locale": texts["locale"],
        "audience": audience,
        "framing": framing,
        "kind": "nudge",
        "risk": None,
        "level": None,
        "who": None,
        "title": "",
        "body": "",
        "actions": [],
        "reviewed": texts["reviewed"],
        "drafted_by": texts["drafted_by"],
    }
