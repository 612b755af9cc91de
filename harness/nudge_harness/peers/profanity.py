"""alt-profanity-check: a linear classifier of rude text, as chat platforms often use.

Source: PyPI ``alt-profanity-check`` (MIT), a linear support vector machine over words, trained on
public comment sets. It knows no conversation, so the score of a chat is the highest probability of
the contact's messages so far; what it finds is named ``adult_content``, the nearest kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from nudge_harness.errors import UsageError
from nudge_harness.formats import Conversation
from nudge_harness.peers.detector import Scores, from_contact, one_kind


class Profanity:
    """The highest probability of rude text so far.

    Raises:
        UsageError: the package is not installed (extra ``peers``).
    """

    name: Final = "profanity"
    title: Final = "alt-profanity-check: rude text"

    def __init__(self) -> None:
        try:
            from profanity_check import predict_prob
        except ImportError:
            raise UsageError(
                "the profanity peer needs: pip install 'nudge-harness[peers]'"
            ) from None
        self._probability = predict_prob

    def learn(self, chats: Sequence[Conversation]) -> None:
        """Nothing to learn: the package brings its weights."""

    def hear(self, chats: Sequence[Conversation]) -> list[Scores]:
        """Running maximum over the contact's messages."""
        texts = [t.text for chat in chats for t in chat.messages if t.sender == "contact"]
        found = self._probability(texts) if texts else np.zeros(0)
        scores, start = [], 0
        for chat in chats:
            contact = from_contact(chat)
            count = int(contact.sum())
            heard = np.zeros(len(contact), dtype=np.float32)
            heard[contact] = found[start : start + count]
            scores.append(one_kind(np.maximum.accumulate(heard), "adult_content"))
            start += count
        return scores
