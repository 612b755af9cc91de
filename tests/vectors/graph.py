"""The shipped graph: short chats in, cues, risk and state out after every message.

The only file here that depends on the model: after training, `python -m tests.vectors write`.
"""

from __future__ import annotations

import itertools
import json
from importlib import resources
from typing import Any, Final

import numpy as np

from nudge_sdk import golden
from nudge_sdk._codepoints import codepoints_of
from nudge_sdk._context import context_vector
from nudge_sdk._onnx import SingleModel
from nudge_sdk.bundle import MODEL, load_bundle, shipped_directory
from nudge_sdk.values import Contact

DIGITS: Final = 6
AGE_BAND: Final = "13_15"
EXTRA: Final = {
    "homoglyphs": "s\u0435\u0441r\u0435t \u043enly",
    "zero_width": "se\u200bcr\u200bet",
    "spaced_out": "s e c r e t",
    "stretched": "soooooo nice!!!!!!",
    "accents": "n\u00e3o s\u00e9cr\u00e8t",
    "cjk": "\u4f60\u597d\uff0c\u5403\u996d\u4e86\u5417",
    "at_the_cap": "hello you ",
    "only_zero_width": "\u200b\u200c\u200d",
    "hostile": "\U0010ffff\ud800\0\u202e",
}


def make() -> dict[str, Any]:
    """Vectors: ``steps``, each with what the graph gives; the first starts from zeros."""
    bundle = load_bundle(shipped_directory())
    model, spec = SingleModel(bundle.files[MODEL], bundle.spec), bundle.spec
    nobody = Contact(id="")
    chats: dict[str, list[tuple[str, bool, Contact, float | None]]] = {
        name: [(said, True, contact, None) for contact, said in chat]
        for name, chat in golden.CHATS.items()
    }
    for name, said in EXTRA.items():
        long = said * (spec.cap // len(said)) if name == "at_the_cap" else said
        chats[name] = [(long, True, nobody, None)]
    chats |= {f"demo_{name}": chat for name, chat in _demo_chats()}
    return {
        "kind": "graph",
        "schema": 1,
        "about": "outputs of model.onnx, within the tolerance; context as in context.json",
        "given": {
            "model_sha256": bundle.model_sha256,
            "state_size": spec.state_size,
            "tolerance": golden.TOLERANCE,
        },
        "vectors": [
            {"id": name, "steps": _steps(model, spec.state_size, chat)}
            for name, chat in chats.items()
        ],
    }


def _demo_chats() -> list[tuple[str, list[tuple[str, bool, Contact, float | None]]]]:
    found = []
    folder = resources.files("nudge_sdk").joinpath("demo_chats")
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        chat = json.loads(path.read_text(encoding="utf-8"))
        contact = Contact(id="", **chat["contact"])
        times = [message["t"] for message in chat["messages"]]
        gaps = [None, *(float(b - a) for a, b in itertools.pairwise(times))]
        said = [
            (message["text"], message["from"] == "contact", contact, gap)
            for message, gap in zip(chat["messages"], gaps, strict=True)
        ]
        found.append((chat["id"], said))
    return found


def _steps(
    model: SingleModel, state_size: int, chat: list[tuple[str, bool, Contact, float | None]]
) -> list[dict[str, Any]]:
    state = np.zeros(state_size, dtype=np.float32)
    steps = []
    for said, from_contact, contact, gap in chat:
        codepoints = codepoints_of(said)
        context = context_vector(
            from_contact=from_contact, contact=contact, band=AGE_BAND, kind="text", gap=gap
        )
        output = model.step(codepoints, context, state)
        state = output.next_state
        steps.append(
            {
                "codepoints": codepoints.tolist(),
                "context": _rounded(context),
                "cues": _rounded(output.cues),
                "risk": _rounded(output.risk),
                "state": _rounded(output.next_state),
            }
        )
    return steps


def _rounded(values: Any) -> list[float]:
    return [round(value, DIGITS) for value in values.tolist()]
