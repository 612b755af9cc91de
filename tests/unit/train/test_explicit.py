"""Sorting words of a wide list by the words of a list with categories."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.train.explicit import sort_terms


def by_first_letter(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """A space in which words that begin alike lie together; "m" lies between "a" and "b"."""
    places = {"a": [3.0, 0.0], "b": [0.0, 3.0], "m": [1.5, 1.5]}
    return np.asarray([places[text[0]] for text in texts], dtype=np.float32)


TAGGED = {"sexual": ["aa", "ab", "ac", "ad"], "swearing": ["ba", "bb"]}


def test_a_word_goes_to_the_category_of_its_neighbours() -> None:
    found = sort_terms(TAGGED, ["ax", "bx", "ay"], by_first_letter)
    assert found == {"sexual": ["ax", "ay"], "swearing": ["bx"]}


def test_a_doubtful_word_is_left_out() -> None:
    assert sort_terms(TAGGED, ["mx"], by_first_letter) == {"sexual": [], "swearing": []}


def test_nothing_to_sort_gives_empty_categories() -> None:
    assert sort_terms(TAGGED, [], by_first_letter) == {"sexual": [], "swearing": []}
