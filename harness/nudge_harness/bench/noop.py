"""The no-op graph: the identity of the engine's inputs, as onnxruntime's floor for any call."""

from __future__ import annotations

from typing import Final

from onnx import TensorProto, helper

IR_VERSION: Final = 8
OPSET: Final = 18


def noop_graph(context: int, state: int) -> bytes:
    """A model with the inputs ``codepoints`` int32 ``(n,)``, ``context`` and ``state`` float32.

    Args:
        context: floats in the context.
        state: floats in the state.

    Returns:
        Bytes of the model; each output ``NAME_out`` is the input ``NAME``.
    """
    ports = (
        ("codepoints", TensorProto.INT32, "n"),
        ("context", TensorProto.FLOAT, context),
        ("state", TensorProto.FLOAT, state),
    )
    graph = helper.make_graph(
        [helper.make_node("Identity", [name], [f"{name}_out"]) for name, _, _ in ports],
        "noop",
        [helper.make_tensor_value_info(name, kind, [size]) for name, kind, size in ports],
        [helper.make_tensor_value_info(f"{name}_out", kind, [size]) for name, kind, size in ports],
    )
    opset = helper.make_opsetid("", OPSET)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)
    return bytes(model.SerializeToString())
