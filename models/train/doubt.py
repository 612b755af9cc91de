"""Doubtful marks: cues that nobody could see in the message alone are not learned from.

A writer marks what a message means in its story: "bet. friday" may be a threat there. Whoever
learns from that mark learns that "bet. friday" threatens. So every source is first read by an
encoder that was fitted on the other folds. Where a marked cue comes out far below what that cue's
marked messages usually get, the mark is neither right nor wrong but unknown, and left out of the
loss. The other way round, what a risky contact says may show a cue that nobody marked: where an
unmarked cue comes out about as high as marked ones do, that is left out, too. In ordinary chats it
is not: a negative that looks positive there is a look-alike, which is what has to be learned.

This is confident learning (Northcutt, Jiang and Chuang 2021, Journal of Artificial Intelligence
Research 70, 1373-1411) with the class's median in place of its mean.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.train.shape import CUES

Array = npt.NDArray[np.float32]


def doubted(
    targets: Array, read: Array, risky: npt.NDArray[np.bool_], *, low: float, high: float
) -> Array:
    """Targets with NaN in place of doubtful marks.

    Args:
        targets: ``(n, 18)``, 0 or 1, as `examples.cue_targets`.
        read: ``(n, 18)`` or wider, probabilities by an encoder that has not seen the source; NaN
            where none has read it.
        risky: ``(n,)``, whether a risky chat's contact says it.
        low: a mark is doubtful below this share of the median of the cue's marked sources.
        high: in risky chats, a missing mark is doubtful above this share of it.

    Returns:
        ``(n, 18)``, a new array.
    """
    found = targets.copy()
    for cue in range(CUES):
        marked = (targets[:, cue] > 0.5) & ~np.isnan(read[:, cue])
        if marked.any():
            median = np.median(read[marked, cue])
            missing = risky & (targets[:, cue] < 0.5) & (read[:, cue] > high * median)
            found[(marked & (read[:, cue] < low * median)) | missing, cue] = np.nan
    return found
