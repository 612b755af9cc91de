"""One young person's ordinary week: every message of eight chats, in the order of its arrival.

Every day has `MESSAGES_A_DAY` messages. They come in episodes: somebody begins to talk at some time
of the waking day, and the two of them go back and forth as `nudge_harness.generate` writes it. What
one contact and the young person say all week is one conversation, so an episode begins with what
the engine remembers of those before. The last episode of a day is cut where the day is full.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

import numpy as np

from nudge_harness.formats import Turn
from nudge_harness.generate import Options, Split, render
from nudge_harness.generate.dice import Dice
from nudge_harness.generate.scripts import Script
from nudge_harness.weeks.mix import AGES, LOOKALIKES, MESSAGES_A_DAY, Partner, draw_partners

DAYS: Final = 7
DAY: Final = 86_400.0  # seconds
_AWAKE: Final = (7.0 * 3_600, 22.0 * 3_600)  # seconds of the day in which an episode begins
_PAUSE: Final = 600.0  # seconds, at least, between two episodes of one chat
_SMALL_TALK: Final = Options(padded=1.0)
_LOOKALIKE: Final = Options()


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """One message of the week. ``partner``: index into `Week.partners`."""

    partner: int
    turn: Turn


@dataclass(frozen=True, kw_only=True, slots=True)
class Week:
    """A young person and what they read and wrote. ``lookalikes``: episodes from a family."""

    age: int
    partners: tuple[Partner, ...]
    messages: tuple[Heard, ...]
    episodes: int
    lookalikes: int


def draw_week(
    seed: int, user: int, split: Split, *, lookalikes: float = LOOKALIKES, days: int = DAYS
) -> Week:
    """The week of one user; it depends on (seed, user) and the material alone.

    Args:
        seed, user: at least 0.
        split: the material.
        lookalikes: share of episodes from a benign family, 0..1.
        days: at least 1.
    """
    rng = np.random.default_rng((seed, user))
    dice = Dice(rng)
    age = dice.between(*AGES)
    partners = draw_partners(age, split, dice)
    diary = _Diary(partners, age, split, rng, dice, lookalikes)
    messages = [heard for day in range(days) for heard in diary.day(day)]
    messages.sort(key=lambda heard: heard.turn.t)
    return Week(
        age=age,
        partners=tuple(partners),
        messages=tuple(messages),
        episodes=diary.episodes,
        lookalikes=diary.lookalikes,
    )


class _Diary:
    """Draws episodes, and remembers when each chat was last in use."""

    def __init__(
        self,
        partners: list[Partner],
        age: int,
        split: Split,
        rng: np.random.Generator,
        dice: Dice,
        share: float,
    ) -> None:
        self._partners, self._age, self._split = partners, age, split
        self._rng, self._dice, self._share = rng, dice, share
        self._free = [0.0] * len(partners)
        self._next = [iter(_endless(partner.episodes)) for partner in partners]
        self._names = count()
        self.episodes = self.lookalikes = 0

    def day(self, day: int) -> list[Heard]:
        messages: list[Heard] = []
        while len(messages) < MESSAGES_A_DAY:
            messages += self._episode(day)
        return messages[:MESSAGES_A_DAY]

    def _episode(self, day: int) -> list[Heard]:
        who = self._who()
        script, options = self._script(who)
        talk = render(
            script,
            self._rng,
            split=self._split,
            name=str(next(self._names)),
            options=options,
        )
        awake, asleep = _AWAKE
        begin = day * DAY + awake + self._dice.uniform() * (asleep - awake)
        begin = max(begin, self._free[who])
        messages = [
            Heard(partner=who, turn=replace(turn, t=begin + turn.t)) for turn in talk.messages
        ]
        self._free[who] = messages[-1].turn.t + _PAUSE
        return messages

    def _who(self) -> int:
        mark = self._dice.uniform()
        for at, partner in enumerate(self._partners):
            mark -= partner.weight
            if mark < 0:
                return at
        return 0

    def _script(self, who: int) -> tuple[Script, Options]:
        self.episodes += 1
        if self._partners[who].episodes and self._dice.chance(self._share):
            self.lookalikes += 1
            return next(self._next[who]), _LOOKALIKE
        return _small_talk(self._age), _SMALL_TALK


def _small_talk(age: int) -> Script:
    return Script(
        name="",
        label="benign",
        relationship="unknown",
        days_known=None,
        claimed_age=None,
        user_age=(age, age),
        turns=(),
        onset=None,
        harm=None,
    )


def _endless(scripts: tuple[Script, ...]) -> Iterator[Script]:
    while True:
        yield from scripts
