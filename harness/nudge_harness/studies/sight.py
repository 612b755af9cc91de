"""What a device may see: the numbers that messages show under a choice of signals and of senders.

==========  =======================================================================================
signals     a message shows
==========  =======================================================================================
metadata    its kind, how quickly it came, that it came at all
text        its cues, from a pass in which the graph saw nothing but words, direction and order
both        its cues, from a pass with everything, and its metadata
==========  =======================================================================================

With ``sides`` at ``contact`` the young person's own messages are not heard; at ``both`` they show
the same numbers in entries of their own. What the host knows of the contact anyway (relationship,
days known, claimed age) is read afresh with every message where metadata is allowed; it stands in
the host's own contact list, so it is no part of the state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nudge_harness.studies.traces import Traces, View
from nudge_sdk.values import RISK_CUES

Floats = npt.NDArray[np.float32]

SIGNALS: Final[Mapping[str, str]] = {
    "metadata": "metadata only",
    "text": "words only",
    "both": "words and metadata",
}
SIDES: Final[Mapping[str, str]] = {"contact": "the contact's", "both": "both sides'"}

_KINDS: Final = slice(19, 25)  # of the context vector (nudge_sdk._context)
_STANDING: Final = slice(1, 19)  # relationship, days known, claimed age, age band
_BAND: Final = slice(14, 19)  # the young person's own age band: profile, never hidden
_QUICK: Final = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class Sight:
    """Signals and sides."""

    signals: str
    sides: str

    @property
    def view(self) -> View:
        """The scoring pass that it needs."""
        return View("text" if self.signals == "text" else "all", self.sides == "both")

    def shown(self, traces: Traces) -> Floats:
        """What each message shows, float32 ``(m, d)`` in 0..1."""
        parts: list[Floats] = []
        if self.signals != "metadata":
            parts.append(traces.cues * (1.0 - traces.other[:, None]))
        if self.signals != "text":
            quick = np.exp(-traces.gap / np.float32(_QUICK))
            parts.append(np.stack([quick, np.ones_like(quick)], axis=1))
            parts.append(traces.context[:, _KINDS])
        own = np.concatenate(parts, axis=1) * traces.heard[:, None]
        theirs = own * traces.contact[:, None]
        if self.sides == "contact":
            return theirs.astype(np.float32)
        return np.concatenate([theirs, own * ~traces.contact[:, None]], axis=1).astype(np.float32)

    def standing(self, traces: Traces) -> Floats:
        """What is known beside the messages, float32 ``(m, k)``."""
        return traces.context[:, _BAND if self.signals == "text" else _STANDING]

    def features(self, traces: Traces, shown: Floats, states: Floats) -> Floats:
        """What the heads read: now, memory, what is known, and evidence by what is known.

        Args:
            traces: of the view.
            shown: float32 ``(m, d)``, see `shown`.
            states: float32 ``(m, 2 d)`` or ``(m, 0)``, see `nudge_harness.studies.memory`.

        Returns:
            float32 ``(m, f)``.
        """
        standing = self.standing(traces)
        risky = len(RISK_CUES)
        held = shown if states.shape[1] == 0 else np.maximum(shown, states[:, : shown.shape[1]])
        evidence = (held[:, :risky] if self.signals != "metadata" else held).sum(axis=1)
        crossed = standing * evidence[:, None]
        return np.concatenate([shown, states, standing, crossed], axis=1).astype(np.float32)
