"""Chats for the toy graph, and texts as hostile as Python allows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import strategies as st

from nudge_sdk.values import EVENT_KINDS, RELATIONSHIPS, Contact, Message
from tests import toy

WORDS = st.text(alphabet=[*toy.LETTERS[:-2], *"abc efg"], max_size=12)
LONG = st.builds(lambda text, times: text * times, WORDS, st.integers(1, 60))
ANYTHING = st.text(alphabet=st.characters(exclude_categories=()), max_size=200)
"""Any code points: lone surrogates, NUL, unassigned, right-to-left marks."""

HOSTILE = st.one_of(
    ANYTHING,
    st.sampled_from(
        [
            "",
            "\0",
            "\ud800",
            "\udfff" * 300,
            "\u202e\u2066\u200f",
            "\u200b" * 500,
            "\U0001f602" * 500,
            "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 50,
            "Z\u0351" * 300,
            "\U0010ffff",
            "a" * 100_000,
            "T" + "b" * 99_999,
        ]
    ),
)

CONTACTS = st.builds(
    Contact,
    id=st.sampled_from(["kai", "mia", "", "\ud800", "\0"]),
    relationship=st.sampled_from([None, *RELATIONSHIPS]),
    days_known=st.none() | st.floats(0, 47_500),
    claimed_age=st.none() | st.floats(0, 130),
    in_group=st.none() | st.booleans(),
)


@dataclass(frozen=True)
class Turn:
    """One message of a chat: who says it, what, and when."""

    message: Message
    own: bool
    backfill: bool
    now: float


@st.composite
def chats(draw: st.DrawFn, *, most: int = 12) -> list[Turn]:
    """A chat on the toy graph; ids repeat now and then, times run forward."""
    now = 1_800_000_000.0
    turns = []
    for _ in range(draw(st.integers(0, most))):
        now += draw(st.sampled_from([0.0, 5.0, 600.0, 7200.0, 90_000.0]))
        message = Message(
            draw(st.one_of(WORDS, LONG)),
            id=draw(st.sampled_from([None, None, "1", "2"])),
            kind=draw(st.sampled_from(EVENT_KINDS)),
            sent_at=draw(st.sampled_from([None, None, now - 60, now + 60, now - 200_000])),
            revision=draw(st.sampled_from([0, 0, 0, 1])),
        )
        turns.append(
            Turn(message, draw(st.booleans()), draw(st.sampled_from([False] * 5 + [True])), now)
        )
    return turns


def renamed(turns: list[Turn], prefix: str) -> list[Turn]:
    """The same chat with ids of its own, so that no message repeats."""
    return [
        replace(turn, message=replace(turn.message, id=f"{prefix}{i}"))
        for i, turn in enumerate(turns)
    ]
