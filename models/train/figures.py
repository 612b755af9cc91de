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
    columns = {
        "generated": figures["generated"]["all"],
        "generated, words only": figures["generated"]["text"],
        **{f"by hand, {name}": found for name, found in _by_hand(figures).items()},
    }
    real = figures["real"]
    ordinary = sum(row["ordinary"] for row in real)
    plain = sum(row["nudged"] for row in real)
    stranger = sum(row["nudged_stranger"] for row in real)
    rows = [
        ("warned before harm", "recall_before_harm"),
        ("the same, within two messages of the first sign", "early_recall"),
        ("of those warned in time, the right kind of risk", "right_kind"),
        ("risky chats nudged before the first sign", "premature"),
        ("ordinary chats and look-alikes nudged, of 1,000", "false_per_1000"),
    ]
    lines = [
        "<!-- written by `python -m models.train.figures` -->",
        "",
        "| figure (95 % interval) | " + " | ".join(columns) + " |",
        "|---|" + "---|" * len(columns),
    ]
    for label, name in rows:
        digits = 1 if name == "false_per_1000" else 3
        cells = [figure(found.get(name), digits) for found in columns.values()]
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    if ordinary:
        lines += [
            "",
            f"Of {ordinary:,} real ordinary conversations in {len(real)} files, {plain} got a",
            f"nudge, and {stranger} when every unknown contact is read as a stranger to a",
            "12-year-old.",
        ]
    lines += [
        "",
        "Test families and wording stand nowhere in training, and the two sets by hand were",
        "written apart from it (`models/heldout/`); but all of it is made up, at leaflet level:",
        "expect less on real chats.",
    ]
    return "\n".join(lines)


def _by_hand(figures: Mapping[str, Any]) -> Mapping[str, Any]:
    """Figures of each hand-made set."""
    found: Mapping[str, Any] = (figures["more"] or {}).get("by_hand", {})
    return found


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
