"""An evaluation as plain text, for a terminal of 80 columns or a log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nudge_harness.metrics.catalogue import catalogue
from nudge_harness.metrics.evaluation import Evaluation
from nudge_harness.metrics.latency import half_patience
from nudge_harness.metrics.paired import Difference
from nudge_harness.report import words


def summary(evaluation: Evaluation, differences: Mapping[str, Difference] | None = None) -> str:
    """The figures with intervals, and the differences to another detector where given."""
    parts = [_holds(evaluation), _figures(evaluation), _precision(evaluation), _worst(evaluation)]
    if evaluation.calibration:
        parts.append(_calibration(evaluation))
    if differences is not None:
        parts.append(differences_table(differences))
    return "\n\n".join(part for part in parts if part) + "\n"


def table(rows: Sequence[tuple[str, ...]]) -> str:
    """Rows in columns: the first one flush left, the others flush right; a rule under the head."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "─" * (sum(widths) + 2 * len(widths) - 2), *lines[1:]])


def _holds(evaluation: Evaluation) -> str:
    tallies = evaluation.tallies
    risky, alike, plain = (tallies[name] for name in ("positive", "lookalike", "ordinary"))
    families = "family", "families"
    lines = [
        words.several(risky.conversations, "risky chat", "risky chats")
        + f" from {words.several(risky.families, *families)}, "
        + words.several(alike.conversations, "look-alike", "look-alikes")
        + f" from {words.several(alike.families, *families)},",
        words.several(plain.conversations, "ordinary chat.", "ordinary chats."),
    ]
    if risky.conversations and not evaluation.enough_for_headline:
        lines.append("Too few or too alike for headline figures (30 families, 1,000 risky chats).")
    lines += [
        f"Not scored: label {name!a}, {words.several(own.conversations, 'chat', 'chats')}, "
        f"{words.count(own.nudged)} nudged."
        for name, own in evaluation.other_labels.items()
    ]
    return "\n".join(lines)


def _figures(evaluation: Evaluation) -> str:
    rows = [("", "figure", "95 % interval", "n")]
    for metric in catalogue(evaluation.p):
        figure = evaluation.figures[metric.name]
        rows.append(
            (
                metric.title,
                words.shown(figure, metric.unit),
                words.between(figure, metric.unit),
                words.count(figure.n),
            )
        )
    patience = half_patience(evaluation.p)
    note = f"Speed and F-latency: p = {evaluation.p:g}, half worth at message {patience:.0f}."
    return f"{table(rows)}\n{note}"


def _precision(evaluation: Evaluation) -> str:
    rows = [("Precision: right nudges of all", "figure", "95 % interval")]
    for rate, figure in evaluation.precision_at.items():
        name = f"{words.one_in(float(rate))} chats risky"
        rows.append((name, words.shown(figure, "share"), words.between(figure, "share")))
    for share, figure in evaluation.precision_unknown_adults.items():
        name = f"unknown adults in {100 * float(share):g} % of chats"
        rows.append((name, words.shown(figure, "share"), words.between(figure, "share")))
    note = "Unknown adults: a scenario in which 1 in 86 chats with them is risky."
    return f"{table(rows)}\n{note}"


def _worst(evaluation: Evaluation) -> str:
    rows = [("Served worst", "group", "gap to the rest", "95 % interval")]
    for grouping, metrics in evaluation.groups.items():
        for name, own in metrics.items():
            if own.worst is None or own.gap is None:
                continue
            unit = words.GROUP_UNITS[name]
            rows.append(
                (
                    f"{words.GROUPINGS[grouping]}: {words.GROUP_TITLES[name]}",
                    words.plain(own.worst),
                    words.change(own.gap, unit),
                    words.between(own.gap, unit),
                )
            )
    return table(rows) if len(rows) > 1 else ""


def _calibration(evaluation: Evaluation) -> str:
    rows = [("Calibration error", "figure", "95 % interval")]
    for name, figure in evaluation.calibration.items():
        rows.append((name, words.shown(figure, "score"), words.between(figure, "score")))
    return table(rows)


def differences_table(differences: Mapping[str, Difference]) -> str:
    """Each metric less the other detector's, with a paired interval and what it says."""
    rows = [("Less the other detector", "difference", "95 % interval", "")]
    for metric in catalogue():
        own = differences[metric.name]
        difference = words.change(own.figure, metric.unit)
        rows.append((metric.title, difference, words.between(own.figure, metric.unit), own.verdict))
    return table(rows)
