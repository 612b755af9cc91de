"""What the conversation level learns from: conversations of one fold's material.

They are read by an encoder that was fitted on the other folds (cross-fitting, `folds`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from nudge_harness.formats import Conversation
from nudge_harness.generate import generate
from nudge_harness.generate.dice import Dice
from nudge_harness.generate.perturb import PERTURBATIONS, perturb
from nudge_harness.generate.render import render
from nudge_harness.generate.split import Split

from models.train.folds import fold_of, fold_of_family
from models.train.outlines import outlines, singles
from models.train.sequences import View

AFTER_A_FLOOD = 0.3  # share of the risky chats that are read once more after an ordinary stretch


def side_of_fold(side: Split, fold: int) -> Split:
    """The part of a side that belongs to one fold; its slots stay whole.

    A cue's bank that would be empty keeps all its phrases: a script may draw from it.
    """
    kept = {
        key: tuple(p for p in bank if fold_of(p.text) == fold) or bank
        for key, bank in side.banks.items()
    }
    return replace(
        side,
        scripts=tuple(s for s in side.scripts if fold_of_family(s.name) == fold),
        phrases=tuple(p for bank in kept.values() for p in bank),
        banks=kept,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Chats:
    """Conversations with the view of the contact under which each is read, and its weight."""

    conversations: list[Conversation]
    views: list[View]
    weights: list[float]

    def add(self, conversation: Conversation, view: View, weight: float = 1.0) -> None:
        """One more."""
        self.conversations.append(conversation)
        self.views.append(view)
        self.weights.append(weight)


def training_chats(
    side: Split, real: Sequence[Conversation], n: int, seed: int, rng: np.random.Generator
) -> Chats:
    """What the conversation level learns from, of one fold.

    Generated chats, one in four perturbed, under every view; outlines and single messages from the
    banks; a few chats without any text (metadata alone is no reason for a nudge); chats of every
    kind after a long ordinary one, so that no friendly flood talks the memory out of what follows;
    real ordinary chats, and eight of them in a row as one long chat.
    """
    dice = Dice(rng)
    chats = Chats(conversations=[], views=[], weights=[])
    names = [*sorted(PERTURBATIONS), *["split_messages"] * 4]
    drawn_up = [*outlines(side, n // 2, dice), *singles(side, dice)]
    rendered = (
        render(script, np.random.default_rng((seed, 9, i)), split=side, name=f"{script.name}-{i}")
        for i, script in enumerate(drawn_up)
    )
    for i, made in enumerate((*generate("train", seed, n=n, material=side), *rendered)):
        chat = perturb(made, dice.pick(names), rng) if dice.chance(1 / 4) else made
        drawn = dice.uniform()
        chats.add(chat, "as_is" if drawn < 0.5 else "text" if drawn < 0.75 else "stranger")
        if i % 20 == 0:
            chats.add(_without_text(made), "stranger")
    english = [c for c in real if c.lang in (None, "en")]
    quiet = [c for c in chats.conversations if c.label == "benign"] + english
    for chat in list(chats.conversations):
        if dice.chance(AFTER_A_FLOOD if chat.label != "benign" else AFTER_A_FLOOD / 2):
            long = _in_a_row([dice.pick(quiet) for _ in range(dice.between(1, 5))])
            chats.add(_after(long, chat), "as_is" if dice.chance(0.5) else "text")
    for chat in real:
        chats.add(chat, "stranger" if dice.chance(0.6) else "text")
    order = rng.permutation(len(english))
    for start in range(0, len(order) - 8, 8):
        chats.add(_in_a_row([english[i] for i in order[start : start + 8]]), "stranger")
    return chats


def _without_text(chat: Conversation) -> Conversation:
    messages = tuple(replace(turn, text="", cues=()) for turn in chat.messages)
    return replace(chat, label="benign", onset=None, harm=None, messages=messages)


def _in_a_row(chats: Sequence[Conversation]) -> Conversation:
    turns, start = [], 0.0
    for chat in chats:
        turns += [replace(turn, t=turn.t + start) for turn in chat.messages]
        start = turns[-1].t + 3_600.0
    return replace(chats[0], messages=tuple(turns))


def _after(flood: Conversation, chat: Conversation) -> Conversation:
    """The chat as what follows an ordinary stretch with the same contact."""
    before, start = len(flood.messages), flood.messages[-1].t + 600.0
    first = chat.messages[0].t
    turns = [replace(turn, t=turn.t - first + start) for turn in chat.messages]
    return replace(
        chat,
        messages=(*flood.messages, *turns),
        onset=None if chat.onset is None else chat.onset + before,
        harm=None if chat.harm is None else chat.harm + before,
    )
