"""Small talk around a plot: ordinary messages of both sides, so that length says nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from nudge_harness.generate.dice import Dice
from nudge_harness.generate.scripts import Phrase
from nudge_harness.generate.split import Split

_BLOCKS = 3  # pieces that the small talk of one chat comes in, at the most
_DOUBLE = 0.25  # share of messages that follow one of the same sender
_LULLS = (0, 0, 1_200, 10_800, 86_400)  # seconds of silence around a piece


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A message on its way into a conversation; see `scripts.Turn` for the fields."""

    sender: str
    text: str
    kind: str = "text"
    cues: tuple[str, ...] = ()
    pause: int = 0
    onset: bool = False
    harm: bool = False


def pad(
    lines: list[Line], length: int, split: Split, fill: Callable[[str], str], dice: Dice
) -> list[Line]:
    """Put small talk into a plot until it has ``length`` messages.

    It stands before the onset where there is one, else anywhere. A plot that is long enough, or a
    side without ordinary phrases, comes back as it is.

    Args:
        fill: fills the slots of one phrase.
    """
    banks = {sender: split.bank(sender, "ordinary") for sender in ("contact", "user")}
    room = min(length - len(lines), sum(len(bank) for bank in banks.values()) // 2)
    if room <= 0 or not all(banks.values()):
        return lines
    last = next((i for i, line in enumerate(lines) if line.onset), len(lines))
    blocks = 1 if room < 4 else dice.between(1, _BLOCKS)
    cuts = sorted((dice.between(0, last) for _ in range(blocks)), reverse=True)
    talk = _talk(room, banks, fill, dice)
    padded, size = list(lines), -(-room // blocks)
    for i, cut in enumerate(cuts):
        piece = talk[i * size : (i + 1) * size]
        if piece:
            piece[0] = replace(piece[0], pause=dice.pick(_LULLS))
            if cut < len(padded):
                after = padded[cut]
                padded[cut] = replace(after, pause=max(after.pause, dice.pick(_LULLS)))
            padded[cut:cut] = piece
    return padded


def _talk(
    count: int,
    banks: dict[str, tuple[Phrase, ...]],
    fill: Callable[[str], str],
    dice: Dice,
) -> list[Line]:
    sender, used, talk = dice.pick(("contact", "user")), set[str](), list[Line]()
    for _ in range(count):
        if not dice.chance(_DOUBLE):
            sender = "user" if sender == "contact" else "contact"
        phrase = dice.pick(banks[sender])
        if phrase.text in used:
            phrase = dice.pick(banks[sender])  # one more try: people do repeat themselves
        used.add(phrase.text)
        talk.append(Line(sender=sender, text=fill(phrase.text), cues=phrase.cues))
    return talk
