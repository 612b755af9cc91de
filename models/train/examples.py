"""Training examples at message level: a text as somebody would write it, with what it shows.

Sources: phrase banks, the wordings of scripts (with what the script says of the contact), real
ordinary conversations where a folder is given, and words of other languages thrown together (for
"another language" only). Each clean text gives several variants: styled, perturbed, with context
known or not. The teacher sees the clean text, the student the variant.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from nudge_harness.errors import UnknownFieldWarning
from nudge_harness.formats import Conversation, read_conversations
from nudge_harness.generate.dice import Dice
from nudge_harness.generate.personas import apply_style, draw_style
from nudge_harness.generate.perturb import PERTURBATIONS
from nudge_harness.generate.scripts import Phrase, Script
from nudge_harness.generate.split import Split

from nudge_sdk._context import context_vector
from nudge_sdk.values import (
    AGE_BANDS,
    CUES,
    RELATIONSHIPS,
    RISK_CUES,
    RISKS,
    Contact,
    EventKind,
    age_band,
)

_SLOT = re.compile(r"\{(\w+)\}")
OTHER_LANGUAGES = (
    "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "nb", "fi", "cs", "ro", "hu", "tr", "id",
    "ms", "fil", "ca", "ru", "uk", "bg", "el", "ar", "fa", "he", "hi", "bn", "ta", "ur", "zh", "ja",
    "ko", "vi",
)  # fmt: skip
CURSED = "__SILENCE__"  # a marker in XPersona, not something anybody wrote


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A clean text with what it shows.

    Attributes:
        script: where the contact's facts come from; ``None`` draws them at random.
        copies: how many variants are made of it.
        group: the name that decides its fold: of the family (see `fold_of_family`), the phrase, the
            corpus.
        real: it comes from a real conversation.
        risk: what the message is evidence of: a kind of risk, "risky" for one that is not known,
            "ordinary", or ``None`` where it cannot be said.
    """

    text: str
    sender: str
    cues: tuple[str, ...]
    kind: str
    script: Script | None
    copies: int
    group: str
    risk: str | None
    other_language: bool = False
    real: bool = False

    @property
    def phrase(self) -> bool:
        """Whether it comes from a bank, and so is said by the contact of no script."""
        return self.script is None and not self.real and not self.other_language


def fill(text: str, slots: Mapping[str, Sequence[str]], dice: Dice) -> str:
    """Fill ``{slots}``."""
    return _SLOT.sub(lambda found: dice.pick(slots[found[1]]), text)


def bank_sources(side: Split, dice: Dice) -> Iterator[Source]:
    """One source for each phrase of a bank."""
    for phrase in side.phrases:
        yield Source(
            text=fill(phrase.text, side.slots, dice),
            sender=phrase.sender,
            cues=phrase.cues,
            kind="text",
            script=None,
            copies=6 if phrase.cues else 4,
            group=phrase.text,
            risk=_risk_of_phrase(phrase),
        )


_KIND_OF_CUE = {
    "threat": "coercion",
    "adult_content": "adult_content",
    "secrecy": "risky",
    "alone_probe": "grooming",
    "isolation": "grooming",
    "age_gap": "grooming",
}
"""Cues that tell of risk on their own. The others (a wish to meet, a picture, a present, another
app) are what friends ask for, too: such a phrase alone is evidence of nothing."""


def _risk_of_phrase(phrase: Phrase) -> str | None:
    """What a bank's phrase is evidence of: by its cue where that says it."""
    if phrase.sender == "user":
        return None
    shown = set(phrase.cues) & set(RISK_CUES)
    if not shown:
        return "ordinary"
    kinds = {_KIND_OF_CUE[cue] for cue in shown if cue in _KIND_OF_CUE}
    if len(shown) > 1:
        kinds.add("risky")
    return kinds.pop() if len(kinds) == 1 else "risky" if kinds else None


def script_sources(side: Split, scripts: Sequence[Script], dice: Dice) -> Iterator[Source]:
    """One source for each wording of each turn."""
    for script in scripts:
        slots = {**side.slots, **script.slots}
        for at, turn in enumerate(script.turns):
            ordinary = "ordinary" if script.onset is None else None
            reached = script.onset is not None and at >= script.onset
            for wording in turn.wordings:
                yield Source(
                    text=fill(wording, slots, dice),
                    sender=turn.sender,
                    cues=turn.cues,
                    kind=turn.kind,
                    script=script,
                    copies=4 if turn.cues else 2,
                    group="_".join(script.name.split("_")[:2]),  # as `fold_of_family`
                    risk=script.label if reached else ordinary,
                )


def read_corpora(folder: Path | None) -> dict[str, list[Conversation]]:
    """Ordinary conversations of each ``*.jsonl.gz`` of a folder, by file; none without a folder."""
    found: dict[str, list[Conversation]] = {}
    with warnings.catch_warnings():  # such files name their source and licence in every line
        warnings.simplefilter("ignore", UnknownFieldWarning)
        for path in sorted(folder.glob("*.jsonl.gz")) if folder is not None else ():
            found[path.name] = [c for c in read_conversations(path) if c.label == "benign"]
    return found


def real_sources(corpora: Mapping[str, Sequence[Conversation]]) -> Iterator[Source]:
    """One source for each message; what is not English is only "another language"."""
    for corpus, conversations in corpora.items():
        for conversation in conversations:
            for turn in conversation.messages:
                if turn.text == CURSED:
                    continue
                yield Source(
                    text=turn.text,
                    sender=turn.sender,
                    cues=(),
                    kind="text",
                    script=None,
                    copies=1,
                    group=corpus,
                    real=True,
                    risk="ordinary",
                    other_language=conversation.lang not in (None, "en"),
                )


def foreign_sources(n: int, rng: np.random.Generator) -> Iterator[Source]:
    """Frequent words of other languages, thrown together: language evidence without a text."""
    import wordfreq

    lists = {lang: wordfreq.top_n_list(lang, 3_000) for lang in OTHER_LANGUAGES}
    english = set(wordfreq.top_n_list("en", 2_000))
    for i in range(n):
        lang = OTHER_LANGUAGES[i % len(OTHER_LANGUAGES)]
        words = [w for w in lists[lang] if w not in english] or lists[lang]
        count = int(rng.integers(3, 14))
        ranks = (len(words) * rng.random(count) ** 2).astype(int)
        joint = "" if lang in ("zh", "ja") else " "
        yield Source(
            text=joint.join(words[r] for r in ranks),
            sender="contact",
            cues=(),
            kind="text",
            script=None,
            copies=1,
            group=f"foreign {i}",
            risk="ordinary",
            other_language=True,
        )


def variant(text: str, dice: Dice, rng: np.random.Generator) -> str:
    """The text as somebody would write it: as it stands, styled, or perturbed."""
    drawn = dice.uniform()
    if drawn < 0.3:
        return text
    text = apply_style(draw_style(dice), text, dice)
    if drawn < 0.65:
        return text
    names = sorted(PERTURBATIONS)
    return PERTURBATIONS[dice.pick(names)](text, rng)


def draw_context(source: Source, dice: Dice) -> npt.NDArray[np.float32]:
    """A context that fits the source, each field dropped now and then, all of them often."""
    kind: EventKind | None = source.kind  # type: ignore[assignment]
    hidden = dice.chance(0.35)
    script = source.script
    if script is None:
        contact = Contact(
            id="",
            relationship=None if dice.chance(0.4) else dice.pick(RELATIONSHIPS),  # type: ignore[arg-type]
            days_known=None if dice.chance(0.4) else float(dice.below(900)),
            claimed_age=None if dice.chance(0.6) else float(dice.between(9, 50)),
        )
        band = dice.pick(AGE_BANDS[:4])
    else:
        known = script.relationship != "unknown" and not dice.chance(0.2)
        contact = Contact(
            id="",
            relationship=script.relationship if known else None,  # type: ignore[arg-type]
            days_known=(
                None
                if script.days_known is None or dice.chance(0.2)
                else float(dice.between(*script.days_known))
            ),
            claimed_age=(
                None
                if script.claimed_age is None or dice.chance(0.2)
                else float(dice.between(*script.claimed_age))
            ),
        )
        band = age_band(dice.between(*script.user_age))
    return context_vector(
        from_contact=source.sender == "contact",
        contact=None if hidden else contact,
        band=band,
        kind=None if hidden else kind,
        gap=None if hidden or dice.chance(0.3) else dice.spread(1.0, 90_000.0),
    )


def cue_targets(source: Source) -> npt.NDArray[np.float32]:
    """float32 ``(18,)``: the cues, then "another language". Only the contact shows cues."""
    target = np.zeros(len(CUES) + 1, dtype=np.float32)
    for cue in source.cues if source.sender == "contact" else ():
        target[CUES.index(cue)] = 1.0
    target[-1] = float(source.other_language)
    return target


def evidence_targets(source: Source) -> npt.NDArray[np.float32]:
    """float32 ``(5,)``: any risk, then each kind; NaN where it cannot be said."""
    target = np.full(1 + len(RISKS), np.nan, dtype=np.float32)
    if source.risk == "ordinary":
        target[:] = 0.0
    elif source.risk == "risky":
        target[0] = 1.0
    elif source.risk is not None:
        target[:] = 0.0
        target[[0, 1 + RISKS.index(source.risk)]] = 1.0  # type: ignore[arg-type]
    return target
