"""The table of where a message's time and instructions go, in Markdown."""

from __future__ import annotations

from nudge_harness.bench.stages import ABOUT, PARTS


def table(times: dict[str, float], counts: dict[str, int] | None) -> str:
    """Rows of `stages`, with what lies between them.

    Args:
        times: microseconds of each stage.
        counts: instructions of each stage; left out where nothing was counted.
    """
    rows = ["| stage | what | µs | no-op calls | instructions |", "|---|---|---|---|---|"]
    for name in ("no-op", *PARTS, "between", "receive"):
        us = _of(times, name)
        count = "not counted" if counts is None else f"{_of(counts, name):,.0f}"
        shown = f"| {name} | {ABOUT[name]} | {us:.1f} | {us / times['no-op']:.2f} | {count} |"
        rows.append(shown)
    return "\n".join(rows)


def _of(values: dict[str, float] | dict[str, int], name: str) -> float:
    if name == "between":
        return values["receive"] - sum(values[part] for part in PARTS)
    return values[name]
