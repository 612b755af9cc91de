"""What a file holds: conversations and families of each class, and labels that are not scored.

Figures are read beside these. Headline figures need at least 30 risky families and 1,000 risky
conversations (DESIGN.md, section 7).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nudge_harness.metrics.outcome import Outcome
from nudge_sdk.values import RISKS

UNLABELLED: Final = "(none)"
NO_NUDGE: Final = "(none)"
HEADLINE_FAMILIES: Final = 30
HEADLINE_CONVERSATIONS: Final = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """One class of conversations.

    Attributes:
        conversations, messages, nudged: counts; ``nudged`` got at least one nudge.
        families: distinct families named; a conversation without one adds none.
    """

    conversations: int
    families: int
    messages: int
    nudged: int

    def to_json(self) -> dict[str, int]:
        """The tally as a JSON object."""
        return {
            "conversations": self.conversations,
            "families": self.families,
            "messages": self.messages,
            "nudged": self.nudged,
        }


def tally(outcomes: Sequence[Outcome], test: Callable[[Outcome], bool]) -> Tally:
    """The tally of the outcomes that pass the test."""
    chosen = [outcome for outcome in outcomes if test(outcome)]
    return Tally(
        conversations=len(chosen),
        families=len({outcome.family for outcome in chosen} - {None}),
        messages=sum(outcome.messages for outcome in chosen),
        nudged=sum(outcome.nudged for outcome in chosen),
    )


def tallies(outcomes: Sequence[Outcome]) -> dict[str, Tally]:
    """The classes: ``positive`` and its parts without harm or onset, look-alikes, ordinary, all."""
    return {
        "all": tally(outcomes, lambda _: True),
        "positive": tally(outcomes, lambda o: o.positive),
        "positive_without_harm": tally(outcomes, lambda o: o.positive and o.harm is None),
        "positive_without_onset": tally(outcomes, lambda o: o.positive and o.onset is None),
        "lookalike": tally(outcomes, lambda o: o.lookalike),
        "ordinary": tally(outcomes, lambda o: o.ordinary),
    }


def other_labels(outcomes: Sequence[Outcome]) -> dict[str, Tally]:
    """Labels that are neither a risk nor ``benign``: kept, not scored, nudges counted."""
    names = {outcome.label for outcome in outcomes if not outcome.scored}
    return {
        UNLABELLED if name is None else name: tally(outcomes, lambda o, name=name: o.label == name)  # type: ignore[misc]  # mypy cannot type a lambda's default
        for name in sorted(names, key=lambda name: name or "")
    }


def first_kinds(outcomes: Sequence[Outcome]) -> dict[str, Mapping[str, int]]:
    """For each scored label, how many first nudges named which kind; `NO_NUDGE` for none."""
    table: dict[str, Mapping[str, int]] = {}
    for label in (*RISKS, "benign"):
        own = [outcome for outcome in outcomes if outcome.label == label]
        if own:
            kinds = Counter(o.nudges[0].risk if o.nudges else NO_NUDGE for o in own)
            table[label] = dict(sorted(kinds.items()))
    return table


def enough_for_headline(risky: Tally) -> bool:
    """Whether the positives are varied and many enough for a figure that stands on its own."""
    return risky.families >= HEADLINE_FAMILIES and risky.conversations >= HEADLINE_CONVERSATIONS
