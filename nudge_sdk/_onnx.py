"""The edge of the model: one message at a time for a host, many at once for the harness.

The graph comes as bytes that `nudge_sdk.bundle` has verified, never as a path. What it runs in is
immutable and may be shared by threads; what is remembered goes in and comes out (DESIGN.md,
section 2). How it is opened: `nudge_sdk._session`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nudge_sdk import _context
from nudge_sdk._session import Session
from nudge_sdk.engine import Output
from nudge_sdk.errors import ModelError
from nudge_sdk.values import CUES, RISKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from nudge_sdk._codepoints import CodePoints
    from nudge_sdk._context import ContextVector
    from nudge_sdk.engine import ModelSpec, Request

_FAILED: Final = "the graph failed on this message"


class SingleModel:
    """One message at a time: what a host app runs.

    Args:
        model: bytes of a verified ``model.onnx``.
        spec: the numbers of the same bundle.

    Raises:
        BundleDamagedError: onnxruntime cannot read the graph, or its inputs or outputs are not
            ``codepoints`` int32 ``(n,)``, ``context`` float32 ``(32,)``, ``state`` float32
            ``(s,)``; ``cues`` float32 ``(18,)``, ``risk`` float32 ``(4,)``, ``next_state`` float32
            ``(s,)``.
    """

    __slots__ = ("_session",)

    def __init__(self, model: bytes, spec: ModelSpec) -> None:
        state = ("tensor(float)", (spec.state_size,))
        self._session = Session(
            model,
            {
                "codepoints": ("tensor(int32)", (None,)),
                "context": ("tensor(float)", (_context.SIZE,)),
                "state": state,
            },
            {
                "cues": ("tensor(float)", (len(CUES) + 1,)),
                "risk": ("tensor(float)", (len(RISKS),)),
                "next_state": state,
            },
            fuse=False,
        )

    def run(self, request: Request) -> list[Output]:
        """Run the graph once for each window of a message.

        Raises:
            ModelError: the graph failed. Raised from here, where no variable holds a code point:
                crash reporters read the variables of every frame of a traceback.
        """
        context, state = request.context, request.graph_state
        outputs = []
        for window in range(len(request.windows)):
            output = self._ask(request.windows[window], context, state)
            if output is None:
                break
            outputs.append(output)
        else:
            return outputs
        raise ModelError(_FAILED)

    def step(
        self, codepoints: CodePoints, context: ContextVector, state: npt.NDArray[np.float32]
    ) -> Output:
        """Run the graph once.

        Args:
            codepoints: int32 ``(n,)``, at most the bundle's cap.
            context: float32 ``(32,)``.
            state: float32 ``(s,)``.

        Raises:
            ModelError: the graph failed.
        """
        output = self._ask(codepoints, context, state)
        if output is None:
            raise ModelError(_FAILED)
        return output

    def _ask(
        self, codepoints: CodePoints, context: ContextVector, state: npt.NDArray[np.float32]
    ) -> Output | None:
        feeds = {"codepoints": codepoints, "context": context, "state": state}
        found = self._session.run(feeds)
        return None if found is None else Output(cues=found[0], risk=found[1], next_state=found[2])


class BatchedModel:
    """Many messages in one call, with the same weights: what the harness runs.

    Args:
        model: bytes of a verified ``model.batched.onnx``.
        spec: the numbers of the same bundle.

    Raises:
        BundleDamagedError: onnxruntime cannot read the graph, or its inputs or outputs are not
            ``codepoints`` int32 ``(n,)`` (all windows' code points, one after another), ``lengths``
            int64 ``(b,)`` (code points in each window), ``context`` float32 ``(b, 32)``, ``state``
            float32 ``(b, s)``; ``cues`` float32 ``(b, 18)``, ``risk`` float32 ``(b, 4)``,
            ``next_state`` float32 ``(b, s)``.
    """

    __slots__ = ("_session",)

    def __init__(self, model: bytes, spec: ModelSpec) -> None:
        state = ("tensor(float)", (None, spec.state_size))
        self._session = Session(
            model,
            {
                "codepoints": ("tensor(int32)", (None,)),
                "lengths": ("tensor(int64)", (None,)),
                "context": ("tensor(float)", (None, _context.SIZE)),
                "state": state,
            },
            {
                "cues": ("tensor(float)", (None, len(CUES) + 1)),
                "risk": ("tensor(float)", (None, len(RISKS))),
                "next_state": state,
            },
            fuse=True,
        )

    def run(self, requests: Sequence[Request]) -> list[list[Output]]:
        """Run the graph once for all windows of all messages.

        Returns:
            One list for each request, in order, with one `Output` for each of its windows.

        Raises:
            ModelError: the graph failed.
        """
        if not requests:
            return []
        counts = [len(request.windows) for request in requests]
        found = self._session.run(_feeds(requests, counts))
        if found is None:
            raise ModelError(_FAILED)  # from here: see `SingleModel.run`
        rows = [
            Output(cues=cues, risk=risk, next_state=next_state)
            for cues, risk, next_state in zip(*found, strict=True)
        ]
        ends = np.cumsum(counts).tolist()
        return [rows[end - count : end] for count, end in zip(counts, ends, strict=True)]


def _feeds(requests: Sequence[Request], counts: list[int]) -> dict[str, Any]:
    windows = [window for request in requests for window in request.windows]
    return {
        "codepoints": np.concatenate(windows),
        "lengths": np.array([len(window) for window in windows], dtype=np.int64),
        "context": np.repeat([request.context for request in requests], counts, axis=0),
        "state": np.repeat([request.graph_state for request in requests], counts, axis=0),
    }
