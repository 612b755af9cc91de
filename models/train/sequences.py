"""Conversations as the conversation level sees them: contexts and word rows, in message order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from nudge_harness.formats import Conversation

from models.train.fit_conversations import ConversationData, Span
from models.train.fit_messages import encode
from models.train.net import MessageNet
from models.train.reader import WordReader
from nudge_sdk._context import context_vector
from nudge_sdk.values import RISKS, Contact, age_band

View: TypeAlias = Literal["as_is", "text", "stranger"]
"""How the contact's facts are shown: as given, all unknown, or the worst case that
``--assume relationship=stranger,days_known=0,user_age=12`` makes of an unknown contact."""


def contexts(conversation: Conversation, view: View) -> npt.NDArray[np.float32]:
    """float32 ``(messages, 32)``."""
    info, age = conversation.contact, conversation.user_age
    contact: Contact | None = Contact(
        id="",
        relationship=info.relationship,  # type: ignore[arg-type]
        days_known=info.days_known,
        claimed_age=info.claimed_age,
    )
    if view == "text":
        contact = None
    elif view == "stranger":
        contact = Contact(
            id="",
            relationship=info.relationship or "stranger",  # type: ignore[arg-type]
            days_known=0.0 if info.days_known is None else info.days_known,
            claimed_age=info.claimed_age,
        )
        age = age or 12
    band = "13_15" if age is None else age_band(age)
    rows: list[npt.NDArray[np.float32]] = []
    newest: float | None = None
    for turn in conversation.messages:
        gap = None if newest is None or view == "text" else max(turn.t - newest, 0.0)
        newest = turn.t if newest is None else max(newest, turn.t)
        rows.append(
            context_vector(
                from_contact=turn.sender == "contact",
                contact=contact,
                band=band,  # type: ignore[arg-type]
                kind=None if view == "text" else turn.kind,  # type: ignore[arg-type]
                gap=gap,
            )
        )
    return np.stack(rows)


def sequences(
    conversations: Sequence[Conversation],
    views: Sequence[View],
    reader: WordReader,
    net: MessageNet,
    weights: Sequence[float] | None = None,
) -> ConversationData:
    """Encode conversations, one view each; the reader's table may grow."""
    texts = [turn.text for c in conversations for turn in c.messages]
    rows = reader.read(texts)
    context = np.concatenate(
        [contexts(c, view) for c, view in zip(conversations, views, strict=True)]
    )
    gist, cues = encode(net, rows, context, reader.table())
    items, start = [], 0
    for i, conversation in enumerate(conversations):
        items.append(
            Span(
                start=start,
                length=len(conversation.messages),
                risk=RISKS.index(conversation.label) if conversation.label in RISKS else -1,
                onset=-1 if conversation.onset is None else conversation.onset,
                harm=-1 if conversation.harm is None else conversation.harm,
                weight=1.0 if weights is None else weights[i],
            )
        )
        start += len(conversation.messages)
    return ConversationData(gist=gist, cues=cues, context=context, items=items)
