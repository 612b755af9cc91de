"""Outlines: risky families put together from the banks, so that no fixed order is learned.

Signs of risk come in no fixed order (DESIGN.md, section 4), and the hand-written families hold only
so many orders. An outline draws its signs, who the contact is and how long they have known each
other; what is said comes from the banks, ordinary talk between the signs from the generator. Single
telling messages are outlines of length one, with their look-alikes beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from nudge_harness.generate.dice import Dice
from nudge_harness.generate.scripts import Phrase, Script, Turn
from nudge_harness.generate.split import Split

from nudge_sdk.values import RELATIONSHIPS

OUTLINE: Final = "outline_"  # starts of the names of what is drawn up here
SINGLE: Final = "single_"
_SIGNS: Final = {
    "grooming": (
        "age_probe", "personal_info_probe", "alone_probe", "secrecy", "isolation",
        "flattery_bond", "gift_offer", "platform_move", "age_gap", "pressure",
    ),
    "coercion": ("threat", "pressure", "secrecy", "isolation"),
    "scam_lure": ("gift_offer", "personal_info_probe", "platform_move", "pressure", "secrecy"),
}  # fmt: skip
_ASKS: Final = {
    "grooming": ("image_request", "meet_request", "image_request", "meet_request", "secrecy"),
    "coercion": ("threat",),
    "scam_lure": ("personal_info_probe",),
}
_TELLING_SIGNS: Final = {"secrecy", "isolation", "alone_probe", "age_gap", "threat"}
_FRIENDLY: Final = ("meet_request", "image_request", "platform_move", "gift_offer", "age_probe")
_FRIENDS: Final = ("friend", "classmate", "family", "friend")
_TELLING: Final = {"threat": "coercion", "adult_content": "adult_content"}
_DAYS: Final = {
    "stranger": (0, 5), "new_contact": (1, 30), "online_friend": (5, 300), "friend": (30, 900),
    "classmate": (30, 900), "family": (300, 3_000), "school_or_club": (20, 900),
}  # fmt: skip


def outlines(side: Split, n: int, dice: Dice) -> Iterator[Script]:
    """``n`` risky families of several signs each, and half as many ordinary ones that look alike;
    a kind whose banks are empty is left out."""
    kinds = [
        kind
        for kind, signs in _SIGNS.items()
        if all(side.bank("contact", cue) for cue in (*signs, *_ASKS[kind]))
    ]
    for i in range(n if kinds else 0):
        # Half of them grooming: the hand-written families hold far more of the other kinds.
        kind = "grooming" if "grooming" in kinds and dice.chance(0.5) else dice.pick(kinds)
        yield _outline(f"{OUTLINE}{i}", kind, side, dice)
    alike = [p for p in side.phrases if p.sender == "contact" and p.heading.startswith("not ")]
    for i in range(n // 2 if alike else 0):
        yield _ordinary(f"{OUTLINE}ordinary_{i}", alike, side, dice)


def _outline(name: str, kind: str, side: Split, dice: Dice) -> Script:
    signs = [dice.pick(_SIGNS[kind]) for _ in range(dice.between(1, 4))]
    cues = (*signs, dice.pick(_ASKS[kind]))
    turns: list[Turn] = []
    places = []
    for cue in cues:
        places.append(len(turns))
        turns.append(Turn(sender="contact", wordings=(), cues=(cue,), bank=cue))
        turns += _reply(side, dice)
    # What friends ask for, too, is no reason to speak up yet: the second sign is.
    telling = [place for cue, place in zip(cues, places, strict=True) if cue in _TELLING_SIGNS]
    onset = min([*telling, places[1]])
    return _script(name, kind, tuple(turns), (onset, places[-1]), dice)


def _ordinary(name: str, alike: list[Phrase], side: Split, dice: Dice) -> Script:
    """Look-alikes one after another, and now and then one thing that friends ask each other."""
    turns: list[Turn] = []
    for _ in range(dice.between(2, 5)):
        turns.append(Turn(sender="contact", wordings=(dice.pick(alike).text,)))
        turns += _reply(side, dice)
    friendly = dice.chance(0.5)
    if friendly:
        asked = [p.text for cue in _FRIENDLY for p in side.bank("contact", cue) if p.cues == (cue,)]
        if asked:
            at = dice.below(len(turns) + 1)
            turns.insert(at, Turn(sender="contact", wordings=(dice.pick(asked),)))
    return _script(name, "benign", tuple(turns), None, dice, of=_FRIENDS if friendly else None)


def _reply(side: Split, dice: Dice) -> list[Turn]:
    replies = side.bank("user", "ordinary")
    if not replies or not dice.chance(0.7):
        return []
    return [Turn(sender="user", wordings=(dice.pick(replies).text,))]


def _script(
    name: str,
    label: str,
    turns: tuple[Turn, ...],
    marks: tuple[int, int] | None,
    dice: Dice,
    of: Sequence[str] | None = None,
) -> Script:
    """``marks``: onset and harm; ``of``: who the contact may be, all when left out."""
    relationship = dice.pick(of or RELATIONSHIPS)
    adult = dice.chance(0.4) and of is None
    return Script(
        name=name,
        label=label,
        relationship=relationship,
        days_known=_DAYS[relationship],
        claimed_age=None if dice.chance(0.5) else (19, 50) if adult else (11, 18),
        user_age=(9, 17),
        turns=turns,
        onset=None if marks is None else marks[0],
        harm=None if marks is None else marks[1],
    )


def singles(side: Split, dice: Dice) -> Iterator[Script]:
    """Telling messages alone, and look-alikes alone: one family for each phrase; and a request for
    a picture or a meeting together with secrecy, in one message or two."""
    yield from _with_secrecy(side, dice)
    for i, phrase in enumerate(side.phrases):
        if phrase.sender != "contact":
            continue
        label = _label_of(phrase)
        if label is not None:
            turn = Turn(sender="contact", wordings=(phrase.text,), cues=phrase.cues)
            marks = None if label == "benign" else (0, 0)
            yield _script(f"{SINGLE}{i}", label, (turn,), marks, dice)


def _with_secrecy(side: Split, dice: Dice) -> Iterator[Script]:
    secrets = side.bank("contact", "secrecy")
    for cue in ("image_request", "meet_request") if secrets else ():
        for i, phrase in enumerate((*side.bank("contact", cue),) * 2):
            parts = [(phrase.text, cue), (dice.pick(secrets).text, "secrecy")]
            if dice.chance(0.3):
                parts.reverse()
            if dice.chance(0.6):
                joint = dice.pick((", ", " ", ". ", " and "))
                text = joint.join(text for text, _ in parts)
                turns = [Turn(sender="contact", wordings=(text,), cues=(cue, "secrecy"))]
            else:
                turns = [
                    Turn(sender="contact", wordings=(text,), cues=(sign,)) for text, sign in parts
                ]
            name = f"{SINGLE}{cue}_{i}"
            yield _script(name, "grooming", tuple(turns), (0, len(turns) - 1), dice)


def _label_of(phrase: Phrase) -> str | None:
    cues = set(phrase.cues)
    for cue, label in _TELLING.items():
        if cue in cues:
            return label
    if "secrecy" in cues and cues & {"image_request", "meet_request"}:
        return "grooming"
    if phrase.heading == "ordinary" or phrase.heading.startswith("not "):
        return "benign"
    return None
