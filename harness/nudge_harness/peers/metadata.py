"""The metadata-only baseline: who the contact is, how old, and when messages come. No word.

Ali et al. 2023 ("Getting Meta") found metadata best at telling risky chats from others, so this is
a serious rival and not a straw man: a logistic regression over the SDK's own context vector
(`nudge_sdk._context`), with the share and pace of the contact's messages so far. The chat's length
is left out, as it is a baseline of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from nudge_harness.formats import Conversation
from nudge_harness.peers.detector import Scores, from_contact
from nudge_harness.peers.heads import Floats, Heads, lessons
from nudge_harness.replay import NOTHING, contact_of
from nudge_sdk._context import context_vector
from nudge_sdk.values import Profile

_GAP_AT: Final = (
    26  # the one entry that differs from message to message, beside who speaks and kind
)


class Metadata:
    """Logistic heads over metadata. See `Heads` for errors."""

    name: Final = "metadata"
    title: Final = "Metadata only: logistic regression"

    def __init__(self) -> None:
        self._heads = Heads()

    def learn(self, chats: Sequence[Conversation]) -> None:
        """Fit on every message up to the harm."""
        used, kinds = lessons(chats)
        features = np.concatenate([metadata_of(chat) for chat in chats])
        self._heads.fit(features[used], kinds[used])

    def hear(self, chats: Sequence[Conversation]) -> list[Scores]:
        """Probability of each kind."""
        return [self._heads(metadata_of(chat)) for chat in chats]


def metadata_of(chat: Conversation) -> Floats:
    """Features after each message, float32 ``(messages, 35)``: the context vector, then the
    contact's share of the messages so far, the contact's messages in a row, and the mean gap."""
    contact = contact_of(chat.contact, NOTHING)
    band = Profile(age=chat.user_age).age_band
    times = [turn.t for turn in chat.messages]
    gaps = [None, *np.diff(times).tolist()]
    context = np.stack(
        [
            context_vector(
                from_contact=turn.sender == "contact",
                contact=contact,
                band=band,
                kind=turn.kind,  # type: ignore[arg-type]  # checked at the border
                gap=gap,
            )
            for turn, gap in zip(chat.messages, gaps, strict=True)
        ]
    )
    sent = from_contact(chat)
    count = np.arange(1, len(sent) + 1)
    row, in_a_row = 0, []
    for own in sent:
        row = row + 1 if own else 0
        in_a_row.append(np.log1p(row))
    pace = np.cumsum(context[:, _GAP_AT]) / count
    extra = np.stack([np.cumsum(sent) / count, np.asarray(in_a_row), pace], axis=1)
    return np.concatenate([context, extra], axis=1).astype(np.float32)
