"""Opening a graph: the only file that imports onnxruntime, and the only home of its settings.

onnxruntime is imported when the first model is opened, so that a host that only imports the SDK
starts fast; `nudge_sdk._telemetry` comes before it.

**As light as it gets.** Large tables stay in the bundle's bytes (`nudge_sdk._tables`). The single
graph gets the first level of onnxruntime's own optimisation, which makes once what is constant (the
casts of weights that are stored in half precision): without it a call costs a quarter more, and the
higher levels only open slower. What is called for a message is the session
that onnxruntime's Python class wraps: the wrapper looks at the names of inputs and outputs again at
each call, which `_check` has done for good, and holds the model's bytes. Where a later onnxruntime
keeps it under another name, the wrapper itself is called.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from nudge_sdk._tables import split_tables
from nudge_sdk._telemetry import TELEMETRY_OFF, TOO_LATE
from nudge_sdk.errors import BundleDamagedError, TelemetryWarning

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

OUTPUTS: Final = ["cues", "risk", "next_state"]
_FATAL: Final = 4  # onnxruntime's log severity: its errors may name a code point of a message

Shape: TypeAlias = "tuple[int | None, ...]"  # None: any size
Ports: TypeAlias = "Mapping[str, tuple[str, Shape]]"
"""Type and shape of each input or output, by name."""


class _Port(Protocol):
    name: str
    type: str
    shape: Sequence[int | str | None]


class Session:
    """An open graph with its tables, and the one way to run it.

    Args:
        model: verified bytes of the graph; they are kept, for its tables stand in them.
        inputs, outputs: what its ports have to be.
        fuse: let onnxruntime fuse nodes, which pays for many messages in a call.

    Raises:
        BundleDamagedError: onnxruntime cannot read the graph, or its ports are not these.
    """

    __slots__ = ("_feeds", "_run", "_tables")

    def __init__(self, model: bytes, inputs: Ports, outputs: Ports, *, fuse: bool) -> None:
        # A graph may name a file for its weights, which onnxruntime looks for where the process
        # stands. Nobody has hashed that one. ONNX's key for it is this word, in whichever tensor
        # (onnx.proto).
        if b"location" in model:
            raise BundleDamagedError("the graph asks for a file outside of the bundle", "graph")
        # Imported here and not above: it takes longer than all the rest of the SDK.
        import onnxruntime  # noqa: TID251  the one file that may

        if TOO_LATE:
            words = f"onnxruntime was imported before nudge_sdk: set {TELEMETRY_OFF}=1 before it"
            warnings.warn(f"{words} starts", TelemetryWarning, stacklevel=2)
        onnxruntime.disable_telemetry_events()  # what Windows has, where the variable means nothing
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = _FATAL
        if not fuse:
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        slim, tables = split_tables(model)
        try:
            session = onnxruntime.InferenceSession(
                slim, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # its exceptions share no root of their own
            raise BundleDamagedError("onnxruntime cannot read the graph", "graph") from error
        _check((port for port in session.get_inputs() if port.name not in tables), inputs)
        _check(session.get_outputs(), outputs)
        self._run = getattr(session, "_sess", session).run
        self._tables = tables  # onnxruntime borrows their memory and does not keep it alive
        value = onnxruntime.OrtValue.ortvalue_from_numpy
        self._feeds = {name: value(table) for name, table in tables.items()}

    def run(self, feeds: dict[str, Any]) -> Any:
        """Outputs in the order of `OUTPUTS`; ``None`` when the graph failed.

        No error leaves this frame, as ``feeds`` is the message, and onnxruntime's own words may
        name a code point of it.
        """
        try:
            return self._run(OUTPUTS, feeds | self._feeds, None)
        except Exception:  # noqa: BLE001  its exceptions share no root of their own
            return None


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
