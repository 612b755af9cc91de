"""A little model: random weights, a lexicon of a few words, the sessions that run it.

What is tested with it are the graph's mechanics, which do not depend on what the weights say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime

from models.train.graph import Weights, build_graph
from models.train.reader import front_end_model
from models.train.shape import CONTEXT, CUES, EVIDENCE, GIST, HIDDEN, RISKS, STATE, NetSizes
from models.train.tables import Lexicon, lexicon_of
from models.train.words import Placement, hash_table, place
from nudge_sdk._codepoints import codepoints_of

Floats = npt.NDArray[np.float32]

SEED: Final = 5
WIDTH: Final = 16
BUCKETS: Final = 211
TEACHER: Final = 32
SIZES: Final = NetSizes(width=WIDTH, filters=24, message=20, cue_hidden=12, risk_hidden=10)
WORDS: Final = (
    "can", "you", "keep", "a", "secret", "so", "hello", "hey", "room", "13", "dont", "tell", "mum",
    "photo", "pass", "i", "am", "okay", "?", "!", "£", "❤", "😂", "🤫", "💰", "see", "soo", "7",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Little:
    """A lexicon and where its words lie."""

    lexicon: Lexicon
    placed: Placement

    def row(self, word: str) -> int:
        """Row of a word that lies in it."""
        return self.placed.row_of[word] + 1


def lexicon_with(words: Sequence[str], slots: int) -> Little:
    """A lexicon with random vectors."""
    rng = np.random.default_rng(SEED)
    table = hash_table(SEED)
    placed = place(words, slots, table, SEED)
    vectors = rng.normal(0.0, 3.0, (slots + 1, WIDTH)).astype(np.float32)
    vectors[placed.fingerprints < 0] = 0.0
    pieces = rng.normal(0.0, 1.0, (BUCKETS + 1, WIDTH)).astype(np.float32)
    pieces[0] = 0.0
    return Little(lexicon_of(table, placed.fingerprints, vectors, pieces), placed)


@cache
def little() -> Little:
    """The lexicon of `WORDS`."""
    return lexicon_with(WORDS, 41)


def weights() -> Weights:
    """Random weights of both nets, by their names in torch."""
    rng = np.random.default_rng(SEED)
    shapes = {
        "encoder.conv1": (SIZES.filters, SIZES.width + 1, 3),
        "encoder.conv2": (SIZES.filters, SIZES.filters, 3),
        "encoder.join": (SIZES.message, 2 * SIZES.filters),
        "cue1": (SIZES.cue_hidden, SIZES.message + CONTEXT),
        "cue2": (CUES + 1 + EVIDENCE, SIZES.cue_hidden),
        "teacher": (TEACHER, 2 * SIZES.filters),
        "gru_in": (3 * HIDDEN, CUES + EVIDENCE + GIST + CONTEXT),
        "gru_hidden": (3 * HIDDEN, HIDDEN),
        "risk1": (SIZES.risk_hidden, CUES + EVIDENCE + STATE + CONTEXT + GIST),
        "risk2": (RISKS, SIZES.risk_hidden),
    }
    made: dict[str, Floats] = {}
    for name, shape in shapes.items():
        spread = 1.0 / np.sqrt(np.prod(shape[1:]))
        made[f"{name}.weight"] = rng.normal(0.0, spread, shape).astype(np.float32)
        made[f"{name}.bias"] = rng.normal(0.0, 0.2, shape[0]).astype(np.float32)
    for name in ("gain", "drift"):
        made[name] = rng.normal(0.0, 0.3, EVIDENCE).astype(np.float32)
    return made


@cache
def graph(*, batched: bool) -> onnx.ModelProto:
    """The single graph, or its twin."""
    scale = np.array([0.7, 1.0, 1.3, 2.0], dtype=np.float32)
    shift = np.array([-0.5, 0.0, 0.1, 0.4], dtype=np.float32)
    return build_graph(little().lexicon, weights(), scale, shift, batched=batched)


def opened(model: bytes) -> Any:
    """A session on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


@cache
def session(*, batched: bool) -> Any:
    """A session of the single graph, or of its twin."""
    return opened(graph(batched=batched).SerializeToString())


@dataclass(frozen=True, slots=True)
class Outputs:
    """``cues`` ``(b, 18)``, ``risk`` ``(b, 4)``, ``next_state`` ``(b, 57)``."""

    cues: Floats
    risk: Floats
    next_state: Floats

    def distance(self, other: Outputs) -> float:
        """Largest difference of any output."""
        pairs = (
            (self.cues, other.cues),
            (self.risk, other.risk),
            (self.next_state, other.next_state),
        )
        return max(float(np.abs(one - two).max(initial=0.0)) for one, two in pairs)

    def finite(self) -> bool:
        """No output is NaN or infinite."""
        return all(
            bool(np.isfinite(item).all()) for item in (self.cues, self.risk, self.next_state)
        )


Points = npt.NDArray[np.int32]


def alone(points: Sequence[Points], context: Floats, state: Floats) -> Outputs:
    """Each message by the single graph: ``context`` ``(b, 32)``, ``state`` ``(b, 57)``."""
    run = session(batched=False).run
    rows = [
        run(("cues", "risk", "next_state"), {"codepoints": p, "context": c, "state": s})
        for p, c, s in zip(points, context, state, strict=True)
    ]
    return Outputs(*(np.stack(column) for column in zip(*rows, strict=True)))


def together(points: Sequence[Points], context: Floats, state: Floats, twin: Any = None) -> Outputs:
    """All messages in one call of the twin."""
    feeds = {
        "codepoints": np.concatenate(points),
        "lengths": np.asarray([len(item) for item in points], dtype=np.int64),
        "context": context,
        "state": state,
    }
    found = (twin or session(batched=True)).run(("cues", "risk", "next_state"), feeds)
    return Outputs(*found)


def surroundings(count: int, seed: int, size: float = 1.0) -> tuple[Floats, Floats]:
    """Contexts ``(count, 32)`` and states ``(count, 57)``; the states are such as a graph makes."""
    rng = np.random.default_rng(seed)
    context = (size * rng.uniform(-1, 1, (count, CONTEXT))).astype(np.float32)
    state = rng.uniform(0, 1, (count, STATE)).astype(np.float32)
    state[:, 2 * CUES : 2 * CUES + HIDDEN] *= -1
    return context, state


@dataclass(frozen=True, slots=True)
class Read:
    """Words of one message: ``rows`` int64 ``(w,)``, ``vectors`` float32 ``(w, width)``."""

    rows: npt.NDArray[np.int64]
    vectors: Floats


class FrontEnd:
    """Runs the front end of a lexicon alone."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._session = opened(front_end_model(lexicon))

    def read(self, texts: Sequence[str]) -> list[Read]:
        """Words of each text, all texts in one call."""
        points = [codepoints_of(text) for text in texts]
        feeds = {
            "codepoints": np.concatenate(points),
            "lengths": np.asarray([len(item) for item in points], dtype=np.int64),
        }
        vectors, rows, message = self._session.run(("vectors", "rows", "message"), feeds)
        assert (np.diff(message) >= 0).all()
        return [Read(rows[message == i], vectors[message == i]) for i in range(len(texts))]


@cache
def little_front_end() -> FrontEnd:
    """The front end of `little`."""
    return FrontEnd(little().lexicon)
