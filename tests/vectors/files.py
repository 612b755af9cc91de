"""The files of golden vectors, how they are written, and whether they are current.

Each file is one object: ``kind``, ``schema``, what it is ``about``, what all its vectors share
under ``given``, and the ``vectors``. `vectors.schema.json` holds the formats. All but the graph's
are the same on every machine, to the byte. Outputs of the graph differ between processors in the
last digits: as long as the committed ones are of the same graph and agree within `NOISE`, they
stand, so that a run elsewhere leaves no difference behind.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tests.vectors import bundles, context, graph, policy, state, steps, text, words

HERE: Final = Path(__file__).parent
NOISE: Final = 1e-5  # a tenth of what runtimes may differ by

MAKERS: Final[dict[str, Callable[[], dict[str, Any]]]] = {
    "text.json": text.make,
    "context.json": context.make,
    "state.json": state.make,
    "policy.json": policy.make,
    "engine.json": steps.make,
    "copy.json": words.make,
    "bundles.json": bundles.make,
    "graph.json": graph.make,
}


def made(name: str) -> bytes:
    """What a file has to hold."""
    table = MAKERS[name]()
    old = committed(name)
    if name == "graph.json" and old is not None and close(json.loads(old), table):
        return old
    head = {key: value for key, value in table.items() if key != "vectors"}
    lines = [json.dumps(head, ensure_ascii=True)[:-1] + ', "vectors": [']
    lines += [",\n".join(json.dumps(row, ensure_ascii=True) for row in table["vectors"]), "]}"]
    return ("\n".join(lines) + "\n").encode()


def committed(name: str) -> bytes | None:
    """What a file holds; ``None`` when there is none yet."""
    path = HERE / name
    return path.read_bytes() if path.exists() else None


def stale() -> list[str]:
    """Names of the files that are not current."""
    return [name for name in MAKERS if made(name) != committed(name)]


def write() -> list[str]:
    """Write the files that are not current, and name them."""
    names = stale()
    for name in names:
        (HERE / name).write_bytes(made(name))
    return names


def close(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same but for noise in their floats."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(close(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(close, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= NOISE
    return bool(one == other)
