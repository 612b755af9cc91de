"""The length-only baseline: a chat is as risky as it is long.

Risky chats tend to be longer (DESIGN.md, section 7, known confounds). A detector that cannot beat
this has learnt length, not risk. It names the first kind of risk whatever happens, so its share of
right kinds means nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from nudge_harness.formats import Conversation
from nudge_harness.peers.detector import Scores, one_kind
from nudge_sdk.values import RISKS


class Length:
    """Counts messages."""

    name: Final = "length"
    title: Final = "Length only: counts messages"

    def learn(self, chats: Sequence[Conversation]) -> None:
        """Nothing to learn."""

    def hear(self, chats: Sequence[Conversation]) -> list[Scores]:
        """Messages so far."""
        return [
            one_kind(np.arange(1, len(chat.messages) + 1, dtype=np.float32), RISKS[0])
            for chat in chats
        ]
