"""One script to one conversation.

Theory of operation
-------------------
::

    script -> plot (wordings drawn, slots filled, optional turns dropped)
           -> padded with small talk -> styled by speaker -> timed -> Conversation

The marks travel with their lines, so ``onset`` and ``harm`` are right whatever was dropped or put
in. Small talk makes length independent of the label: a target length is drawn first, from one
distribution for all labels, and whatever the plot is short of is filled up, before the onset in a
risky chat and anywhere in a benign one. What is known of the contact goes missing at random.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from nudge_harness.formats import ContactInfo, Conversation, Turn
from nudge_harness.generate.dice import Dice
from nudge_harness.generate.personas import apply_style, draw_style
from nudge_harness.generate.scripts import Script
from nudge_harness.generate.smalltalk import Line, pad
from nudge_harness.generate.split import Split
from nudge_harness.generate.timing import times

_SLOT = re.compile(r"\{(\w+)\}")
_PEOPLE = ("contact", "user")


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """Shares in 0..1.

    ``optional``: of optional turns kept. ``padded``: of chats that get small talk.
    ``lengths``: shortest and longest target length in messages, log-uniform between them.
    ``field_missing``, ``contact_missing``: of contact fields, and of whole contacts, that are not
    known. ``styled``: whether speakers have a style.
    """

    optional: float = 0.6
    padded: float = 0.75
    lengths: tuple[float, float] = (5.0, 70.0)
    field_missing: float = 0.1
    contact_missing: float = 0.05
    styled: bool = True


USUAL = Options()


def render(
    script: Script,
    rng: np.random.Generator,
    *,
    split: Split,
    name: str,
    options: Options = USUAL,
) -> Conversation:
    """Draw one conversation from a script.

    Args:
        script: the family.
        rng: everything random comes from here.
        split: banks and slots of the same side.
        name: the conversation's identifier.
        options: see `Options`.
    """
    dice = Dice(rng)
    fill = _Fill(split.slots, script.slots)
    lines = _plot(script, split, fill, options, dice)
    if dice.chance(options.padded):
        length = int(dice.spread(*options.lengths))
        lines = pad(lines, length, split, lambda text: _Fill(split.slots, {})(text, dice), dice)
    if options.styled:
        styles = {person: draw_style(dice) for person in _PEOPLE}
        lines = [replace(x, text=apply_style(styles[x.sender], x.text, dice)) for x in lines]
    seconds = times([(line.sender, line.pause) for line in lines], dice)
    return Conversation(
        id=name,
        lang=script.lang,
        label=script.label,
        family=script.name,
        user_age=_missing(dice.between(*script.user_age), options.field_missing, dice),
        contact=_contact(script, options, dice),
        messages=tuple(
            Turn(sender=line.sender, t=float(t), text=line.text, kind=line.kind, cues=line.cues)
            for line, t in zip(lines, seconds, strict=True)
        ),
        onset=next((i for i, line in enumerate(lines) if line.onset), None),
        harm=next((i for i, line in enumerate(lines) if line.harm), None),
    )


class _Fill:
    """Fills ``{slots}``; within one chat a slot keeps its value."""

    def __init__(
        self, shared: Mapping[str, tuple[str, ...]], own: Mapping[str, tuple[str, ...]]
    ) -> None:
        self._values = (own, shared)
        self._drawn: dict[str, str] = {}

    def __call__(self, text: str, dice: Dice) -> str:
        if "{" not in text:
            return text
        return _SLOT.sub(lambda found: self._value(found[1], dice), text)

    def _value(self, name: str, dice: Dice) -> str:
        if name not in self._drawn:
            own, shared = self._values
            self._drawn[name] = dice.pick(own[name] if name in own else shared[name])
        return self._drawn[name]


def _plot(script: Script, split: Split, fill: _Fill, options: Options, dice: Dice) -> list[Line]:
    lines, pause = [], 0
    for at, turn in enumerate(script.turns):
        pause += turn.pause
        if turn.optional and not dice.chance(options.optional):
            continue
        text, cues = "", turn.cues
        if turn.bank is not None:
            phrase = dice.pick(split.bank(turn.sender, turn.bank))
            text, cues = phrase.text, tuple(dict.fromkeys((*phrase.cues, *turn.cues)))
        elif turn.wordings:
            text = dice.pick(turn.wordings)
        lines.append(
            Line(
                sender=turn.sender,
                text=fill(text, dice),
                kind=turn.kind,
                cues=cues,
                pause=pause,
                onset=at == script.onset,
                harm=at == script.harm,
            )
        )
        pause = 0
    return lines


def _contact(script: Script, options: Options, dice: Dice) -> ContactInfo:
    if dice.chance(options.contact_missing):
        return ContactInfo()
    relationship = None if script.relationship == "unknown" else script.relationship
    days = script.days_known or ((0, 0) if relationship == "stranger" else None)
    age = script.claimed_age
    share = options.field_missing
    return ContactInfo(
        relationship=None if dice.chance(share) else relationship,
        days_known=None if days is None else _missing(dice.between(*days), share, dice),
        claimed_age=None if age is None else _missing(dice.between(*age), share, dice),
    )


def _missing(value: int, share: float, dice: Dice) -> int | None:
    return None if dice.chance(share) else value
