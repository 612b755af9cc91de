"""Everything that decides what the training line makes, beside the material."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.train.calibrate import Budget
from models.train.fit_conversations import ConversationRecipe
from models.train.fit_messages import MessageRecipe
from models.train.lexicon import LexiconSizes
from models.train.shape import NetSizes


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Everything that decides what comes out, beside the material.

    ``chats``: generated conversations for each fold. ``foreign``: texts of other languages.
    ``real_share``: of the real messages that one encoder sees. ``chitchat``: conversations of the
    chit-chat dataset. ``explicit``: carriers for each explicit word. ``beside``: share of asks that
    stand beside something ordinary. ``doubt``: low and high of `models.train.doubt`. ``every``:
    only each n-th text is learned from.
    """

    seed: int = 7
    chats: int = 3_500
    foreign: int = 6_000
    real_share: float = 0.7
    chitchat: int = 900
    explicit: int = 5
    beside: float = 0.25
    doubt: tuple[float, float] = (0.2, 0.8)
    every: int = 1
    lexicon: LexiconSizes = field(default_factory=LexiconSizes)
    net: NetSizes = field(default_factory=NetSizes)
    message: MessageRecipe = field(default_factory=MessageRecipe)
    conversation: ConversationRecipe = field(default_factory=ConversationRecipe)
    budget: Budget = field(default_factory=Budget)


QUICK = Plan(
    chats=60,
    foreign=200,
    chitchat=0,
    explicit=0,
    every=8,
    lexicon=LexiconSizes(words=4_000, slots=5_003, buckets=4_001, width=32),
    net=NetSizes(width=32, filters=32, message=32),
    message=MessageRecipe(epochs=1),
    conversation=ConversationRecipe(epochs=2),
)
"""A plan for tests: every stage runs, the result is of no use."""
