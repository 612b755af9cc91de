"""Text to code points and windows. Texts are JSON strings: UTF-16, lone surrogates included."""

from __future__ import annotations

from typing import Any, Final

from nudge_sdk._codepoints import codepoints_of, windows_of

TEXTS: Final = {
    "empty": "",
    "ascii": "hi there",
    "combining": "e\u0301\u200d\ufe0f",
    "astral": "\U0001f602 \U0001d54f \U0010ffff",
    "right_to_left": "\u202eabc \u05e9\u05dc\u05d5\u05dd",
    "lone_high": "a\ud800b",
    "lone_low": "a\udc00",
    "nul": "a\0b",
    "line_ends": "a\r\nb\u2028c",
}
# cap, overlap and most around every boundary: n - 1, n, n + 1 of one, two and all windows.
CUTS: Final = [
    {"n": n, "cap": cap, "overlap": overlap, "most": most}
    for cap, overlap, most in ((8, 3, 4), (8, 0, 2), (8, 7, 5), (1, 0, 3), (2048, 256, 32))
    for n in sorted(
        {0, 1, cap - 1, cap, cap + 1, 2 * cap - overlap, 2 * cap - overlap + 1}
        | {cap + (most - 1) * (cap - overlap) + d for d in (-1, 0, 1)}
        | {cap * most * 3}
    )
]


def make() -> dict[str, Any]:
    """Vectors: ``codepoints`` of a ``text``; or ``starts`` of the windows of ``n`` code points."""
    texts = [
        {"id": name, "text": text, "codepoints": codepoints_of(text).tolist()}
        for name, text in TEXTS.items()
    ]
    return {
        "kind": "text",
        "schema": 1,
        "about": "a text's code points; where the windows of a long one start",
        "given": {},
        "vectors": texts + [_cut(**cut) for cut in CUTS],
    }


def _cut(*, n: int, cap: int, overlap: int, most: int) -> dict[str, Any]:
    import numpy as np

    counted = np.arange(n, dtype=np.int32)
    windows = windows_of(counted, cap=cap, overlap=overlap, most=most)
    return {
        "id": f"{n}_in_{cap}_{overlap}_{most}",
        "n": n,
        "cap": cap,
        "overlap": overlap,
        "most": most,
        "starts": [int(window[0]) if len(window) else 0 for window in windows],
        "lengths": [len(window) for window in windows],
    }
