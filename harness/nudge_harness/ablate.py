"""Ablation: what the detector may not know or remember, one feature at a time (``--without``).

Something is taken away from the shipped model as a phone would lose it: a field becomes unknown, a
memory is never kept. Nothing is fitted again, so the result is what the shipped model owes to the
feature, not the best that could be done without it; the frontier study fits again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from nudge_harness.errors import UsageError
from nudge_harness.formats import ContactInfo, Conversation

FEATURES: Final = {
    "relationship": "who the contact is becomes unknown",
    "days_known": "how long the contact has been known becomes unknown",
    "claimed_age": "the contact's age becomes unknown",
    "user_age": "the young person's age becomes unknown, which means 13 to 15",
    "kind": "a picture, a call or a link looks like a text without words",
    "time": "messages come one a minute, in their order",
    "sent": "the young person's own messages are not heard",
    "memory": "the graph forgets after every message",
}
"""Feature to what taking it away means."""


def features_from(names: Iterable[str]) -> frozenset[str]:
    """The features that options name, each with commas or alone.

    Raises:
        UsageError: there is no such feature.
    """
    found = frozenset(name.strip() for given in names for name in given.split(","))
    if unknown := found - FEATURES.keys():
        known = ", ".join(FEATURES)
        raise UsageError(f"--without: no feature {min(unknown)[:40]!a}; there are {known}")
    return found


def taken_away(conversation: Conversation, without: frozenset[str]) -> Conversation:
    """The conversation without fields of the file; what is no field is the replay's business."""
    if not without:
        return conversation
    contact = conversation.contact
    return replace(
        conversation,
        user_age=None if "user_age" in without else conversation.user_age,
        contact=ContactInfo(
            relationship=None if "relationship" in without else contact.relationship,
            days_known=None if "days_known" in without else contact.days_known,
            claimed_age=None if "claimed_age" in without else contact.claimed_age,
        ),
        messages=tuple(
            replace(turn, kind="text") if "kind" in without else turn
            for turn in conversation.messages
        ),
    )
