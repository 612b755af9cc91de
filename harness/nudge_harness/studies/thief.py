"""A thief of the unsealed state: trained attackers, and what they can tell from it.

Theory
------
The thief holds the state of a chat, and as many other chats with their states as there are in half
the test side, from which an attacker learns: a logistic regression, both answers weighing alike,
its penalty tuned on families of that half which it has not yet seen. Three sorts of questions, by
one rule each, on generated chats:

``word``     did this word occur? Words of four letters and more that stand in 8 to 50 % of chats.
``topic``    did somebody bring this up? The cues that the generator marked: what the state is for.
``message``  was exactly this message in it? The messages that stand in most chats.

Conversations are cut in two halves by scenario family; an attacker learns from one half and is
asked about the other, and both ways round. Its **advantage** is the share of yeses it finds less
the share of noes it takes for yes (Yeom et al. 2018, "Privacy risk in machine learning"): 0 is
chance, 1 is reading the chat. It is averaged over the questions of a sort. The same attackers are
given two other things, to compare: the plain text, with the open weights to read it by, and the
number of messages, which gives away something because more is said in long chats.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nudge_harness.formats import Conversation
from nudge_harness.metrics.build import divide
from nudge_harness.metrics.statistic import Sums
from nudge_harness.studies.logistic import balance, fit, paths

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

SORTS: Final[Mapping[str, str]] = {
    "word": "a word",
    "topic": "a topic",
    "message": "a given message",
}
QUESTIONS: Final = 10  # of each sort
_SHARES: Final = {"word": (0.08, 0.5), "topic": (0.02, 0.5), "message": (0.01, 0.5)}
_WORD: Final = re.compile(r"[a-z']{4,}")
_PENALTIES: Final = (3000.0, 300.0, 30.0)  # of an attacker, strongest first
_FEWEST: Final = 4  # yeses, and noes, in each half


@dataclass(frozen=True, kw_only=True, slots=True)
class Questions:
    """What a thief asks. ``names``: of each question; ``answers``: bool ``(chats, questions)``."""

    names: tuple[str, ...]
    answers: Mask


def questions(chats: Sequence[Conversation], sort: str) -> Questions:
    """The questions of one sort: of everything that stands in the right share of chats, as many as
    `QUESTIONS`, from the most frequent one down in even steps."""
    holds = [set(_HELD[sort](chat)) for chat in chats]
    counts = Counter(item for held in holds for item in held)
    low, high = _SHARES[sort]
    fit_for = [
        item
        for item, count in sorted(counts.items(), key=lambda own: (-own[1], own[0]))
        if low * len(chats) <= count <= high * len(chats)
    ]
    if sort == "message":
        fit_for = fit_for[:QUESTIONS]
    places = np.unique(np.linspace(0, len(fit_for) - 1, min(QUESTIONS, len(fit_for))).astype(int))
    names = tuple(fit_for[at] for at in places.tolist())
    answers = np.array([[name in held for name in names] for held in holds], dtype=np.bool_)
    return Questions(names=names, answers=answers.reshape(len(chats), len(names)))


def _words(chat: Conversation) -> Iterable[str]:
    for turn in chat.messages:
        yield from _WORD.findall(turn.text.lower())


def _topics(chat: Conversation) -> Iterable[str]:
    for turn in chat.messages:
        yield from turn.cues


def _messages(chat: Conversation) -> Iterable[str]:
    for turn in chat.messages:
        plain = " ".join(turn.text.lower().split())
        if " " in plain:
            yield plain


_HELD: Final[Mapping[str, Callable[[Conversation], Iterable[str]]]] = {
    "word": _words,
    "topic": _topics,
    "message": _messages,
}


def length(chats: Sequence[Conversation]) -> Floats:
    """Number of messages and its logarithm, float32 ``(chats, 2)``."""
    count = np.array([len(chat.messages) for chat in chats], dtype=np.float32)
    return np.stack([count, np.log(count)], axis=1)


def _digest(text: str) -> int:
    raw = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(raw, "little")


def quarters(chats: Sequence[Conversation]) -> Ints:
    """Which quarter each conversation belongs to, int64 ``(chats,)`` in 0..3; a family is never
    cut. ``quarter % 2`` is the half that an attacker learns from; ``quarter // 2`` cuts it."""
    return np.array([_digest(f"half {chat.family or chat.id}") % 4 for chat in chats], np.int64)


def guesses(known: Floats, asked: Questions, quarter: Ints) -> Mask:
    """What the attackers answer, each about chats that it has not learnt from.

    Args:
        known: what the thief holds of each chat, float32 ``(chats, f)``.
        asked: the questions with their answers.
        quarter: int64 ``(chats,)``, of `quarters`.

    Returns:
        bool ``(chats, questions)``.
    """
    found = np.zeros_like(asked.answers)
    if known.shape[1] == 0:
        return found  # nothing to learn from: always no, an advantage of 0
    for own in (0, 1):
        learnt, about = quarter % 2 == own, quarter % 2 != own
        penalty = _tuned(known[learnt], asked.answers[learnt], quarter[learnt] // 2 == 0)
        for at in range(asked.answers.shape[1]):
            line = fit(known[learnt], asked.answers[learnt, at], penalty=penalty, balanced=True)
            found[about, at] = line(known[about]) > 0.0
    return found


def _tuned(known: Floats, answers: Mask, teach: Mask) -> float:
    """The penalty with which attackers that learn from some families tell most of the others."""
    told = np.zeros(len(_PENALTIES))
    for yes in answers.T:
        for_it, against = yes & ~teach, ~yes & ~teach
        if not for_it.any() or not against.any():
            continue
        (lines,) = paths(known[teach], yes[teach, None], _PENALTIES, balance(yes[teach]))
        for at, line in enumerate(lines):
            said = line(known) > 0.0
            told[at] += said[for_it].mean() - said[against].mean()
    return _PENALTIES[int(np.argmax(told))]


def reading(sort: str, asked: Questions, read: Floats, quarter: Ints) -> Mask:
    """What somebody answers who has the chats: the reference.

    Words and messages are looked up. Topics are told by attackers that learnt from what the model
    makes of every message, for the weights are open and anybody may run them.

    Args:
        sort: of `SORTS`.
        asked, quarter: as `guesses`.
        read: what the model makes of each chat, float32 ``(chats, c)``.
    """
    return guesses(read, asked, quarter) if sort == "topic" else asked.answers


def advantage(asked: Questions, said: Mask, quarter: Ints) -> Sums:
    """Mean advantage over the questions, ready for intervals.

    A question with too few yeses or noes in a half is left out; without any, there is no figure.
    """
    half = quarter % 2 == 1
    fewest = [
        min(asked.answers[own].sum(axis=0).min(), (~asked.answers[own]).sum(axis=0).min())
        if asked.answers.shape[1]
        else 0
        for own in (half, ~half)
    ]
    keep = np.ones(asked.answers.shape[1], dtype=np.bool_)
    if min(fewest) < _FEWEST:
        for own in (half, ~half):
            yes = asked.answers[own].sum(axis=0)
            keep &= (yes >= _FEWEST) & (own.sum() - yes >= _FEWEST)
    answers, said = asked.answers[:, keep], said[:, keep]
    columns = np.concatenate([answers & said, answers, ~answers & said, ~answers], axis=1).astype(
        np.float64
    )

    def finish(sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        hits, yes, wrong, no = np.split(sums, 4, axis=1)
        if not hits.shape[1]:
            return np.full(len(sums), np.nan)
        return np.asarray((divide(hits, yes) - divide(wrong, no)).mean(axis=1))

    counted = np.full(len(answers), bool(keep.any()))
    return Sums(columns=columns, finish=finish, counted=counted)
