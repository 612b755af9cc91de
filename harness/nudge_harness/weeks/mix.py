"""Who writes to a young person in an ordinary week: the mix, and where it comes from.

Theory of operation
-------------------
No open set of a young person's real weeks exists, so the mix is a model with stated numbers, meant
to lean towards too many nudges rather than too few:

* **Messages**: 100 a day, both ways together. The median texting teenager of 2011 sent and received
  60 a day, those of 14 to 17 about 100 (Pew Research Center, "Teens, Smartphones & Texting", 2012).
* **Contacts**: 8, one conversation each, the same all week. Each one's relationship is drawn from
  `SHARES`. Two of the eight, on average, are people whom the young person does not know in life or
  has just met, which is more than surveys find: in Ofcom's survey of 2015 (Children and Parents:
  Media Use and Attitudes) 15 % of those aged 12 to 15 chatted with unknown people in games, and
  7 % had added somebody known only from online.
* **Rank**: the contact of rank r gets a share of the messages proportional to 1 / r (Zipf): a few
  friends get most. Ranks are drawn, friends and family first three times in four.
* **Look-alikes**: each chat comes in episodes, and one episode in ten (`LOOKALIKES`) is from one of
  the generator's benign families. Every one of those was written to look like a risk (a surprise to
  keep secret, a lift from the coach, an age asked in a game), so that real talk holds fewer. The
  share is set by what real talk does: of 9,388 real ordinary conversations the model card of
  en_v1 1.0.0 counts 0.85 nudged in 1,000, of generated look-alikes 9.5 in 1,000, a tenth.
* **The rest** is small talk from the same side's ordinary phrases, of five to seventy messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from nudge_harness.generate import Split
from nudge_harness.generate.dice import Dice
from nudge_harness.generate.scripts import Script
from nudge_sdk.values import Contact, Relationship

CONTACTS: Final = 8
MESSAGES_A_DAY: Final = 100
LOOKALIKES: Final = 0.1  # share of episodes; see the module
AGES: Final = (10, 17)  # years, both included, each as likely
SHARES: Final[Mapping[Relationship, float]] = {
    "friend": 0.30,
    "classmate": 0.20,
    "family": 0.16,
    "school_or_club": 0.09,
    "online_friend": 0.12,
    "new_contact": 0.08,
    "stranger": 0.05,
}
_NEAR: Final = frozenset(("friend", "classmate", "family"))
_NEAR_FIRST: Final = 0.75  # share of times that one of them gets the higher rank
_FIELD_MISSING: Final = 0.1  # of a contact's facts that the host does not know, as in `generate`
_ADULT: Final = 18  # years


@dataclass(frozen=True, kw_only=True, slots=True)
class Partner:
    """One of the eight.

    Attributes:
        contact: what the host knows of them, the same all week.
        weight: their share of the messages; those of all partners add up to 1.
        episodes: look-alike families that fit who they are, in the order to play them; perhaps
            none.
    """

    contact: Contact
    weight: float
    episodes: tuple[Script, ...]


def draw_partners(age: int, split: Split, dice: Dice) -> list[Partner]:
    """The contacts of one young person.

    Args:
        age: theirs, in years.
        split: whose benign families are the look-alikes.
        dice: everything random comes from here.
    """
    ranked = sorted((_relationship(dice) for _ in range(CONTACTS)), key=lambda r: _rank(r, dice))
    total = sum(1 / rank for rank in range(1, CONTACTS + 1))
    return [
        _partner(f"contact {rank}", relationship, 1 / rank / total, age, split, dice)
        for rank, relationship in enumerate(ranked, start=1)
    ]


def _relationship(dice: Dice) -> Relationship:
    mark = dice.uniform()
    for relationship, share in SHARES.items():
        mark -= share
        if mark < 0:
            return relationship
    return "friend"  # rounding


def _rank(relationship: Relationship, dice: Dice) -> tuple[bool, float]:
    near = relationship in _NEAR
    return near != dice.chance(_NEAR_FIRST), dice.uniform()


def _partner(
    name: str, relationship: Relationship, weight: float, age: int, split: Split, dice: Dice
) -> Partner:
    families = [
        script
        for script in split.scripts
        if script.label == "benign" and script.relationship == relationship
    ]
    fitting = [s for s in families if s.user_age[0] <= age <= s.user_age[1]] or families
    if not fitting:
        return Partner(
            contact=Contact(id=name, relationship=relationship), weight=weight, episodes=()
        )
    home = dice.pick(fitting)
    days = home.days_known or (0, 0)
    claimed = None if home.claimed_age is None else dice.between(*home.claimed_age)
    contact = Contact(
        id=name,
        relationship=None if dice.chance(_FIELD_MISSING) else relationship,
        days_known=None if dice.chance(_FIELD_MISSING) else dice.between(*days),
        claimed_age=None if dice.chance(_FIELD_MISSING) else claimed,
    )
    alike = [script for script in fitting if _adult(script) == _adult(home)]
    order = sorted(alike, key=lambda _: dice.uniform())
    return Partner(contact=contact, weight=weight, episodes=tuple(order))


def _adult(script: Script) -> bool:
    return script.claimed_age is not None and script.claimed_age[0] >= _ADULT
