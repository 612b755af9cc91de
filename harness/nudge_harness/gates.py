"""Gates: figures that a release has to reach, as a table that a person can read.

A gates file is TOML::

    [[gate]]
    metric = "recall_before_harm"   # any name of `results.measures`, as precision_at.0.001
    min = 0.85                      # and / or max
    on = "low"                      # which number must hold: value (default), low or high
    least_n = 1000                  # optional: the figure must rest on this many conversations

    [[regression]]                  # only with a stored run to compare with
    metric = "recall_before_harm"   # any metric of the catalogue
    allow = 0.02                    # how much worse is still accepted; default 0

A figure that is missing fails its gate: nothing measured is nothing shown. A regression fails only
when the whole paired interval is worse than allowed, so that noise does not stop a release.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

from nudge_harness.errors import FieldError, FormatError
from nudge_harness.formats import checks
from nudge_harness.metrics.catalogue import catalogue
from nudge_harness.metrics.paired import Difference
from nudge_harness.report.terminal import table
from nudge_harness.results import Measure, direction_of

ENDS: Final = ("value", "low", "high")
_FAR: Final = 1e12  # no figure is larger


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """One limit on one figure; see the module for the fields."""

    metric: str
    min: float | None = None
    max: float | None = None
    on: str = "value"
    least_n: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Regression:
    """How much worse than a stored run a metric may be."""

    metric: str
    allow: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Gates:
    """A gates file."""

    gates: tuple[Gate, ...]
    regressions: tuple[Regression, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One gate and how it went.

    Attributes:
        name: the metric, and which number of it.
        limit: what was asked, in words.
        found: what was found, in words.
        passed: whether the gate holds.
    """

    name: str
    limit: str
    found: str
    passed: bool


def read_gates(path: str | Path) -> Gates:
    """Read a gates file.

    Raises:
        FormatError: not TOML, an unknown key, a gate without a limit or a metric without a
            direction; the message names the entry.
    """
    name = Path(path).name
    try:
        source = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        return gates_from(source)
    except FieldError as error:
        raise FormatError(name, 0, error.field, error.problem) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FormatError(name, 0, "", f"is not TOML: {error}") from None
    except OSError as error:
        raise FormatError(name, 0, "", (error.strerror or "").lower()) from None


def gates_from(source: Mapping[str, Any]) -> Gates:
    """Gates of a parsed file.

    Raises:
        FieldError: names the entry and the rule.
    """
    _only(source, ("gate", "regression"), "")
    gates = checks.a_list(source.get("gate", []), "gate")
    regressions = checks.a_list(source.get("regression", []), "regression")
    if not gates and not regressions:
        raise FieldError("", "holds no gate")
    return Gates(
        gates=tuple(_gate(item, f"gate[{at}]") for at, item in enumerate(gates)),
        regressions=tuple(
            _regression(item, f"regression[{at}]") for at, item in enumerate(regressions)
        ),
    )


def _only(source: Mapping[str, Any], known: Sequence[str], path: str) -> None:
    for key in source:
        if key not in known:
            raise FieldError(path + checks.short(key), f"is unknown; known: {', '.join(known)}")


def _gate(value: object, path: str) -> Gate:
    source = checks.an_object(value, path)
    _only(source, ("metric", "min", "max", "on", "least_n"), f"{path}.")
    metric = checks.required_str(source, "metric", f"{path}.metric")
    try:
        direction_of(metric)
    except KeyError:
        raise FieldError(f"{path}.metric", "is no figure of the evaluation") from None
    least, most = (
        checks.number(source, key, f"{path}.{key}", -_FAR, _FAR) for key in ("min", "max")
    )
    if least is None and most is None:
        raise FieldError(path, "has neither min nor max")
    on = source.get("on", "value")
    checks.choice(on, ENDS, f"{path}.on")
    least_n = checks.whole(source, "least_n", f"{path}.least_n")
    return Gate(metric=metric, min=least, max=most, on=on, least_n=max(1, least_n or 1))


def _regression(value: object, path: str) -> Regression:
    source = checks.an_object(value, path)
    _only(source, ("metric", "allow"), f"{path}.")
    directed = [metric.name for metric in catalogue() if metric.direction != "neither"]
    checks.choice(source.get("metric"), directed, f"{path}.metric")
    allow = checks.number(source, "allow", f"{path}.allow", 0, _FAR)
    return Regression(metric=source["metric"], allow=allow or 0.0)


def check_gates(
    gates: Gates,
    measures: Mapping[str, Measure],
    differences: Mapping[str, Difference] | None = None,
) -> tuple[Row, ...]:
    """Hold every gate and every regression against a run.

    Args:
        gates: the limits.
        measures: figures of the run (`results.measures`).
        differences: of the run to a stored one (`results.compare_to_run`). Without them a
            regression cannot be checked and fails: nothing compared is nothing shown.
    """
    held = tuple(_held(gate, measures.get(gate.metric)) for gate in gates.gates)
    known = differences or {}
    return held + tuple(_kept(asked, known.get(asked.metric)) for asked in gates.regressions)


def _held(gate: Gate, measure: Measure | None) -> Row:
    name = gate.metric if gate.on == "value" else f"{gate.metric} ({gate.on})"
    limits = [f"at least {gate.min:g}"] if gate.min is not None else []
    limits += [f"at most {gate.max:g}"] if gate.max is not None else []
    if gate.least_n > 1:
        limits.append(f"n at least {gate.least_n:,}")
    limit = ", ".join(limits)
    found = None if measure is None else getattr(measure.figure, gate.on)
    if measure is None or found is None:
        return Row(name=name, limit=limit, found="not measured", passed=False)
    passed = (
        (gate.min is None or found >= gate.min)
        and (gate.max is None or found <= gate.max)
        and measure.figure.n >= gate.least_n
    )
    return Row(name=name, limit=limit, found=f"{found:.4g} (n {measure.figure.n:,})", passed=passed)


def _kept(asked: Regression, difference: Difference | None) -> Row:
    name, limit = f"{asked.metric} (change)", f"not clearly worse by over {asked.allow:g}"
    if difference is None:
        return Row(name=name, limit=limit, found="no stored run to compare with", passed=False)
    figure, sign = difference.figure, 1.0 if direction_of(asked.metric) == "higher" else -1.0
    if figure.value is None or figure.low is None or figure.high is None:
        return Row(name=name, limit=limit, found="not comparable", passed=False)
    best = max(sign * figure.low, sign * figure.high)
    return Row(
        name=name,
        limit=limit,
        found=f"{figure.value:+.4g} ({figure.low:+.4g} to {figure.high:+.4g})",
        passed=best >= -asked.allow,
    )


def failed(rows: Sequence[Row]) -> int:
    """How many gates do not hold; the command's exit code is 1 if any."""
    return sum(not row.passed for row in rows)


def as_table(rows: Sequence[Row]) -> str:
    """The rows as plain text, the failed ones marked in words."""
    head = ("gate", "asked", "found", "")
    body = [(row.name, row.limit, row.found, "ok" if row.passed else "FAILED") for row in rows]
    return table([head, *body])


def junit(rows: Sequence[Row], suite: str = "nudge-harness gates") -> str:
    """The rows as JUnit XML, one test case each, for a CI system."""
    top = ET.Element(
        "testsuite", name=suite, tests=str(len(rows)), failures=str(failed(rows)), errors="0"
    )
    for row in rows:
        case = ET.SubElement(top, "testcase", classname=suite, name=row.name)
        if not row.passed:
            ET.SubElement(case, "failure", message=f"asked: {row.limit}; found: {row.found}")
    ET.indent(top)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(top, encoding="unicode") + "\n"
