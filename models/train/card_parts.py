"""Parts of a model card beyond the generated test chats and the real ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from models.train.measure import HEADLINES

# ruff: noqa: E501 - rows of Markdown tables cannot be broken

_FILES: Final = {
    "generated": "Generated test chats",
    "first": "First set made by hand",
    "second": "Second set made by hand",
}


def figure(own: Mapping[str, Any] | None, digits: int = 3) -> str:
    """``0.912 (0.885 to 0.934)``, or that there is none."""
    if own is None or own.get("value") is None:
        return "not measured"
    value = f"{own['value']:.{digits}f}"
    if own.get("low") is None:
        return value
    return f"{value} ({own['low']:.{digits}f} to {own['high']:.{digits}f})"


def by_hand(more: Mapping[str, Any] | None) -> str:
    """The part on the sets made by hand."""
    if more is None:
        return "## Measured on chats made by hand\n\nNot measured.\n"
    sets, agreed = more["by_hand"], more["agreement"]
    kinds = next(iter(sets.values())).get("by_label", {})
    rows: list[tuple[str, str, str | None]] = [(name, name, None) for name in HEADLINES]
    rows += [(f"recall_before_harm, {kind}", "recall_before_harm", kind) for kind in kinds]
    lines = [
        "## Measured on chats made by hand",
        "",
        "Whole conversations by other hands, no generator (`models/heldout/`), measured at the end of",
        "a release; for 1.3.0 twice, before and after a change of the thresholds' budgets (changelog).",
        "A second reader of each set saw no marks.",
        "",
        "| set | chats | risky | same label | same onset (within 2 messages) | same harm (within 2) |",
        "|---|---|---|---|---|---|",
        *(f"| {name} | {_agreement(found)} |" for name, found in agreed.items()),
        "",
        "| figure | " + " | ".join(sets) + " |",
        "|---|" + "---|" * len(sets),
    ]
    for title, metric, kind in rows:
        of = [found if kind is None else found["by_label"].get(kind, {}) for found in sets.values()]
        lines.append(f"| {title} | " + " | ".join(figure(own.get(metric)) for own in of) + " |")
    return "\n".join(lines) + "\n"


def _agreement(found: Mapping[str, float]) -> str:
    """Cells of one set's row."""
    cells = [f"{found['chats']:.0f}", f"{found['risky']:.0f}", f"{100 * found['label']:.0f} %"]
    cells += [
        f"{100 * found[mark]:.0f} % ({100 * found[f'{mark}_within_2']:.0f} %)"
        for mark in ("onset", "harm")
    ]
    return " | ".join(cells)


def stressed(more: Mapping[str, Any] | None) -> str:
    """The part on rewritten texts, single lines and long chats."""
    if more is None:
        return "## Rewritten, explicit, long\n\nNot measured.\n"
    plain = more["rewritings"]["none"]
    lines = [
        "## Rewritten, explicit, long",
        "",
        "Every text of generated test chats rewritten; lost and gained against the same chats as they",
        "stand.",
        "",
        "| rewriting | recall_before_harm | lost | false_per_1000 | gained |",
        "|---|---|---|---|---|",
    ]
    for name, own in more["rewritings"].items():
        recall, false = own["recall_before_harm"], own["false_per_1000"]
        lost = plain["recall_before_harm"]["value"] - recall["value"]
        gained = false["value"] - plain["false_per_1000"]["value"]
        lines.append(
            f"| {name} | {figure(recall)} | {lost:.3f} | {figure(false, 1)} | {gained:.1f} |"
        )
    single = more["single"]
    explicit, unknown, swearing = (
        f"{single[name]['nudged']} of {single[name]['chats']}"
        for name in ("explicit", "explicit_unknown", "swearing")
    )
    lines += [
        "",
        (
            f"Single explicit lines from a stranger, with words of a list not used in building: "
            f"{explicit} nudged; with those of them that no list used in building holds: "
            f"{unknown}. Swearing among friends: {swearing}."
        ),
    ]
    chained = more["chained"]
    if chained is not None:
        lines += [
            "",
            (
                f"Real ordinary English chats in a row, {chained['messages']} messages each: "
                f"{chained['nudged']} of {chained['chats']} rows nudged, {chained['nudges']} nudges, "
                f"{chained['per_contact_month']:.4f} a contact-month of 375 messages."
            ),
        ]
    return "\n".join(lines) + "\n"


def baselines(more: Mapping[str, Any] | None, generated: Mapping[str, Any] | None) -> str:
    """The part on plain detectors, each file with this model's figures first."""
    if more is None or generated is None:
        return "## Beside plain detectors\n\nNot measured.\n"
    own = {"generated": generated["all"], **more["by_hand"]}
    columns = ("recall_before_harm", "early_recall", "right_kind", "false_per_1000")
    lines = [
        "## Beside plain detectors",
        "",
        "Each learns and sets its thresholds on generated training-side chats, for one budget of",
        "false nudges; the points reached differ, so compare recall and false nudges together.",
    ]
    for name, title in _FILES.items():
        lines += ["", f"| {title} | " + " | ".join(columns) + " |", "|---|" + "---|" * len(columns)]
        for detector, found in {"this model": own[name], **more["baselines"][name]}.items():
            cells = [figure(found.get(c), 1 if c == "false_per_1000" else 3) for c in columns]
            lines.append(f"| {detector} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
