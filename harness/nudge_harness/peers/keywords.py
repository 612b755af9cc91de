"""The keyword baseline: about 140 patterns and a memory, as a careful engineer would build it.

No model reads the text. The message is made plain, each cue of the SDK has a list of patterns
(``keywords.toml``, leaflet level), the memory of `memory` puts the chat together, and what each cue
is worth for each kind of risk is learnt on the training side by the heads of `heads`, because
weights by hand would make a straw man. It sees words and their order only.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import Final

import numpy as np

from nudge_harness.formats import Conversation
from nudge_harness.peers.detector import Scores, from_contact
from nudge_harness.peers.heads import Floats, Heads, lessons
from nudge_harness.peers.memory import shown_so_far
from nudge_sdk.values import CUES

_SPELLING: Final = {
    "u": "you", "ya": "you", "ur": "your", "yr": "your", "r": "are", "da": "the", "d": "the",
    "im": "im", "pls": "please", "plz": "please", "n": "and", "w": "with", "wat": "what",
    "wot": "what", "dnt": "dont", "abt": "about", "rly": "really", "rn": "right now", "2": "to",
    "4": "for", "b4": "before", "ppl": "people", "any1": "anyone", "every1": "everyone",
    "no1": "no one", "sum1": "someone", "cuz": "cause", "bc": "cause", "tho": "though",
}  # fmt: skip
_REPEATED: Final = re.compile(r"([a-z])\1{2,}")


@cache
def patterns() -> dict[str, tuple[re.Pattern[str], ...]]:
    """The patterns by cue."""
    raw = resources.files(__package__).joinpath("keywords.toml").read_text(encoding="utf-8")
    listed: dict[str, list[str]] = tomllib.loads(raw)
    return {
        cue: tuple(
            re.compile(r"(?<!\w)(?:" + own.replace(" _ ", r" (?:\w+ ){0,3}?") + r")(?!\w)")
            for own in listed[cue]
        )
        for cue in CUES
    }


def plain(text: str) -> str:
    """The words of a message, ready for the patterns.

    A stretched word may mean one letter or two ("secreeet", "meeeet"), so a message that has one
    comes out twice, on two lines: no pattern reaches over a line.
    """
    folded = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(c for c in folded if not unicodedata.combining(c) and c not in "'’‘`")
    readings = dict.fromkeys(_REPEATED.sub(letters, kept) for letters in (r"\1", r"\1\1"))
    return "\n".join(map(_words, readings))


def _words(text: str) -> str:
    return " ".join(_SPELLING.get(word, word) for word in re.findall(r"[\w+]+", text))


@lru_cache(maxsize=50_000)
def cues_in(text: str) -> Floats:
    """Which cues a message shows, float32 ``(cues,)`` of 0 and 1."""
    words = plain(text)
    found = [any(own.search(words) for own in patterns()[cue]) for cue in CUES]
    return np.array(found, dtype=np.float32)


class Keywords:
    """Patterns, memory and heads. See `Heads` for errors."""

    name: Final = "keywords"
    title: Final = "Keyword list: words only"

    def __init__(self) -> None:
        self._heads = Heads()

    def learn(self, chats: Sequence[Conversation]) -> None:
        """Fit what the cues so far are worth, on every message up to the harm."""
        used, kinds = lessons(chats)
        shown = np.concatenate([shown_by(chat) for chat in chats])
        self._heads.fit(shown[used], kinds[used])

    def hear(self, chats: Sequence[Conversation]) -> list[Scores]:
        """Probability of each kind."""
        return [self._heads(shown_by(chat)) for chat in chats]


def shown_by(chat: Conversation) -> Floats:
    """What the contact has shown after each message, float32 ``(messages, 3 cues)``."""
    found = np.zeros((len(chat.messages), len(CUES)), dtype=np.float32)
    contact = from_contact(chat)
    for at in np.flatnonzero(contact).tolist():
        found[at] = cues_in(chat.messages[at].text)
    return shown_so_far(found, contact)
