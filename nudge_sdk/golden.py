"""Golden vectors of a graph: short chats, and what it has to give for them, on every runtime.

They travel in the bundle's ``config.json`` under ``vectors``, so that a device can check that its
own runtime computes what was signed (``nudge check``), and a port to another language can, too::

    {"id": "two_messages",
     "steps": [{"codepoints": [104, 105], "context": [1.0, ...]}, ...],
     "cues": [...], "risk": [...], "state": [...]}

The first step starts from a state of zeros, each further one from the state before; the outputs are
those of the last step.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nudge_sdk import _context
from nudge_sdk._codepoints import codepoints_of
from nudge_sdk._context import context_vector
from nudge_sdk.bundle._fields import Fields
from nudge_sdk.errors import ModelError
from nudge_sdk.values import CUES, RISKS, Contact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nudge_sdk._onnx import SingleModel
    from nudge_sdk.bundle import Config
    from nudge_sdk.engine import Output

TOLERANCE: Final = 1e-4  # between runtimes, on every output: issue 8's bound on risk
_DIGITS: Final = 7
_CHECK: Final = "config"
_LAST: Final = 0x10FFFF

_STRANGER: Final = Contact(id="", relationship="stranger", days_known=0, claimed_age=15)
_MOTHER: Final = Contact(id="", relationship="family", days_known=5000, claimed_age=41)
_NOBODY: Final = Contact(id="")

CHATS: Final[dict[str, tuple[tuple[Contact, str], ...]]] = {
    "empty": ((_NOBODY, ""),),
    "one_letter": ((_NOBODY, "k"),),
    "ordinary": ((_MOTHER, "Dinner at six, are you home?"),),
    "secret_photo": ((_STRANGER, "send me a pic of you, just for me, dont show anyone"),),
    "leet": ((_STRANGER, "c4n u k33p a s3cr3t"),),
    "emoji": ((_NOBODY, "\U0001f602" * 20),),
    "lone_surrogate_and_nul": ((_NOBODY, "a\ud800b\0c"),),
    "right_to_left": ((_NOBODY, "\u202eabc \u05e9\u05dc\u05d5\u05dd"),),
    "long": ((_NOBODY, "see you at practice " * 10),),
    "four_messages": (
        (_STRANGER, "good game! how old are you?"),
        (_STRANGER, "are you on your own right now?"),
        (_STRANGER, "lets move to another app, its more private"),
        (_STRANGER, "dont tell your parents about me"),
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One message as the graph gets it: code points, and a context of 32 numbers."""

    codepoints: tuple[int, ...]
    context: tuple[float, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Vector:
    """One golden vector; see the module for the format."""

    id: str
    steps: tuple[Step, ...]
    cues: tuple[float, ...]
    risk: tuple[float, ...]
    state: tuple[float, ...]


def make(model: SingleModel, state_size: int) -> list[dict[str, Any]]:
    """Vectors of a graph, for the ``vectors`` of its configuration; JSON values only."""
    made = []
    for name, chat in CHATS.items():
        steps = tuple(_step(contact, text) for contact, text in chat)
        last = _run(model, steps, state_size)
        vector = Vector(
            id=name,
            steps=steps,
            cues=_rounded(last.cues),
            risk=_rounded(last.risk),
            state=_rounded(last.next_state),
        )
        made.append(asdict(vector))
    return made


def check(model: SingleModel, config: Config) -> int:
    """Run every vector of a bundle.

    Returns:
        How many there are; 0 when the bundle carries none.

    Raises:
        BundleDamagedError: a vector is not of the format.
        ModelError: this runtime gives something else than the bundle says; the message names the
            vector and the greatest difference.
    """
    for index, value in enumerate(config.vectors):
        vector = _vector(Fields(value, _CHECK, f"vectors[{index}]"), config.state_size)
        last = _run(model, vector.steps, config.state_size)
        pairs = (
            (last.cues, vector.cues),
            (last.risk, vector.risk),
            (last.next_state, vector.state),
        )
        worst = max(float(np.abs(got - np.array(wanted)).max()) for got, wanted in pairs)
        if not worst <= TOLERANCE:
            raise ModelError(f"golden vector {vector.id}: off by {worst:.2g}")
    return len(config.vectors)


def _step(contact: Contact, text: str) -> Step:
    context = context_vector(
        from_contact=True, contact=contact, band="13_15", kind="text", gap=None
    )
    return Step(codepoints=tuple(codepoints_of(text).tolist()), context=_rounded(context))


def _rounded(values: Any) -> tuple[float, ...]:
    return tuple(round(value, _DIGITS) for value in values.tolist())


def _run(model: SingleModel, steps: Sequence[Step], state_size: int) -> Output:
    state = np.zeros(state_size, dtype=np.float32)
    for step in steps:
        codepoints = np.array(step.codepoints, dtype=np.int32)
        output = model.step(codepoints, np.array(step.context, dtype=np.float32), state)
        state = output.next_state
    return output


def _vector(fields: Fields, state_size: int) -> Vector:
    steps = fields.take("steps", list)
    if not steps:
        fields.fail("steps", "must not be empty")
    vector = Vector(
        id=fields.take("id", str),
        steps=tuple(_read_step(Fields(step, _CHECK, "vectors.steps")) for step in steps),
        cues=fields.numbers("cues", len(CUES) + 1),
        risk=fields.numbers("risk", len(RISKS)),
        state=fields.numbers("state", state_size),
    )
    fields.close()
    return vector


def _read_step(fields: Fields) -> Step:
    codepoints = fields.take("codepoints", list)
    if not all(type(value) is int and 0 <= value <= _LAST for value in codepoints):
        fields.fail("codepoints", "must be code points")
    step = Step(codepoints=tuple(codepoints), context=fields.numbers("context", _context.SIZE))
    fields.close()
    return step
