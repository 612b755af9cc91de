"""Do the two sides share wording? Without that, a score on the test side would measure memory.

Rules (DESIGN.md, section 7)
----------------------------
* **sequence**: no five words in a row of a risky phrase stand anywhere on the other side. A phrase
  is risky when it carries a risk cue, or when the contact says it in a risky family. Ordinary
  sequences are exempt when at least two conversations of a real corpus hold them.
* **duplicate**: no phrase has a near-duplicate above 0.85 on the other side, by the ratio of
  matching words in order (difflib's ``SequenceMatcher.ratio`` over words). Phrases of fewer than
  four words belong to everyone ("who is this") and are left out, of fewer than three when one of
  the pair is risky. Ordinary phrases that are a whole message in two conversations of a real
  corpus are exempt.
* **family**: no scenario family carries the same name on both sides.

A slot counts as one word, the same for all slots: ``meet me at {place}`` is a wording, whatever
fills it.

Theory of operation
-------------------
Near-duplicates are found without comparing all pairs. Let a and b be two lengths in words and m the
words matched. ``2 m / (a + b) > r`` and ``b >= m`` give ``m > a r / (2 - r)``, so fewer than
``a - a r / (2 - r)`` words of the first phrase are unmatched. Of its rarest words, one more than
that, at least one is in the second phrase: only those are looked up. Nothing is missed.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Final, TypeAlias

from nudge_harness.formats import read_conversations
from nudge_harness.generate.split import Split
from nudge_sdk.values import CUES

Words: TypeAlias = tuple[str, ...]

LENGTH: Final = 5  # words of a sequence
RATIO: Final = 0.85
MIN_WORDS: Final = 4
MIN_RISKY_WORDS: Final = 3
HOLDERS: Final = 2  # real conversations that make a sequence ordinary
_PROTECTIVE: Final = frozenset(("safety_advice", "refusal_respected", "adult_oversight"))
_RISKY: Final = frozenset(CUES) - _PROTECTIVE
_WORD: Final = re.compile(r"\{\w+\}|[^\W_]+(?:['’][^\W_]+)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    """One phrase of the material. ``source``: its family, or its bank's file and heading."""

    words: Words
    risky: bool
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Leak:
    """Wording on both sides. ``rule``: sequence, duplicate or family."""

    rule: str
    train: str
    test: str
    shared: str

    def __str__(self) -> str:
        return f"{self.rule}: train {self.train} and test {self.test}: {self.shared}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ordinary:
    """What a real corpus shows to be everyone's words: sequences, and whole messages."""

    sequences: Collection[Words] = frozenset()
    messages: Collection[Words] = frozenset()


def words_of(text: str) -> Words:
    """Lower-case words without punctuation and apostrophes; a slot is the word ``{}``."""
    return tuple(
        "{}" if word[0] == "{" else word.replace("'", "").replace("’", "")
        for word in _WORD.findall(text.lower())
    )


def sequences(words: Words) -> Iterator[Words]:
    """Every run of five words."""
    return (words[i : i + LENGTH] for i in range(len(words) - LENGTH + 1))


def wordings(split: Split) -> list[Wording]:
    """Every phrase of one side, scripts first."""
    result = [
        Wording(
            words=words_of(text),
            risky=_is_risky(turn.cues) or (script.label != "benign" and turn.sender == "contact"),
            source=script.name,
        )
        for script in split.scripts
        for turn in script.turns
        for text in turn.wordings
    ]
    result += [
        Wording(
            words=words_of(phrase.text),
            risky=_is_risky(phrase.cues),
            source=f"{phrase.source} [{phrase.heading}]",
        )
        for phrase in split.phrases
    ]
    return [wording for wording in result if wording.words]


def _is_risky(cues: Iterable[str]) -> bool:
    return not _RISKY.isdisjoint(cues)


def find_leaks(train: Split, test: Split, ordinary: Ordinary = Ordinary()) -> list[Leak]:
    """All wording that the two sides share, each pair of phrases and rule once."""
    left, right = wordings(train), wordings(test)
    names = {script.name for script in train.scripts} & {script.name for script in test.scripts}
    leaks = [Leak(rule="family", train=x, test=x, shared=x) for x in sorted(names)]
    leaks += _shared_sequences(left, right, ordinary.sequences)
    leaks += _near_duplicates(left, right, ordinary.messages)
    return list(dict.fromkeys(leaks))


def _shared_sequences(
    left: list[Wording], right: list[Wording], ordinary: Collection[Words]
) -> Iterator[Leak]:
    index: dict[Words, list[Wording]] = defaultdict(list)
    for wording in left:
        for run in sequences(wording.words):
            index[run].append(wording)
    for wording in right:
        for run in sequences(wording.words):
            if run in ordinary:
                continue
            for other in index.get(run, ()):
                if other.risky or wording.risky:
                    yield Leak(
                        rule="sequence",
                        train=other.source,
                        test=wording.source,
                        shared=" ".join(run),
                    )


def _near_duplicates(
    left: list[Wording], right: list[Wording], ordinary: Collection[Words]
) -> Iterator[Leak]:
    left, right = ([x for x in side if _counts(x, ordinary)] for side in (left, right))
    counts = Counter(word for wording in (*left, *right) for word in wording.words)
    index: dict[str, list[int]] = defaultdict(list)
    for at, wording in enumerate(left):
        for word in dict.fromkeys(wording.words):
            index[word].append(at)
    for wording in right:
        for at in sorted(_candidates(wording.words, counts, index)):
            least = MIN_RISKY_WORDS if wording.risky or left[at].risky else MIN_WORDS
            short = min(len(wording.words), len(left[at].words)) < least
            if not short and is_near(wording.words, left[at].words):
                yield Leak(
                    rule="duplicate",
                    train=left[at].source,
                    test=wording.source,
                    shared=f"{' '.join(left[at].words)} / {' '.join(wording.words)}",
                )


def _counts(wording: Wording, ordinary: Collection[Words]) -> bool:
    if len(wording.words) < MIN_RISKY_WORDS:
        return False
    return wording.risky or wording.words not in ordinary


def _candidates(words: Words, counts: Counter[str], index: dict[str, list[int]]) -> set[int]:
    unmatched = math.ceil(len(words) * (1 - RATIO / (2 - RATIO))) - 1
    rarest = sorted(words, key=lambda word: (counts[word], word))[: unmatched + 1]
    return {at for word in rarest for at in index.get(word, ())}


def is_near(one: Words, other: Words) -> bool:
    """Whether the ratio of matching words in order is above 0.85, in either direction.

    difflib's ratio may depend on the order of its arguments, so the higher one counts.
    """
    common = sum((Counter(one) & Counter(other)).values())
    if 2 * common <= RATIO * (len(one) + len(other)):
        return False
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.ratio() > RATIO:
        return True
    return SequenceMatcher(None, other, one, autojunk=False).ratio() > RATIO


def ordinary_in(folder: Path) -> Ordinary:
    """Sequences and whole messages that at least two conversations of a real corpus hold.

    Args:
        folder: holds conversation files (``*.jsonl`` and ``*.jsonl.gz``).

    Raises:
        FormatError: a file there is malformed.
    """
    runs: Counter[Words] = Counter()
    whole: Counter[Words] = Counter()
    for path in sorted((*folder.glob("*.jsonl"), *folder.glob("*.jsonl.gz"))):
        for conversation in read_conversations(path):
            texts = {words_of(turn.text) for turn in conversation.messages}
            runs.update({run for words in texts for run in sequences(words)})
            whole.update(texts)
    return Ordinary(
        sequences=frozenset(run for run, n in runs.items() if n >= HOLDERS),
        messages=frozenset(words for words, n in whole.items() if n >= HOLDERS),
    )
