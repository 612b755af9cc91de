"""Synthetic conversations: hand-written scripts and banks, drawn, styled and perturbed by seed.

One direction: `split` reads the material of one side, `render` turns one script into one
conversation, `stream` draws scripts by seed, `perturb` rewrites without changing a label, `leaks`
shows that the two sides share no wording.
"""

from __future__ import annotations

from nudge_harness.generate.render import Options, render
from nudge_harness.generate.split import (
    SPLITS,
    Split,
    SplitName,
    load_slots,
    load_split,
    read_split,
)
from nudge_harness.generate.stream import generate

__all__ = [
    "SPLITS",
    "Options",
    "Split",
    "SplitName",
    "generate",
    "load_slots",
    "load_split",
    "read_split",
    "render",
]
