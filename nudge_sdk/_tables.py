"""A graph's large tables, left where they are: in the verified bytes, not in a copy of them.

Theory of operation
-------------------
onnxruntime copies every initialiser of a graph that it is given as bytes, so a model of 6 MB takes
12 MB while it is opened and, as long as its bytes live, for ever. Most of ours is a few tables in
which a Gather looks rows up. For a session it makes no difference whether such a table is an
initialiser or an input that is the same at every call; for memory it does, for an input may stand
in the caller's memory. So `split_tables` turns these initialisers into inputs, in memory and after
verification: the graph that is run is the signed one, node by node, over the signed bytes.

A table qualifies when it holds at least `LEAST` bytes and is used as the first input of Gather
nodes and nowhere else. Everything else stays, for onnxruntime folds and packs what it multiplies.

What has to be known of the format is five messages of onnx.proto (ModelProto, GraphProto,
NodeProto, TensorProto, ValueInfoProto) and two wire types of protobuf (varint, and bytes with a
length before them). A model that is put together otherwise is handed on as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Table: TypeAlias = npt.NDArray[Any]

LEAST: Final = 65_536  # bytes
_TYPES: Final = {1: "<f4", 2: "u1", 3: "i1", 6: "<i4", 7: "<i8"}  # TensorProto.DataType
# Numbers of fields in onnx.proto.
_MODEL_GRAPH: Final = 7
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_INPUT, _GRAPH_OUTPUT = 1, 5, 11, 12
_NODE_INPUT, _NODE_OP, _NODE_ATTRIBUTE = 1, 4, 5
_ATTRIBUTE_GRAPHS: Final = (6, 11)
_TENSOR_DIMS, _TENSOR_TYPE, _TENSOR_NAME, _TENSOR_RAW = 1, 2, 8, 9


class _Field(NamedTuple):
    """One field: its number, where it and its content begin, where it ends, a varint's value."""

    number: int
    start: int
    body: int
    end: int
    value: int


def split_tables(model: bytes) -> tuple[bytes, dict[str, Table]]:
    """Take the large tables out of a model.

    Args:
        model: a serialized ModelProto.

    Returns:
        The model with each of the tables as one more input, and the tables by the names of these
        inputs. They are views of ``model``, which they keep alive.
    """
    try:
        return _split(model)
    except (IndexError, ValueError, KeyError):  # not as described above: onnxruntime will judge
        return model, {}


def _split(model: bytes) -> tuple[bytes, dict[str, Table]]:
    parts: list[bytes] = []
    tables: dict[str, Table] = {}
    for field in _fields(model, 0, len(model)):
        if field.number == _MODEL_GRAPH:
            fields = list(_fields(model, field.body, field.end))
            looked_up = _only_looked_up(model, fields)
            graph = []
            for own in fields:
                found = _table(model, own) if own.number == _GRAPH_INITIALIZER else None
                if found is None or found[0] not in looked_up:
                    graph.append(model[own.start : own.end])
                else:
                    name, kind, table = found
                    tables[name] = table
                    graph.append(_input(name, kind, table.shape))
            parts.append(_message(_MODEL_GRAPH, b"".join(graph)))
        else:
            parts.append(model[field.start : field.end])
    return b"".join(parts), tables


def _only_looked_up(model: bytes, fields: list[_Field]) -> set[str]:
    """Names that are the first input of a Gather, and nothing else."""
    first: set[str] = set()
    other: set[str] = set()
    for field in fields:
        if field.number in (_GRAPH_INPUT, _GRAPH_OUTPUT):
            inner = next(_fields(model, field.body, field.end))
            other.add(_text(model, inner))
        if field.number != _GRAPH_NODE:
            continue
        inputs, gather = [], False
        for own in _fields(model, field.body, field.end):
            if own.number == _NODE_INPUT:
                inputs.append(_text(model, own))
            elif own.number == _NODE_OP:
                gather = _text(model, own) == "Gather"
            elif own.number == _NODE_ATTRIBUTE:
                inside = _fields(model, own.body, own.end)
                if any(item.number in _ATTRIBUTE_GRAPHS for item in inside):
                    raise ValueError("a graph within a graph may use any table")
        other.update(inputs[1:] if gather else inputs)
        first.update(inputs[:1] if gather else ())
    return first - other


def _table(model: bytes, field: _Field) -> tuple[str, int, Table] | None:
    """Name, type and content of an initialiser, when it is large and holds raw bytes."""
    if field.end - field.body < LEAST:
        return None
    dims: list[int] = []
    kind, name, raw = 0, "", None
    for own in _fields(model, field.body, field.end):
        if own.number == _TENSOR_DIMS:
            at = own.body
            while at < own.end:  # one varint, or several packed into one field
                size, at = _varint(model, at)
                dims.append(size)
        elif own.number == _TENSOR_TYPE:
            kind = own.value
        elif own.number == _TENSOR_NAME:
            name = _text(model, own)
        elif own.number == _TENSOR_RAW:
            raw = own
    if raw is None or kind not in _TYPES or raw.end - raw.body < LEAST:
        return None
    dtype = np.dtype(_TYPES[kind])
    table = np.frombuffer(model, dtype, (raw.end - raw.body) // dtype.itemsize, raw.body)
    # Bytes of a file lie where they lie: what a processor wants aligned is copied after all.
    return name, kind, np.require(table.reshape(dims), requirements="A")


def _fields(raw: bytes, at: int, end: int) -> Iterator[_Field]:
    while at < end:
        start = at
        tag, at = _varint(raw, at)
        if tag & 7 == 0:
            value, stop = _varint(raw, at)
            yield _Field(tag >> 3, start, at, stop, value)
        elif tag & 7 == 2:
            size, at = _varint(raw, at)
            stop = at + size
            yield _Field(tag >> 3, start, at, stop, 0)
        else:  # fixed 32 or 64 bits, or what protobuf has given up
            stop = at + {5: 4, 1: 8}[tag & 7]
            yield _Field(tag >> 3, start, at, stop, 0)
        at = stop
    if at != end:
        raise ValueError("a field goes on past its message")


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _text(raw: bytes, field: _Field) -> str:
    return raw[field.body : field.end].decode("utf-8")


def _input(name: str, kind: int, shape: tuple[int, ...]) -> bytes:
    """An input of the graph: ValueInfoProto with a tensor type of a fixed shape."""
    dims = b"".join(_message(1, _number(1, size)) for size in shape)
    tensor = _number(1, kind) + _message(2, dims)
    return _message(_GRAPH_INPUT, _message(1, name.encode()) + _message(2, _message(1, tensor)))


def _message(number: int, content: bytes) -> bytes:
    return _encoded(number << 3 | 2) + _encoded(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return _encoded(number << 3) + _encoded(value)


def _encoded(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
