"""The conversation format of DESIGN.md, section 5: what is scored, and what is known about it.

Times: ``t`` counts seconds from the first message. A missing time is 60 s after the message before;
a decreasing one is raised to it; a first time that is not 0 is taken as the origin; beyond 100
years a time stays at 100 years. So every message has a time, and times never decrease.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nudge_harness.errors import FieldError
from nudge_harness.formats import checks
from nudge_harness.formats.lines import write_lines
from nudge_harness.formats.reader import Reader, Unknown, report_unknown
from nudge_sdk.values import EVENT_KINDS, MAX_AGE, MAX_DAYS_KNOWN, RELATIONSHIPS

PACE: Final = 60.0  # seconds a message, when the file has no time
MAX_TIME: Final = 100 * 365.25 * 86_400.0  # seconds: 100 years
SENDERS: Final = ("contact", "user")

_CONVERSATION_FIELDS: Final = frozenset(
    ("id", "lang", "label", "family", "user_age", "contact", "messages", "onset", "harm")
)
_CONTACT_FIELDS: Final = frozenset(("relationship", "days_known", "claimed_age"))
_TURN_FIELDS: Final = frozenset(("from", "t", "text", "kind", "cues"))
_KINDS: Final = frozenset(EVENT_KINDS)


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactInfo:
    """What a file says of the contact; ``None`` is unknown.

    ``days_known``: days, at the first message. ``claimed_age``: years.
    """

    relationship: str | None = None
    days_known: float | None = None
    claimed_age: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """One message. ``sender`` is ``contact`` or ``user``; ``t`` in seconds, at least 0."""

    sender: str
    text: str = field(repr=False)
    t: float
    kind: str = "text"
    cues: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversation:
    """One line of a file.

    ``label``, ``family``, ``onset`` and ``harm`` are for evaluation only: they never reach the
    engine. ``onset`` and ``harm`` are indices into ``messages``.
    """

    id: str
    messages: tuple[Turn, ...]
    lang: str | None = None
    label: str | None = None
    family: str | None = None
    user_age: int | None = None
    contact: ContactInfo = ContactInfo()
    onset: int | None = None
    harm: int | None = None


def conversation_from(value: object, unknown: Unknown = lambda _: None) -> Conversation:
    """Check one line's object and give it its type.

    Args:
        value: what the JSON parser gave.
        unknown: told the path of each field that the format does not know.

    Raises:
        FieldError: names the field and the rule, never the text.
    """
    source = checks.an_object(value, "")
    if not source.keys() <= _CONVERSATION_FIELDS:
        report_unknown(source, _CONVERSATION_FIELDS, "", unknown)
    name = checks.identifier(source)
    messages = _turns(source, unknown)
    return Conversation(
        id=name,
        messages=messages,
        lang=checks.optional_str(source, "lang", "lang"),
        label=checks.optional_str(source, "label", "label"),
        family=checks.optional_str(source, "family", "family"),
        user_age=checks.whole(source, "user_age", "user_age", MAX_AGE),
        contact=_contact(source.get("contact"), unknown),
        onset=_index(source, "onset", len(messages)),
        harm=_index(source, "harm", len(messages)),
    )


def _contact(value: object, unknown: Unknown) -> ContactInfo:
    if value is None:
        return ContactInfo()
    source = checks.an_object(value, "contact")
    if not source.keys() <= _CONTACT_FIELDS:
        report_unknown(source, _CONTACT_FIELDS, "contact.", unknown)
    relationship = source.get("relationship")
    if relationship is not None:
        checks.choice(relationship, RELATIONSHIPS, "contact.relationship")
    return ContactInfo(
        relationship=relationship,
        days_known=checks.number(source, "days_known", "contact.days_known", 0, MAX_DAYS_KNOWN),
        claimed_age=checks.number(source, "claimed_age", "contact.claimed_age", 0, MAX_AGE),
    )


def _index(source: dict[str, Any], key: str, count: int) -> int | None:
    at = checks.whole(source, key, key)
    if at is not None and at >= count:
        raise FieldError(key, f"is past the last of {count} messages")
    return at


def _turns(source: dict[str, Any], unknown: Unknown) -> tuple[Turn, ...]:
    if source.get("messages") is None:
        raise FieldError("messages", "is missing")
    items = checks.a_list(source["messages"], "messages")
    if not items:
        raise FieldError("messages", "is empty")
    turns, origin, newest = [], 0.0, 0.0
    for at, item in enumerate(items):
        if type(item) is not dict:
            raise FieldError(f"messages[{at}]", "must be an object")
        if not item.keys() <= _TURN_FIELDS:
            report_unknown(item, _TURN_FIELDS, "messages[].", unknown)
        time = _time(item.get("t"), at)
        if at == 0:
            origin = time or 0.0
        elif time is None:
            newest = min(newest + PACE, MAX_TIME)
        else:
            newest = max(newest, min(time - origin, MAX_TIME))
        turns.append(_turn(item, at, newest))
    return tuple(turns)


def _time(value: object, at: int) -> float | None:
    if value is None:
        return None
    if type(value) is not int and type(value) is not float:
        raise FieldError(f"messages[{at}].t", "must be a number of seconds")
    return float(min(max(value, -MAX_TIME), MAX_TIME))


def _turn(item: dict[str, Any], at: int, t: float) -> Turn:
    sender, text, kind = item.get("from"), item.get("text"), item.get("kind")
    if sender not in SENDERS:
        rule = "is missing" if sender is None else "must be contact or user"
        raise FieldError(f"messages[{at}].from", rule)
    if kind is None:
        kind = "text"
    elif type(kind) is not str or kind not in _KINDS:
        raise FieldError(f"messages[{at}].kind", f"must be one of {', '.join(EVENT_KINDS)}")
    if type(text) is not str:
        if text is not None:
            raise FieldError(f"messages[{at}].text", "must be a string")
        if kind == "text":
            raise FieldError(f"messages[{at}].text", "is missing")
        text = ""
    cues = () if item.get("cues") is None else checks.strings(item, "cues", f"messages[{at}].cues")
    return Turn(sender=sender, text=text, t=t, kind=kind, cues=cues)


def conversation_to(conversation: Conversation) -> dict[str, Any]:
    """The object of one line; reading it back gives the same conversation."""
    contact = {
        "relationship": conversation.contact.relationship,
        "days_known": _plain(conversation.contact.days_known),
        "claimed_age": _plain(conversation.contact.claimed_age),
    }
    head = {
        "id": conversation.id,
        "lang": conversation.lang,
        "label": conversation.label,
        "family": conversation.family,
        "user_age": conversation.user_age,
        "contact": {key: value for key, value in contact.items() if value is not None} or None,
        "messages": [_turn_to(turn) for turn in conversation.messages],
    }
    known = {key: value for key, value in head.items() if value is not None}
    return {**known, "onset": conversation.onset, "harm": conversation.harm}


def _turn_to(turn: Turn) -> dict[str, Any]:
    item: dict[str, Any] = {"from": turn.sender, "t": _plain(turn.t), "text": turn.text}
    if turn.kind != "text":
        item["kind"] = turn.kind
    if turn.cues:
        item["cues"] = list(turn.cues)
    return item


def _plain(value: float | None) -> float | None:
    return int(value) if value is not None and value == int(value) else value


def read_conversations(path: str | Path, *, keep_going: bool = False) -> Reader[Conversation]:
    """Stream conversations from JSON Lines, plain or gzip; see `Reader` for errors and skips."""
    return Reader(path, conversation_from, keep_going=keep_going)


def write_conversations(path: str | Path, conversations: Iterable[Conversation]) -> int:
    """Write conversations as JSON Lines, gzip when the name ends in ``.gz``; return how many.

    Raises:
        FormatError: the file cannot be written.
    """
    return write_lines(path, map(conversation_to, conversations))
