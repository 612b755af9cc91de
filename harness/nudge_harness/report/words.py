"""Numbers and names as people read them: one place for the terminal and the page."""

from __future__ import annotations

from typing import Final

from nudge_harness.metrics.catalogue import Unit
from nudge_harness.metrics.statistic import Figure

MISSING: Final = "–"  # never 0 for nothing

KINDS: Final = {
    "grooming": "Grooming",
    "adult_content": "Adult content",
    "coercion": "Coercion",
    "scam_lure": "Scam lure",
    "benign": "Benign",
}
GROUPINGS: Final = {
    "age_band": "Age band",
    "relationship": "Relationship",
    "lang": "Language tag",
}
GROUP_TITLES: Final = {
    "recall_before_harm": "recall before harm",
    "false_per_1000": "false nudges per 1,000",
}
GROUP_UNITS: Final[dict[str, Unit]] = {
    "recall_before_harm": "share",
    "false_per_1000": "per 1,000",
}
BETTER: Final = {"higher": "higher is better", "lower": "lower is better", "neither": ""}


def plain(name: str) -> str:
    """A label, relationship or age band in words."""
    if name in KINDS:
        return KINDS[name]
    low, _, high = name.partition("_")
    if low.isdigit() and high.isdigit():
        return f"{low} to {high}"
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def number(value: float, unit: Unit) -> str:
    """A value without its unit, with as many digits as say something and a true minus sign."""
    if value == 0:
        return "0"
    if unit == "share":
        said = f"{100 * value:.1f}"
    elif unit == "score":
        said = f"{value:.3f}"
    elif unit in ("messages", "minutes"):
        said = f"{value:.0f}" if value == int(value) or abs(value) >= 100 else f"{value:.1f}"
    else:
        said = f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    return said.replace("-", "−")


def shown(figure: Figure, unit: Unit) -> str:
    """A figure's value with its unit, or a dash."""
    if figure.value is None:
        return MISSING
    return number(figure.value, unit) + (" %" if unit == "share" else "")


def change(figure: Figure, unit: Unit) -> str:
    """A difference with its sign; shares in percentage points."""
    if figure.value is None:
        return MISSING
    sign = "+" if figure.value > 0 else ""
    return sign + number(figure.value, unit) + (" points" if unit == "share" else "")


def between(figure: Figure, unit: Unit) -> str:
    """A figure's interval, or a dash."""
    if figure.low is None or figure.high is None:
        return MISSING
    return f"{number(figure.low, unit)} to {number(figure.high, unit)}"


def count(number_of: int) -> str:
    """A whole number with thousands separators."""
    return f"{number_of:,}"


def several(number_of: int, one: str, many: str) -> str:
    """A count with its noun: "1 chat", "2 chats"."""
    return f"{count(number_of)} {one if number_of == 1 else many}"


def one_in(rate: float) -> str:
    """A base rate as "1 in 1,000"."""
    return f"1 in {round(1 / rate):,}"
