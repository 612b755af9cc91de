"""What a detector is, so that any classifier can be measured beside the shipped one.

A detector hears conversations and says after every message how risky the chat looks so far, for
each kind of risk. It sets no threshold: `fitting` does, alike for all, on training-side material.
Two laws hold, and a test holds every detector of this package to them:

* **causal**: the score after message i depends on messages 0..i alone, so that an early warning is
  early;
* **blind**: it hears what a phone would know (`blind`): never label, family, onset, harm or cues.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from nudge_harness.formats import ContactInfo, Conversation
from nudge_harness.replay import NOTHING, Assume, contact_of
from nudge_sdk.values import RISKS

Scores: TypeAlias = npt.NDArray[np.float32]
"""float32 ``(messages, kinds)`` in the order of `RISKS`, on any scale, higher is riskier; ``-inf``
for a kind that the detector never names."""

NEVER: Final = np.float32(-np.inf)


class Detector(Protocol):
    """A classifier of conversations."""

    @property
    def name(self) -> str:
        """Stable key: in file names and JSON."""
        ...

    @property
    def title(self) -> str:
        """For people: what it is, and what it sees."""
        ...

    def learn(self, chats: Sequence[Conversation]) -> None:
        """Learn from labelled training-side conversations, in place of what was learnt before;
        nothing to do for a fixed rule."""
        ...

    def hear(self, chats: Sequence[Conversation]) -> list[Scores]:
        """Scores of blind conversations, in their order."""
        ...


def blind(conversation: Conversation, assume: Assume = NOTHING) -> Conversation:
    """The conversation as a phone knows it: without labels, and with what is assumed filled in."""
    known = contact_of(conversation.contact, assume)
    age = conversation.user_age
    return Conversation(
        id=conversation.id,
        user_age=assume.user_age if age is None else age,
        contact=ContactInfo(
            relationship=known.relationship,
            days_known=known.days_known,
            claimed_age=known.claimed_age,
        ),
        messages=tuple(replace(turn, cues=()) for turn in conversation.messages),
    )


def from_contact(conversation: Conversation) -> npt.NDArray[np.bool_]:
    """Which messages the contact sent, bool ``(messages,)``."""
    return np.array([turn.sender == "contact" for turn in conversation.messages])


def one_kind(values: npt.NDArray[np.float32], kind: str) -> Scores:
    """Scores of a detector that knows one kind of risk only."""
    scores = np.full((len(values), len(RISKS)), NEVER, dtype=np.float32)
    scores[:, RISKS.index(kind)] = values
    return scores
