"""``policy.json`` as frozen values: what the interpreter in `nudge_sdk.policy` reads.

The table is validated against ``policy.schema.json`` in the tests, not at run time: it ships inside
the wheel. Its section ``numbers`` gives the unit and the source of every number, and is for
readers: it is never looked at here. `nudge policy` prints the table as a page.

Sets of cues are bit sets over `CUES`, so that a message is weighed by a few integer operations.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final, Literal, TypeAlias

from nudge_sdk._packaged import packaged_text
from nudge_sdk.values import CUES, AgeBand, Contact, RiskKind

Presentation: TypeAlias = Literal["inline", "card", "cover"]

_BIT: Final = {cue: 1 << i for i, cue in enumerate(CUES)}


def cue_bits(cues: Iterable[str]) -> int:
    """Bit set over `CUES`."""
    bits = 0
    for cue in cues:
        bits |= _BIT[cue]
    return bits


def cues_of(bits: int) -> tuple[str, ...]:
    """Names in a bit set, in the order of `CUES`."""
    return tuple(cue for cue, bit in _BIT.items() if bits & bit)


@dataclass(frozen=True, kw_only=True, slots=True)
class Thresholds:
    """Numbers of the policy that belong to a model; they come from the bundle's ``config.json``.

    Attributes:
        cue: probability from which each cue holds, in the order of `CUES`.
        gentle, strong: probability from which each risk counts, in the order of `RISKS`.
        other_language: probability from which a message counts as not read.
    """

    cue: tuple[float, ...]
    gentle: tuple[float, ...]
    strong: tuple[float, ...]
    other_language: float

    def easier(self, odds: float) -> Thresholds:
        """The same with each gentle threshold lowered: its odds p / (1 - p) divided by ``odds``.

        Odds, because the graph's probabilities are calibrated: by Bayes' rule a factor on the odds
        is what one more piece of evidence is worth, wherever on the scale it comes.
        """
        if odds == 1:
            return self
        return replace(self, gentle=tuple(p / (p + (1.0 - p) * odds) for p in self.gentle))


@dataclass(frozen=True, kw_only=True, slots=True)
class BandRules:
    """Limits of one age band: seconds, and nudges in any seven days."""

    cooldown_s: float
    per_conversation_week: int
    per_week: int
    cover: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class FloorRule:
    """Evidence that no budget can hide: cues in this message, with others seen before.

    Attributes:
        risks: kinds of which one has to have reached its gentle threshold.
        now: one of these holds in this message and is new (bit set).
        seen: all of these have been seen, in this message or before (bit set).
        copy: the kind that the nudge is about, where it is not the one that came up.
    """

    name: str
    risks: tuple[str, ...]
    now: int
    seen: int
    copy: Mapping[str, RiskKind]


@dataclass(frozen=True, kw_only=True, slots=True)
class OutsideRules:
    """When an adult who is not among a child's contacts writes: who counts as such."""

    relationships: tuple[str, ...]
    from_age: float
    bands: tuple[str, ...]

    def apply(self, contact: Contact | None, band: AgeBand) -> bool:
        """Whether such an adult writes to a young person of a band; unknown is no."""
        return (
            contact is not None
            and contact.relationship in self.relationships
            and band in self.bands
            and (contact.age or 0.0) >= self.from_age
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftRules:
    """When the young person is told to pause before sharing.

    ``raised_for_days``: how long a risk that was raised speaks, in days.
    """

    silent_relationships: tuple[str, ...]
    raised_for_days: int

    def familiar(self, before: bool, contact: Contact | None, from_contact: bool) -> bool:
        """Whether the contact counts as family or a friend; what is unknown now stays as it was."""
        if contact is None or contact.relationship is None or not from_contact:
            return before
        return contact.relationship in self.silent_relationships


@dataclass(frozen=True, kw_only=True, slots=True)
class Derived:
    """Numbers that a command derived for one model, named by its 8-byte id."""

    model: bytes
    adult_outside_contacts_odds: float
    draft_odds: float

    def of(self, model: bytes) -> Derived:
        """These for the model that they were derived for; for any other one, no shift at all."""
        if model == self.model:
            return self
        return Derived(model=model, adult_outside_contacts_odds=1.0, draft_odds=1.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """The table; see `nudge_sdk.policy` for what each part does."""

    version: str
    late_after_s: float
    burst_s: float
    week_s: float
    senders_updated_by_a_reply: int
    strong_distinct_cues: int
    bands: Mapping[str, BandRules]
    evidence: Mapping[str, int]
    discreet: Mapping[str, bool]
    floor: tuple[FloorRule, ...]
    presentation: Mapping[str, Mapping[str, Presentation]]
    cover_risk: RiskKind
    cover_cue: int
    gentle_switch_limit: int
    outside: OutsideRules
    draft: DraftRules
    derived: Derived

    @classmethod
    def from_dict(cls, table: Mapping[str, Any]) -> Policy:
        """Read the table."""
        timing, risks, derived = table["timing"], table["risks"], table["derived"]
        outside, draft = table["adult_outside_contacts"], table["draft"]
        return cls(
            version=table["version"],
            late_after_s=timing["late_after_s"],
            burst_s=timing["burst_s"],
            week_s=timing["week_s"],
            senders_updated_by_a_reply=table["groups"]["senders_updated_by_a_reply"],
            strong_distinct_cues=table["strong"]["distinct_cues"],
            bands={name: BandRules(**rules) for name, rules in table["bands"].items()},
            evidence={name: cue_bits(rule["evidence"]) for name, rule in risks.items()},
            discreet={name: rule["discreet"] for name, rule in risks.items()},
            floor=tuple(map(_floor_rule, table["floor"])),
            presentation=table["presentation"],
            cover_risk=table["cover"]["risk"],
            cover_cue=cue_bits([table["cover"]["cue"]]),
            gentle_switch_limit=table["gentle_switch"]["gentle_nudges_per_kind_and_chat"],
            outside=OutsideRules(
                relationships=tuple(outside["relationships"]),
                from_age=outside["from_age"],
                bands=tuple(outside["bands"]),
            ),
            draft=DraftRules(
                silent_relationships=tuple(draft["silent_relationships"]),
                raised_for_days=draft["raised_for_days"],
            ),
            derived=Derived(
                model=bytes.fromhex(derived["model"]),
                adult_outside_contacts_odds=derived["adult_outside_contacts_odds"],
                draft_odds=derived["draft_odds"],
            ),
        )


def _floor_rule(rule: Mapping[str, Any]) -> FloorRule:
    return FloorRule(
        name=rule["name"],
        risks=tuple(rule["risks"]),
        now=cue_bits(rule["now"]),
        seen=cue_bits(rule["seen"]),
        copy=rule["copy"],
    )


def policy_json() -> dict[str, Any]:
    """The table as it stands in the file, for a page and for derivation."""
    table: dict[str, Any] = json.loads(packaged_text("policy.json"))
    return table


@cache
def shipped_policy() -> Policy:
    """The policy that ships with the SDK."""
    return Policy.from_dict(policy_json())
