"""Logistic heads: from features of a message or of a chat so far to kinds of risk.

scikit-learn's logistic regression, one against the rest. A message of a risky chat counts for its
kind from the onset to the harm; what comes before the onset or in a benign chat counts against;
what comes after the harm is too late to teach anything and is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nudge_harness.errors import UsageError
from nudge_harness.formats import Conversation
from nudge_sdk.values import RISKS

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
_STEPS: Final = 200  # of the solver, at most
_NARROW: Final = 128  # features
_STILL: Final = 1e-6


class Heads:
    """One logistic regression for each target; a target that never occurs is never found.

    Args:
        strength: inverse of the penalty, scikit-learn's ``C``.

    Raises:
        UsageError: scikit-learn is not installed (extra ``peers``).
    """

    def __init__(self, strength: float = 1.0) -> None:
        self._strength = strength
        self._weights: Floats | None = None
        self._bias: Floats | None = None

    def fit(self, features: Floats, targets: Mask) -> None:
        """Fit ``features`` float32 ``(n, f)`` to ``targets`` bool ``(n, t)``."""
        try:
            from sklearn.linear_model import LogisticRegression
        except ImportError:
            raise UsageError("this peer needs: pip install 'nudge-harness[peers]'") from None
        width, count = features.shape[1], targets.shape[1]
        self._weights = np.zeros((width, count), dtype=np.float32)
        self._bias = np.full(count, -20.0, dtype=np.float32)  # a probability of nearly nothing
        middle, spread = features.mean(axis=0), features.std(axis=0)
        spread = np.where(spread < _STILL, np.float32(1.0), spread)  # what never changes is nothing
        scaled = (features - middle) / spread
        for at in range(count):
            if targets[:, at].all() or not targets[:, at].any():
                continue
            # Second derivatives pay while they are small; an encoder's features are too many.
            solver = "newton-cholesky" if width <= _NARROW else "lbfgs"
            head: Any = LogisticRegression(C=self._strength, max_iter=_STEPS, solver=solver)
            head.fit(scaled, targets[:, at])
            self._weights[:, at] = head.coef_[0] / spread
            self._bias[at] = head.intercept_[0] - (head.coef_[0] / spread) @ middle

    def __call__(self, features: Floats) -> Floats:
        """Probabilities, float32 ``(n, t)``."""
        if self._weights is None or self._bias is None:
            raise UsageError("a peer was asked before it had learnt")
        logits = np.clip(features @ self._weights + self._bias, -30.0, 30.0)
        return np.asarray(1.0 / (1.0 + np.exp(-logits)), dtype=np.float32)


def lessons(chats: Sequence[Conversation]) -> tuple[Mask, Mask]:
    """What each message teaches.

    Returns:
        ``used``, bool ``(messages of all chats,)``: which messages to learn from; and ``kinds``,
        bool ``(messages of all chats, kinds)``: what holds after each of them.
    """
    used, kinds = [], []
    for chat in chats:
        count = len(chat.messages)
        own = np.zeros((count, len(RISKS)), dtype=np.bool_)
        keep = np.ones(count, dtype=np.bool_)
        if chat.label in RISKS:
            onset = chat.onset if chat.onset is not None else chat.harm
            own[0 if onset is None else onset :, RISKS.index(chat.label)] = True
            if chat.harm is not None:
                keep[chat.harm + 1 :] = False
        used.append(keep)
        kinds.append(own)
    return np.concatenate(used), np.concatenate(kinds)
