"""Figures of the pack: read from the records of runs (``results.json``), never worked out anew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from nudge_harness.errors import FormatError
from nudge_harness.metrics.catalogue import Unit, catalogue
from nudge_harness.metrics.statistic import Figure
from nudge_harness.report import words
from nudge_harness.results import RESULTS, SCHEMA

Json = dict[str, Any]
RATES: Final = ("recall_before_harm", "early_recall", "right_kind", "premature", "false_per_1000")
BURDEN: Final = ("false_per_1000", "false_per_1000_messages", "false_per_user_week")


def read_record(folder: Path) -> Json:
    """The record of a stored run.

    Raises:
        FormatError: there is none, or it is not of this format.
    """
    try:
        record = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
    except OSError as error:
        raise FormatError(RESULTS, 0, "", (error.strerror or "").lower()) from None
    except ValueError:
        raise FormatError(RESULTS, 0, "", "is not JSON") from None
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        raise FormatError(RESULTS, 0, "schema", f"must be {SCHEMA}")
    return record


def of(plain: Mapping[str, Any] | None) -> Figure:
    """A figure of a record; one that is missing rests on nothing."""
    own = plain or {}
    return Figure(
        value=own.get("value"), low=own.get("low"), high=own.get("high"), n=own.get("n", 0)
    )


def row(name: str, plain: Mapping[str, Any] | None, unit: Unit) -> Json:
    """A line of a table."""
    figure = of(plain)
    return {
        "name": name,
        "value": words.shown(figure, unit),
        "interval": words.between(figure, unit),
        "n": words.count(figure.n),
    }


def rates(evaluation: Json, names: tuple[str, ...]) -> list[Json]:
    """Headline figures by title."""
    known = {metric.name: metric for metric in catalogue(evaluation["p"])}
    return [row(known[name].title, evaluation.get(name), known[name].unit) for name in names]


def precision(evaluation: Json) -> list[Json]:
    """Of all nudges, right ones, at each stated base rate."""
    return [
        row(f"{words.one_in(float(rate))} chats risky", own, "share")
        for rate, own in evaluation["precision_at"].items()
    ]


def kinds(evaluation: Json) -> list[Json]:
    """Recall before harm of each kind of risk."""
    return [
        row(words.plain(kind), own.get("recall_before_harm"), "share")
        for kind, own in evaluation["by_label"].items()
    ]


def groups(evaluation: Json) -> list[Json]:
    """Error rates by group, with the group that is served worst."""
    found: list[Json] = []
    for grouping, metrics in evaluation["groups"].items():
        for metric, own in metrics.items():
            unit = words.GROUP_UNITS[metric]
            members = [row(words.plain(name), fig, unit) for name, fig in own["groups"].items()]
            gap = of(own.get("gap"))
            worst = own.get("worst")
            found.append(
                {
                    "title": f"{words.GROUPINGS[grouping]}: {words.GROUP_TITLES[metric]}",
                    "rows": members,
                    "worst": None if worst is None else words.plain(worst),
                    "gap": words.change(gap, unit),
                    "interval": words.between(gap, unit),
                }
            )
    return [own for own in found if len(own["rows"]) > 1]


def beside(record: Json) -> list[Json]:
    """Baselines and peers on the same file."""
    return [
        {
            "name": title,
            "recall": words.shown(of(own.get("recall_before_harm")), "share"),
            "false": words.shown(of(own.get("false_per_1000")), "per 1,000"),
        }
        for title, own in record.get("beside", {}).items()
    ]


def holds(evaluation: Json) -> list[Json]:
    """What the file holds, by class."""
    return [
        {"name": words.plain(name), **{key: words.count(value) for key, value in own.items()}}
        for name, own in evaluation["counts"].items()
        if own["conversations"]
    ]
