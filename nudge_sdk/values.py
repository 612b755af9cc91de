"""Frozen values that cross the border of the SDK, checked once, here.

Inner code trusts them: whatever is wrong with an argument raises `UsageError` when the value is
made. No ``repr`` shows message text or an identifier.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, get_args

from nudge_sdk._checks import check_choice, check_number, check_str, check_whole
from nudge_sdk._stays import Stays
from nudge_sdk.errors import UsageError

RiskKind: TypeAlias = Literal["grooming", "adult_content", "coercion", "scam_lure"]
Level: TypeAlias = Literal["gentle", "strong"]
Switch: TypeAlias = Literal["off", "gentle", "full"]
Answer: TypeAlias = Literal["fine", "help"]
Relationship: TypeAlias = Literal[
    "stranger",
    "new_contact",
    "online_friend",
    "friend",
    "classmate",
    "family",
    "school_or_club",
]
EventKind: TypeAlias = Literal["text", "image", "video", "voice", "link", "call"]
Framing: TypeAlias = Literal["support", "caution"]
AgeBand: TypeAlias = Literal["under_10", "10_12", "13_15", "16_17", "adult"]

RISKS: Final = get_args(RiskKind)
"""Conversation-level risks, in the order of the graph's ``risk`` output (DESIGN.md, section 4)."""

RELATIONSHIPS: Final = get_args(Relationship)
EVENT_KINDS: Final = get_args(EventKind)
AGE_BANDS: Final = get_args(AgeBand)
SWITCHES: Final = get_args(Switch)

CUES: Final = (
    "age_probe",
    "personal_info_probe",
    "alone_probe",
    "secrecy",
    "isolation",
    "flattery_bond",
    "gift_offer",
    "platform_move",
    "image_request",
    "meet_request",
    "adult_content",
    "threat",
    "pressure",
    "age_gap",
    "safety_advice",
    "refusal_respected",
    "adult_oversight",
)
"""Message-level cues, in the order of the graph's ``cues`` output (DESIGN.md, section 4)."""

RISK_CUES: Final = CUES[:14]
"""The cues that raise risk; the other three lower it."""

USUAL_AGE: Final = {"under_10": 8.0, "10_12": 11.0, "13_15": 14.0, "16_17": 16.0, "adult": 25.0}
"""An age in years that stands for a band where no age is known."""

_FIRST: Final = 0  # revision as sent
MAX_AGE: Final = 130  # years
MAX_DAYS_KNOWN: Final = 47_500  # days: 130 years


def age_band(age: int) -> AgeBand:
    """Band of the UK Children's Code for an age in whole years (ICO, Annex B)."""
    if age < 10:
        return "under_10"
    if age <= 12:
        return "10_12"
    if age <= 15:
        return "13_15"
    return "16_17" if age <= 17 else "adult"


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """The young person whose device this is. Profile, not signal: it never leaves the client.

    ``age`` (whole years) or ``band``, else 13 to 15. ``region``: ISO 3166-1 alpha-2 (help lines);
    ``locale``: BCP 47 (copy), English where unreviewed, unless ``allow_unreviewed``.

    Raises:
        UsageError: both or an impossible age, a malformed region or locale, an unknown framing.
    """

    age: int | None = None
    band: AgeBand | None = None
    region: str | None = None
    locale: str = "en"
    allow_unreviewed: bool = False
    framing: Framing = "support"

    def __post_init__(self) -> None:
        if self.age is not None:
            check_whole(self.age, "age", 0, MAX_AGE)
            if self.band is not None:
                raise UsageError("give age or band, not both")
        if self.band is not None:
            check_choice(self.band, AGE_BANDS, "band")
        check_str(self.locale, "locale")
        check_choice(self.framing, get_args(Framing), "framing")
        if not isinstance(self.allow_unreviewed, bool):
            raise UsageError("allow_unreviewed must be a bool")
        if self.region is not None:
            check_str(self.region, "region")
            if len(self.region) != 2 or not (self.region.isascii() and self.region.isalpha()):
                raise UsageError("region must be a two-letter country code")

    @property
    def age_band(self) -> AgeBand:
        """The band that copy and policy go by."""
        return self.band or ("13_15" if self.age is None else age_band(self.age))


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact(Stays):
    """What the host app knows of the person who writes. Every field but ``id`` may be unknown.

    Args:
        id: the sender's stable identifier; in a group, each sender's own.
        relationship: who they are to the young person.
        days_known: days since the first contact, at the conversation's first message.
        claimed_age: the age that the contact or the platform states, whole years.
        band: the age band that the platform knows (`nudge_sdk.age`); it counts for more than an age
            that is only claimed.
        in_group: whether others read along.

    Raises:
        UsageError: an unknown relationship, or a number out of range.
    """

    id: str = field(repr=False)
    relationship: Relationship | None = None
    days_known: float | None = None
    claimed_age: float | None = None
    band: AgeBand | None = None
    in_group: bool | None = None

    def __post_init__(self) -> None:
        check_str(self.id, "contact.id")
        if self.relationship is not None:
            check_choice(self.relationship, RELATIONSHIPS, "contact.relationship")
        if self.days_known is not None:
            check_number(self.days_known, "contact.days_known", 0, MAX_DAYS_KNOWN)
        if self.claimed_age is not None:
            check_number(self.claimed_age, "contact.claimed_age", 0, MAX_AGE)
        if self.band is not None:
            check_choice(self.band, AGE_BANDS, "contact.band")
        if self.in_group is not None and not isinstance(self.in_group, bool):
            raise UsageError("contact.in_group must be a bool")

    @property
    def age(self) -> float | None:
        """Age in years to go by: the claimed one, unless the platform's band contradicts it."""
        if self.band is None:
            return self.claimed_age
        if self.claimed_age is not None and age_band(int(self.claimed_age)) == self.band:
            return self.claimed_age
        return USUAL_AGE[self.band]


@dataclass(frozen=True, slots=True)
class Message(Stays):
    """One decrypted message.

    Args:
        text: any Python string: empty, lone surrogates and NUL included.
        id: the host's identifier of the message. A repeated (id, revision) changes nothing. Without
            an id every call counts as a new message.
        sent_at: when it was sent, seconds since the Unix epoch; unknown means now.
        kind: what arrived. The SDK never opens anything but ``text``.
        revision: 0 for the message as first sent, 1 for its first edit, and so on.

    Raises:
        UsageError: a wrong type, an unknown kind, a negative revision.
    """

    text: str = field(repr=False)
    id: str | None = field(default=None, repr=False)
    sent_at: float | None = field(default=None, repr=False)
    kind: EventKind = "text"
    revision: int = 0

    def __post_init__(self) -> None:
        check_str(self.text, "message.text")
        if self.id is not None:
            check_str(self.id, "message.id")
        if self.sent_at is not None and (
            isinstance(self.sent_at, bool) or not isinstance(self.sent_at, (int, float))
        ):
            raise UsageError("message.sent_at must be a number")
        if self.kind != "text":
            check_choice(self.kind, EVENT_KINDS, "message.kind")
        if self.revision is not _FIRST:
            check_whole(self.revision, "message.revision", 0, 2**31 - 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """What the young person can do next. ``id`` is stable, ``label`` is what the button says,
    ``text`` a suggested reply, something to read, or a text for the host's own share sheet.
    """

    id: str
    label: str
    text: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Nudge:
    """A gentle warning for the device's own user, ready to be shown. For nobody else.

    Attributes:
        risk: the kind of risk that the nudge is about.
        level: ``gentle`` or ``strong``.
        presentation: advice: ``inline``, ``card`` or ``cover`` (hide the message until a tap).
        discreet: where others may look on, show ``neutral_title`` only; on a lock screen or in a
            notification, nothing.
        neutral_title: says that there is a tip, and not what about.
        title, body: the copy, in the profile's locale and reading level.
        reasons: what was noticed, in plain words, most telling first.
        actions: what can be done next; ``dismiss`` is always among them.
        accessibility_label: one sentence for a screen reader.
        message_id: of the message on whose arrival the nudge appears. copy_id: which text this is.
        locale, direction: of the texts; a BCP 47 tag, and ``ltr`` or ``rtl``.
    """

    risk: RiskKind
    level: Level
    presentation: Literal["inline", "card", "cover"]
    discreet: bool
    neutral_title: str
    title: str
    body: str
    reasons: tuple[str, ...]
    actions: tuple[Action, ...]
    accessibility_label: str
    copy_id: str
    locale: str
    direction: Literal["ltr", "rtl"]
    message_id: str | None = field(default=None, repr=False)
