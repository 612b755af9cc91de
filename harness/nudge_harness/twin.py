"""The batched graph: the bundle's ``model.batched.onnx`` with the tables of its ``model.onnx``.

A bundle holds every table once. The twin names the large ones without carrying them; here they are
put back, from bytes that are both covered by the bundle's signature. Only the harness needs the
twin, so only the harness depends on ``onnx``.
"""

from __future__ import annotations

from nudge_harness.errors import HarnessError


class TwinError(HarnessError):
    """A bundle's batched graph asks for a table that its single graph does not hold."""


def join_twin(twin: bytes, single: bytes) -> bytes:
    """The complete batched graph.

    Args:
        twin, single: verified bytes of ``model.batched.onnx`` and ``model.onnx``.

    Raises:
        TwinError: a value is used that neither graph defines.
    """
    import onnx

    graph = onnx.load_from_string(twin)
    tables = {item.name: item for item in onnx.load_from_string(single).graph.initializer}
    known = {item.name for item in graph.graph.initializer}
    known |= {item.name for item in graph.graph.input}
    for node in graph.graph.node:
        for name in node.input:
            if name and name not in known:
                if name not in tables:
                    raise TwinError(f"the batched graph needs {name}, which model.onnx lacks")
                graph.graph.initializer.append(tables[name])
                known.add(name)
        known |= set(node.output)
    return bytes(graph.SerializeToString())
