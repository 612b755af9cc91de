"""What the page shows of the figures: each function turns results into words and pictures."""

from __future__ import annotations

from typing import Any, TypeAlias

from nudge_harness.metrics.catalogue import Unit
from nudge_harness.metrics.evaluation import Evaluation
from nudge_harness.metrics.statistic import Figure
from nudge_harness.report import words
from nudge_harness.report.glyphs import dots

View: TypeAlias = dict[str, Any]


def holds(evaluation: Evaluation) -> str:
    """What the file holds, in one line."""
    tallies = evaluation.tallies
    parts = []
    for name, one, many in (
        ("positive", "risky chat", "risky chats"),
        ("lookalike", "look-alike", "look-alikes"),
        ("ordinary", "ordinary chat", "ordinary chats"),
    ):
        own = tallies[name]
        if own.conversations:
            said = words.several(own.conversations, one, many)
            families = words.several(own.families, "family", "families")
            parts.append(f"{said} from {families}" if own.families else said)
    messages = words.several(tallies["all"].messages, "message", "messages")
    return " · ".join([*parts, f"{messages} in all"])


def notes(evaluation: Evaluation) -> list[str]:
    """Warnings that have to be read before the figures."""
    found = []
    if evaluation.tallies["positive"].conversations and not evaluation.enough_for_headline:
        found.append(
            "Not a headline result: that takes at least 30 risky families and 1,000 risky chats. "
            "Read the intervals."
        )
    for name, own in evaluation.other_labels.items():
        chats = words.several(own.conversations, "chat", "chats")
        found.append(f"Not scored: {chats} with label “{name}”, {words.count(own.nudged)} nudged.")
    return found


def heroes(evaluation: Evaluation) -> list[View]:
    """The three numbers that matter first."""
    figures, tallies = evaluation.figures, evaluation.tallies
    return [
        _hero(
            "Recall before harm",
            figures["recall_before_harm"],
            unit="share",
            says="of risky chats got a nudge no later than the harmful ask or threat.",
            basis=_basis("risky chat", figures["recall_before_harm"], tallies["positive"].families),
            absent="This file states no risky chat and its harm.",
            kind="good",
        ),
        _hero(
            "Look-alikes nudged",
            figures["false_per_1000_lookalike"],
            unit="per 1,000",
            says="benign chats that were written to look risky got a nudge.",
            basis=_basis(
                "look-alike", figures["false_per_1000_lookalike"], tallies["lookalike"].families
            ),
            absent="This file has no look-alikes.",
            kind="bad",
        ),
        _hero(
            "Ordinary chats nudged",
            figures["false_per_1000_ordinary"],
            unit="per 1,000",
            says="everyday chats got a nudge for nothing.",
            basis=_basis("ordinary chat", figures["false_per_1000_ordinary"], 0),
            absent="This file has no ordinary chats: score a file of real ones beside it.",
            kind="bad",
        ),
    ]


def _basis(one: str, figure: Figure, families: int) -> str:
    said = words.several(figure.n, one, f"{one}s")
    return f"{said}, {words.several(families, 'family', 'families')}" if families else said


def _hero(
    title: str, figure: Figure, *, unit: Unit, says: str, basis: str, absent: str, kind: str
) -> View:
    if figure.value is None:
        return {"title": title, "kind": kind, "absent": absent}
    total = 100 if unit == "share" else 1000
    count = figure.value * 100 if unit == "share" else figure.value
    label = f"{round(count):,} of {total:,} dots marked"
    kind = "good" if kind == "bad" and not count else kind
    return {
        "title": title,
        "kind": kind,
        "value": words.number(figure.value, unit),
        "unit": "%" if unit == "share" else "in 1,000",
        "says": says,
        "dots": dots(count, total, 20 if total == 100 else 50, label, kind),
        "interval": f"95 % interval: {words.between(figure, unit)}",
        "basis": f"From {basis}",
    }


def week(evaluation: Evaluation) -> View:
    """The burden of one person."""
    return cell(evaluation.figures["false_per_user_week"], "a week")


def rates(evaluation: Evaluation) -> list[View]:
    """Precision at the stated base rates and in the scenario."""
    stated = [
        (f"if {words.one_in(float(rate))} chats is risky", own)
        for rate, own in evaluation.precision_at.items()
    ]
    scenario = [
        (f"with unknown adults in {100 * float(share):g} % of chats", own)
        for share, own in evaluation.precision_unknown_adults.items()
    ]
    return [{"says": said, **cell(own, "share")} for said, own in (*stated, *scenario)]


def cell(figure: Figure, unit: Unit) -> View:
    """A table cell: the figure, its interval, and what to sort by."""
    return {
        "value": words.shown(figure, unit),
        "interval": words.between(figure, unit),
        "key": key(figure),
    }


def key(figure: Figure) -> str:
    """What a table sorts by; empty for what was not measured."""
    return "" if figure.value is None else repr(figure.value)
