"""``python -m models.train.figures``: the README's figures, from ``models/en_v1/figures.json``.

The JSON is written by ``python -m models.train`` beside the bundle; every number in it comes from
the harness's own commands (`models.train.measure`). A test holds the README to it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.train.card_parts import figure

ROOT = Path(__file__).parents[2]
START, END = "<!-- figures:start -->", "<!-- figures:end -->"


def block(figures: Mapping[str, Any]) -> str:
    """The block between the marks, in Markdown."""
    every, text = figures["generated"]["all"], figures["generated"]["text"]
    real = figures["real"]
    ordinary = sum(row["ordinary"] for row in real)
    plain = sum(row["nudged"] for row in real)
    stranger = sum(row["nudged_stranger"] for row in real)
    rows = [
        ("generated test chats: warned before harm", "recall_before_harm"),
        ("the same, within two messages of the first sign", "early_recall"),
        ("of those warned in time, the right kind of risk", "right_kind"),
        ("risky chats nudged before the first sign", "premature"),
        ("look-alikes nudged, of 1,000", "false_per_1000"),
    ]
    lines = [
        "<!-- written by `python -m models.train.figures` -->",
        "",
        "| figure (95 % interval) | all signals | text only |",
        "|---|---|---|",
    ]
    for label, name in rows:
        digits = 1 if name == "false_per_1000" else 3
        lines.append(f"| {label} | {figure(every[name], digits)} | {figure(text[name], digits)} |")
    if ordinary:
        lines += [
            "",
            f"Of {ordinary:,} real ordinary conversations in {len(real)} files, {plain} got a",
            f"nudge, and {stranger} when every unknown contact is read as a stranger to a",
            "12-year-old.",
        ]
    lines += [
        "",
        "Test families and wording stand nowhere in training, but the same project wrote both, and",
        "risky chats are made up at leaflet level: expect less on real ones.",
    ]
    return "\n".join(lines)


def filled(readme: str, figures: Mapping[str, Any]) -> str:
    """The README with the block filled in."""
    before, _, rest = readme.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n{block(figures)}\n{END}{after}"


def main() -> int:
    """Fill the block."""
    figures = json.loads((ROOT / "models/en_v1/figures.json").read_text(encoding="utf-8"))
    readme = ROOT / "README.md"
    readme.write_text(filled(readme.read_text(encoding="utf-8"), figures), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
