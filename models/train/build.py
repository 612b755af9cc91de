"""A fifteen-line way to write an ONNX graph by hand: `g.Add(a, b)` makes a node and names it.

Opset 18 and IR 8 are what onnxruntime-web and -node 1.30 load (DESIGN.md, section 3).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET: Final = 18
IR_VERSION: Final = 8
Value: TypeAlias = str
Operand: TypeAlias = "str | int | float | Sequence[int] | npt.NDArray[Any]"


class Builder:
    """Collects nodes and constants. Python numbers become int64 or float32 constants."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._known: dict[tuple[bytes, str, tuple[int, ...]], str] = {}

    def constant(self, value: float | Sequence[int] | npt.NDArray[Any]) -> Value:
        """An initialiser; equal ones are stored once.

        Args:
            value: an array or a numpy number as it is; a float becomes float32 ``()``, whole
                numbers int64 ``()`` or ``(n,)``.
        """
        if isinstance(value, np.ndarray | np.generic):
            array = np.ascontiguousarray(value) if value.ndim else np.asarray(value)
        elif isinstance(value, float):
            array = np.asarray(value, dtype=np.float32)
        else:
            array = np.asarray(value, dtype=np.int64)
        key = (array.tobytes(), array.dtype.str, array.shape)
        if key not in self._known:
            # Named by content, so that the twin graphs share the names of the tables they share.
            name = f"c{hashlib.sha256(repr(key[1:]).encode() + key[0]).hexdigest()[:16]}"
            self._constants.append(numpy_helper.from_array(array, name))
            self._known[key] = name
        return self._known[key]

    def op(self, kind: str, *inputs: Operand, outputs: int = 1, **attributes: Any) -> Any:
        """One node; returns the name of its output, or a tuple of names if there are several."""
        names = [item if isinstance(item, str) else self.constant(item) for item in inputs]
        made = [f"{kind.lower()}{len(self._nodes)}_{i}" for i in range(outputs)]
        self._nodes.append(helper.make_node(kind, names, made, **attributes))
        return made[0] if outputs == 1 else tuple(made)

    def __getattr__(self, kind: str) -> Callable[..., Any]:
        if not kind[0].isupper():
            raise AttributeError(kind)
        return lambda *inputs, **attributes: self.op(kind, *inputs, **attributes)

    def cast(self, value: Value, dtype: type[np.generic]) -> Value:
        """Cast to a numpy dtype."""
        to = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        return str(self.op("Cast", value, to=to))

    def small(self, array: npt.NDArray[Any]) -> Value:
        """A table of whole numbers that is stored as it is and used as int64; cast at loading."""
        return self.cast(self.constant(array), np.int64)

    def half(self, array: npt.NDArray[np.float32]) -> Value:
        """A constant stored in half the bytes and used as float32; the cast is done at loading."""
        return self.cast(self.constant(array.astype(np.float16)), np.float32)

    def linear(self, value: Value, matrix: Operand, bias: npt.NDArray[np.float32]) -> Value:
        """``value @ matrix.T + bias``, for ``(b, n)``, ``(m, n)`` and ``(m,)``."""
        return str(self.op("Gemm", value, matrix, bias, transB=1))

    def name(self, value: Value, name: str) -> None:
        """Give a value the name under which it leaves the graph."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))

    def model(
        self,
        inputs: dict[str, tuple[int, list[int | str]]],
        outputs: dict[str, tuple[int, list[int | str]]],
    ) -> onnx.ModelProto:
        """The model, checked.

        Args:
            inputs, outputs: name to (TensorProto type, shape); a size that varies has a name.

        Raises:
            onnx.checker.ValidationError: the nodes do not make a graph.
        """
        made = [
            [helper.make_tensor_value_info(name, *port) for name, port in ports.items()]
            for ports in (inputs, outputs)
        ]
        graph = helper.make_graph(self._nodes, "nudge", made[0], made[1], self._constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
        model.ir_version = IR_VERSION
        model.producer_name = "nudge"
        onnx.checker.check_model(model)
        return model


INT32, INT64, FLOAT = TensorProto.INT32, TensorProto.INT64, TensorProto.FLOAT
