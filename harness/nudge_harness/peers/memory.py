"""From findings message by message to what a chat has shown so far: the memory of the peers.

For a detector that scores single messages, the conversation has to be put together. The same three
views serve keywords and encoders: now, the highest so far, and a sum that fades by a tenth with
each message. Messages of the young person show nothing and let the sum fade.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
FADES: Final = np.float32(0.9)  # share that is left after one more message


def shown_so_far(found: Floats, contact: npt.NDArray[np.bool_]) -> Floats:
    """Three views of a chat after each message.

    Args:
        found: float32 ``(messages, c)``, 0 or more.
        contact: which messages the contact sent, bool ``(messages,)``.

    Returns:
        float32 ``(messages, 3 c)``: now, highest so far, fading sum; row i from rows 0..i alone.
    """
    heard = np.where(contact[:, None], found, np.float32(0.0)).astype(np.float32)
    highest = np.maximum.accumulate(heard, axis=0)
    fading = np.empty_like(heard)
    total = np.zeros(found.shape[1], dtype=np.float32)
    for at, row in enumerate(heard):
        total = FADES * total + row
        fading[at] = total
    return np.concatenate([heard, highest, fading], axis=1)
