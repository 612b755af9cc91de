"""Reads texts the way the graph does: by running the graph's own front end.

Training sees exactly what inference sees, because it is the same nodes. Words that are not in the
lexicon get rows of their own at the end of a growing table, one for each distinct vector.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import onnxruntime

from models.train.build import FLOAT, INT32, INT64, Builder
from models.train.frontend import front_end
from models.train.tables import Lexicon
from nudge_sdk._codepoints import codepoints_of

MOST_WORDS = 48  # of a message, in training; the graph itself has no such limit
Rows = npt.NDArray[np.int32]


def front_end_model(lexicon: Lexicon) -> bytes:
    """Bytes of the batched front end alone.

    Inputs: ``codepoints`` int32 ``(n,)``, ``lengths`` int64 ``(b,)``. Outputs, for all w words:
    ``vectors`` float32 ``(w, width)``, ``rows`` int64 ``(w,)`` of
    `Lexicon.word_vectors`, ``message`` int64 ``(w,)``.
    """
    g = Builder()
    words = front_end(g, "codepoints", "lengths", lexicon)
    vectors = g.Gather(words.vectors, lexicon.columns, axis=1)
    rows = g.Max(g.Sub(words.rows, lexicon.nothing), 0)
    values = {"vectors": vectors, "rows": rows, "message": words.message}
    for name, value in values.items():
        g.name(g.Compress(value, words.real, axis=0), name)
    model = g.model(
        {"codepoints": (INT32, ["n"]), "lengths": (INT64, ["b"])},
        {
            "vectors": (FLOAT, ["w", lexicon.width]),
            "rows": (INT64, ["w"]),
            "message": (INT64, ["w"]),
        },
    )
    return bytes(model.SerializeToString())


class WordReader:
    """Texts to rows of an embedding table that holds the lexicon and every stranger seen."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            front_end_model(lexicon), options, providers=["CPUExecutionProvider"]
        )
        self._strangers: dict[bytes, int] = {}

    def read(self, texts: Sequence[str], batch: int = 256) -> list[Rows]:
        """Rows in `table` of each text's first `MOST_WORDS` words: int32 ``(w,)`` each.

        Args:
            texts: of each, 2,000 characters are read.
            batch: texts in one call of the graph.
        """
        out: list[Rows] = []
        for start in range(0, len(texts), batch):
            points = [codepoints_of(text[:2_000]) for text in texts[start : start + batch]]
            lengths = np.asarray([len(p) for p in points], dtype=np.int64)
            vectors, rows, message = self._session.run(
                ["vectors", "rows", "message"],
                {"codepoints": np.concatenate(points), "lengths": lengths},
            )
            for i in np.flatnonzero(rows == 0):
                rows[i] = self._stranger(vectors[i])
            bounds = np.searchsorted(message, np.arange(len(points) + 1))
            out += [rows[a : min(b, a + MOST_WORDS)].astype(np.int32) for a, b in pairwise(bounds)]
        return out

    def _stranger(self, vector: npt.NDArray[np.float32]) -> int:
        key = vector.astype(np.float16).tobytes()
        base = self._lexicon.slots + 1
        return self._strangers.setdefault(key, base + len(self._strangers))

    def table(self) -> npt.NDArray[np.float32]:
        """float32 ``(slots + 1 + strangers, width + 1)``: vectors, then 1 for known words."""
        lexicon = self._lexicon
        known = lexicon.word_vectors()
        table = np.zeros((len(known) + len(self._strangers), lexicon.width + 1), dtype=np.float32)
        table[: len(known), :-1] = known
        table[1 : len(known), -1] = 1.0
        for key, row in self._strangers.items():
            table[row, :-1] = np.frombuffer(key, dtype=np.float16)
        return table


def pad(rows: Sequence[Rows]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Fill rows up with row 0 to the longest.

    Args:
        rows: of at least one text.

    Returns:
        Rows int32 ``(b, w)`` and mask float32 ``(b, w)``, 1 where there is a word; w is at least 1.
    """
    longest = max(1, *(len(item) for item in rows))
    padded = np.zeros((len(rows), longest), dtype=np.int32)
    mask = np.zeros((len(rows), longest), dtype=np.float32)
    for i, item in enumerate(rows):
        padded[i, : len(item)] = item
        mask[i, : len(item)] = 1.0
    return padded, mask
