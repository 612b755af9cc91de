"""What happened in one conversation: the record that every metric reads.

An `Outcome` joins a truth conversation with its scores line and holds no text. Metrics are pure
functions over a sequence of them, so whoever made the scores is measured in the same way.

Which conversations count
-------------------------
* **positive**: the label is a risk kind (`nudge_sdk.values.RISKS`).
* **benign**: the label is ``benign``. A *look-alike* is benign and carries a ``family`` (somebody
  wrote it to resemble something); an *ordinary* chat is benign and carries none.
* Every other label (spam, hate, none at all) is neither: kept, counted per label, never scored.

What counts as a decision
-------------------------
The system has decided "risky" when it gave any nudge at all, of any kind and at any time; ``k`` is
the number of messages seen at the first one (index + 1). So a nudge after the harm is still a true
positive for F1, ERDE and precision, and pays for being late through ``k``; only the figures named
"before harm" ask for more. A positive without ``harm`` or ``onset`` takes part wherever that index
is not needed and is left out, and out of ``n``, where it is: missing is not zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nudge_sdk.values import RISKS

BENIGN: Final = "benign"


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """One nudge that was given.

    Attributes:
        message: index of the message on whose arrival it appeared, from 0.
        risk: the kind of risk that it named.
        level: ``gentle`` or ``strong``; ``None`` when the scores file does not say.
    """

    message: int
    risk: str
    level: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """Truth and result of one conversation, without text.

    Attributes:
        id: identifier, unique in its file.
        label: as in the truth file; ``None`` when it has none.
        family: the scenario family, the unit that intervals resample; ``None`` when it has none.
        onset: index of the first message at which a careful adult would want a nudge, or ``None``.
        harm: index of the concrete dangerous ask or threat, or ``None``.
        messages: number of messages, at least 1.
        nudges: in order of arrival.
        minutes_before_harm: minutes from the first nudge to ``harm`` on the conversation's clock,
            negative when the nudge came later; ``None`` without a nudge or a harm.
        age_band: band of the young person's age; ``None`` when the file does not give it.
        relationship: of the contact; ``None`` when unknown.
        lang: language tag; ``None`` when unknown.
    """

    id: str
    messages: int
    label: str | None = None
    family: str | None = None
    onset: int | None = None
    harm: int | None = None
    nudges: tuple[Given, ...] = ()
    minutes_before_harm: float | None = None
    age_band: str | None = None
    relationship: str | None = None
    lang: str | None = None

    @property
    def first_nudge(self) -> int | None:
        """Index of the message at the first nudge; ``None`` when there was none."""
        return self.nudges[0].message if self.nudges else None

    @property
    def seen(self) -> int | None:
        """``k``: messages seen at the first nudge, from 1; ``None`` when there was none."""
        return self.nudges[0].message + 1 if self.nudges else None

    @property
    def nudged(self) -> bool:
        """Whether the conversation got any nudge: the binary decision of F1, ERDE and precision."""
        return bool(self.nudges)

    @property
    def positive(self) -> bool:
        """Whether the label is a risk kind."""
        return self.label in RISKS

    @property
    def benign(self) -> bool:
        """Whether the label is ``benign``."""
        return self.label == BENIGN

    @property
    def lookalike(self) -> bool:
        """Benign, and written as a scenario."""
        return self.benign and self.family is not None

    @property
    def ordinary(self) -> bool:
        """Benign, and of no scenario."""
        return self.benign and self.family is None

    @property
    def scored(self) -> bool:
        """Whether it takes part in the figures at all."""
        return self.positive or self.benign

    @property
    def caught(self) -> bool:
        """Whether it has a harm and the first nudge, of any kind, came no later."""
        first = self.first_nudge
        return first is not None and self.harm is not None and first <= self.harm


def positive_share(outcomes: Sequence[Outcome]) -> float | None:
    """Share of positives among positives and benign: ``c_fp`` of ERDE. ``None`` without either."""
    scored = sum(outcome.scored for outcome in outcomes)
    return sum(outcome.positive for outcome in outcomes) / scored if scored else None
