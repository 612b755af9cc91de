"""Risk curves: what the detector thought of a conversation, message by message.

Read from a trace (DESIGN.md, section 5, ``--trace``), which holds no text. Calibration and the
report's error explorer use them.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from nudge_harness.formats import TraceRow, read_traces
from nudge_sdk.values import RISKS

Risks: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """The curve of one conversation.

    Attributes:
        id: the conversation.
        risk: float32 ``(messages, kinds)`` in the order of `RISKS`, 0..1; NaN where nothing was
            inferred.
    """

    id: str
    risk: Risks

    @property
    def highest(self) -> Risks:
        """float32 ``(messages,)``: the highest of the kinds after each message; NaN if none."""
        known = np.where(np.isnan(self.risk), np.float32(-1.0), self.risk).max(axis=1, initial=-1.0)
        return np.where(known < 0, np.float32(np.nan), known)


def curve_of(row: TraceRow) -> Curve:
    """The curve of a trace row. Messages that it leaves out stay NaN."""
    count = max((item.message for item in row.messages), default=-1) + 1
    risk = np.full((count, len(RISKS)), np.nan, dtype=np.float32)
    for item in row.messages:
        if item.risk is not None:
            risk[item.message] = [item.risk.get(kind, np.nan) for kind in RISKS]
    return Curve(id=row.id, risk=risk)


def read_curves(
    path: str | Path, only: Container[str] | None = None, *, keep_going: bool = False
) -> dict[str, Curve]:
    """Curves of a trace file by conversation id: 16 bytes a message.

    Args:
        path: the trace.
        only: ids that are wanted; all when missing.
        keep_going: skip malformed lines.

    Raises:
        FormatError: a malformed line, unless ``keep_going``.
    """
    rows = read_traces(path, keep_going=keep_going)
    return {row.id: curve_of(row) for row in rows if only is None or row.id in only}
