"""The edge of the model: the only file that imports onnxruntime, and the only home of its settings.

The graph comes as bytes that `nudge_sdk.bundle` has verified, never as a path. A session is
immutable and may be shared by threads; what is remembered goes in and comes out (DESIGN.md,
section 2). onnxruntime is imported when the first model is opened, so that a host that only imports
the SDK starts fast.

**Telemetry.** From 1.29 on, onnxruntime's official builds for Linux, macOS, Android and iOS write a
device id and a database below the user's cache folder and send events to their maker, from the
moment they are imported; ``disable_telemetry_events`` comes too late for that and stops a part of
it only (microsoft/onnxruntime, pull request 27379). The one full way out is an environment variable
that is set before the import. So it is set here, when the SDK is imported, and a host that has
imported onnxruntime before gets a `TelemetryWarning`.
"""

from __future__ import annotations

import os
import sys
import warnings
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

import numpy as np

from nudge_sdk import _context
from nudge_sdk.engine import Output
from nudge_sdk.errors import BundleDamagedError, ModelError, TelemetryWarning
from nudge_sdk.values import CUES, RISKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    from nudge_sdk._codepoints import CodePoints
    from nudge_sdk._context import ContextVector
    from nudge_sdk.engine import ModelSpec, Request

TELEMETRY_OFF: Final = "ORT_DISABLE_TELEMETRY"
_TOO_LATE: Final = "onnxruntime" in sys.modules and os.environ.get(TELEMETRY_OFF) != "1"
os.environ[TELEMETRY_OFF] = "1"

_OUTPUTS: Final = ("cues", "risk", "next_state")
_FAILED: Final = "the graph failed on this message"
_FATAL: Final = 4  # onnxruntime's log severity: its errors may name a code point of a message

Shape: TypeAlias = "tuple[int | None, ...]"  # None: any size
Ports: TypeAlias = "Mapping[str, tuple[str, Shape]]"


class _Port(Protocol):
    name: str
    type: str
    shape: Sequence[int | str | None]


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
        self._session = _open(
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
        )

    def run(self, request: Request) -> list[Output]:
        """Run the graph once for each window of a message.

        Raises:
            ModelError: the graph failed. Raised from here, where no variable holds a code point:
                crash reporters read the variables of every frame of a traceback.
        """
        outputs = [self._window(request, at) for at in range(len(request.windows))]
        if None in outputs:
            raise ModelError(_FAILED)
        return [output for output in outputs if output is not None]

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

    def _window(self, request: Request, at: int) -> Output | None:
        return self._ask(request.windows[at], request.context, request.graph_state)

    def _ask(
        self, codepoints: CodePoints, context: ContextVector, state: npt.NDArray[np.float32]
    ) -> Output | None:
        feeds = {"codepoints": codepoints, "context": context, "state": state}
        found = _run(self._session, feeds)
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
        self._session = _open(
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
        found = _run(self._session, _feeds(requests, counts))
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


def _open(model: bytes, inputs: Ports, outputs: Ports) -> Any:
    # A graph may name a file for its weights, which onnxruntime looks for where the process stands.
    # Nobody has hashed that one. ONNX's key for it is this word, in whichever tensor (onnx.proto).
    if b"location" in model:
        raise BundleDamagedError("the graph asks for a file outside of the bundle", "graph")
    # Imported here and not above: it takes longer than all the rest of the SDK.
    import onnxruntime  # noqa: TID251  the one file that may

    if _TOO_LATE:
        words = f"onnxruntime was imported before nudge_sdk: set {TELEMETRY_OFF}=1 before it starts"
        warnings.warn(words, TelemetryWarning, stacklevel=2)
    onnxruntime.disable_telemetry_events()  # what Windows has, where the variable means nothing
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL
    try:
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its exceptions share no root of their own
        raise BundleDamagedError("onnxruntime cannot read the graph", "graph") from error
    _check(session.get_inputs(), inputs)
    _check(session.get_outputs(), outputs)
    return session


def _check(ports: Iterable[_Port], wanted: Ports) -> None:
    found = {port.name: port for port in ports}
    if found.keys() != wanted.keys():
        names = ", ".join(wanted)
        raise BundleDamagedError(f"the graph's ports are not {names}", "graph")
    for name, (kind, shape) in wanted.items():
        port = found[name]
        sizes = tuple(size if isinstance(size, int) else None for size in port.shape)
        if port.type != kind or sizes != shape:
            shown = "x".join("n" if size is None else str(size) for size in shape)
            raise BundleDamagedError(f"the graph's {name} is not {kind} {shown}", "graph")


def _run(session: Any, feeds: Mapping[str, Any]) -> Any:
    """Outputs in the order of `_OUTPUTS`; ``None`` when the graph failed.

    No error leaves this frame, as ``feeds`` is the message, and onnxruntime's own words may name a
    code point of it.
    """
    try:
        return session.run(_OUTPUTS, feeds)
    except Exception:  # noqa: BLE001  its exceptions share no root of their own
        return None
