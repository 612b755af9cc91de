"""Other detectors, measured on the same files by the same metrics.

Reading order: `detector` (the protocol that any classifier can meet), `length` (the shortest
example), `fitting` (thresholds on training-side material for one budget of false nudges),
`measure` (the same files for all of them). ``nudge-harness peers`` runs it.
"""

from __future__ import annotations

from nudge_harness.peers.detector import Detector, Scores, blind
from nudge_harness.peers.fitting import Fitted, fit

__all__ = ["Detector", "Fitted", "Scores", "blind", "fit"]
