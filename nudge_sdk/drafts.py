"""Before sending: a quiet "pause before you share", when the chat's risk makes it unwise.

Theory of operation
-------------------
`Client.check_draft` is asked when the young person presses send. Three things have to come
together: the draft holds something private (`nudge_sdk._private`), words in this chat have raised a
risk in the last ``raised_for_days`` (`nudge_sdk.policy.unwise`), and the contact is neither family
nor a friend. The second comes from the memory, which holds a day for each kind of risk and no text;
reading it changes nothing, and nothing of the draft is kept.

A pause is advice. It is always shown inline, and the host's own send button stays where it is: the
SDK never blocks, delays or alters a message. Every text is chosen whole from the catalogue.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from nudge_sdk import nudges
from nudge_sdk._copy import Texts
from nudge_sdk._private import PrivateKind
from nudge_sdk.values import Action, Profile

_ACTIONS: Final = ("what_to_say", "learn_more", "dismiss")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """A quiet pause for the device's own user, before something private is sent. For nobody else.

    Attributes:
        found: kinds of private things in the draft, the weightiest first.
        presentation: always ``inline``, beside the draft.
        discreet: always: nothing of it on a lock screen or in a notification.
        title, body: the copy, in the profile's locale and reading level.
        reasons: what was found, in plain words, in the order of ``found``.
        actions: ``what_to_say`` (a reply in place of the draft), ``learn_more``, ``dismiss``.
        accessibility_label: one sentence for a screen reader.
        copy_id: which text this is.
    """

    found: tuple[PrivateKind, ...]
    title: str
    body: str
    reasons: tuple[str, ...]
    actions: tuple[Action, ...]
    accessibility_label: str
    copy_id: str
    presentation: Literal["inline"] = "inline"
    discreet: Literal[True] = True


def render(found: tuple[PrivateKind, ...], profile: Profile) -> Pause:
    """The pause for what was found.

    Args:
        found: at least one kind, the weightiest first.
        profile: gives the reading level and the locale.
    """
    audience = nudges.audience_of(profile.age_band)
    texts = nudges.draft_texts(audience, profile.locale, allow_unreviewed=profile.allow_unreviewed)
    title = texts["title"]
    return Pause(
        found=found,
        title=title,
        body=texts["body"][found[0]],
        reasons=tuple(texts["reasons"][kind] for kind in found),
        actions=_actions(texts),
        accessibility_label=texts["accessibility"].format(title=title),
        copy_id=f"draft.{found[0]}.{audience}",
    )


def to_dict(pause: Pause) -> dict[str, Any]:
    """The pause as plain JSON values, for hosts in other languages: ``pause.schema.json``."""
    plain = asdict(pause)
    return {key: list(value) if isinstance(value, tuple) else value for key, value in plain.items()}


def _actions(texts: Texts) -> tuple[Action, ...]:
    spoken = {"what_to_say": texts["reply"], "learn_more": texts["learn_more"]}
    return tuple(
        Action(id=name, label=texts["labels"][name]["label"], text=spoken.get(name))
        for name in _ACTIONS
    )
