"""Text to code points, and long messages to windows. Pure; sizes come from the bundle's config.

A message over the graph's cap is read in overlapping windows, so that nothing hides in length. The
number of windows is bounded, and so is the time: past the bound the middle is left out and the
head and the tail are read, half of the bound each (`Window limits` in the model card states how
many characters that is).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

CodePoints: TypeAlias = npt.NDArray[np.int32]


def codepoints_of(text: str) -> CodePoints:
    """Unicode code points of a text.

    Returns:
        int32 ``(n,)``, each in 0..0x10FFFF. Lone surrogates stay as they are; the graph folds them.
    """
    raw = text.encode("utf-32-le", "surrogatepass")
    return np.frombuffer(raw, dtype=np.int32)


def windows_of(codepoints: CodePoints, *, cap: int, overlap: int, most: int) -> list[CodePoints]:
    """Cut code points into windows that the graph takes.

    Args:
        codepoints: int32 ``(n,)``.
        cap: code points in one window.
        overlap: code points that two neighbours share.
        most: windows at the most.

    Returns:
        1 to ``most`` views of at most ``cap`` code points, in reading order; one empty window for
        an empty text.
    """
    n = len(codepoints)
    if n <= cap:
        return [codepoints]
    step = cap - overlap
    count = 1 + -(-(n - cap) // step)
    starts = [min(i * step, n - cap) for i in range(count)]
    if count > most:
        head = most // 2
        starts = starts[:head] + starts[count - (most - head) :]
    return [codepoints[start : start + cap] for start in starts]
