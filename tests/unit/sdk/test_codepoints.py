"""Windows at their borders: n-1, n, n+1 of every size, and nothing between head and tail lost."""

from __future__ import annotations

import numpy as np
import pytest

from nudge_sdk._codepoints import codepoints_of, windows_of

CAP, OVERLAP, MOST = 10, 4, 5


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", []),
        ("a\0b", [97, 0, 98]),
        ("\ud800", [0xD800]),
        ("\U0010ffff\u202e", [0x10FFFF, 0x202E]),
    ],
    ids=["empty", "nul", "lone surrogate", "last code point"],
)
def test_any_text_becomes_its_code_points(text: str, wanted: list[int]) -> None:
    got = codepoints_of(text)
    assert got.dtype == np.int32
    assert got.tolist() == wanted


@pytest.mark.parametrize(
    ("length", "starts"),
    [
        (0, [0]),
        (9, [0]),
        (10, [0]),
        (11, [0, 1]),
        (16, [0, 6]),
        (17, [0, 6, 7]),
        (34, [0, 6, 12, 18, 24]),
        (35, [0, 6, 18, 24, 25]),  # one window more than there may be: the middle is left out
        (1000, [0, 6, 978, 984, 990]),
    ],
)
def test_windows_start_where_they_should(length: int, starts: list[int]) -> None:
    codepoints = np.arange(length, dtype=np.int32)
    windows = windows_of(codepoints, cap=CAP, overlap=OVERLAP, most=MOST)
    assert [int(window[0]) if length else 0 for window in windows] == starts
    assert all(len(window) == min(length, CAP) for window in windows)


@pytest.mark.parametrize("length", [0, 1, 9, 10, 11, 15, 16, 17, 33, 34])
def test_within_the_bound_every_code_point_is_read(length: int) -> None:
    codepoints = np.arange(length, dtype=np.int32)
    windows = windows_of(codepoints, cap=CAP, overlap=OVERLAP, most=MOST)
    assert set(np.concatenate(windows).tolist()) == set(range(length))


def test_past_the_bound_head_and_tail_are_read() -> None:
    codepoints = np.arange(10_000, dtype=np.int32)
    read = np.concatenate(windows_of(codepoints, cap=CAP, overlap=OVERLAP, most=MOST))
    assert {0, 9, 15} <= set(read.tolist())
    assert {9_999, 9_990, 9_980} <= set(read.tolist())
    assert len(read) == MOST * CAP
