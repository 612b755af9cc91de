"""Doubtful marks: cues that nobody could see in the message alone are not learned from.

A writer marks what a message means in its story: "bet. friday" may be a threat there. Whoever
learns from that mark learns that "bet. friday" threatens. So every source is first read by an
encoder that was fitted on the other folds. Where a marked cue comes out far below what that cue's
marked messages usually get, the mark is neither right nor wrong but unknown, and left out of the
loss. This is confident learning (Northcutt, Jiang and Chuang 2021, Journal of Artificial
Intelligence Research 70, 1373-1411) with the class's median in place of its mean, for positive
marks only: a negative that looks positive is mostly a look-alike, which is there to be learned.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.train.shape import CUES

Array = npt.NDArray[np.float32]


def doubted(targets: Array, read: Array, share: float) -> Array:
    """Targets with NaN in place of doubtful marks.

    Args:
        targets: ``(n, 18)``, 0 or 1, as `examples.cue_targets`.
        read: ``(n, 18)`` or wider, probabilities by an encoder that has not seen the source; NaN
            where none has read it.
        share: a mark is doubtful below this share of the median of the cue's marked sources.

    Returns:
        ``(n, 18)``, a new array.
    """
    found = targets.copy()
    for cue in range(CUES):
        marked = (targets[:, cue] > 0.5) & ~np.isnan(read[:, cue])
        if marked.any():
            limit = share * np.median(read[marked, cue])
            found[marked & (read[:, cue] < limit), cue] = np.nan
    return found
