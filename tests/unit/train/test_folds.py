"""Which fold a family, a phrase and a corpus lie in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from nudge_harness.formats import Conversation, Turn

from models.train.folds import FOLDS, fold_of, fold_of_family, folds_of_corpora

SIZES = st.dictionaries(st.text(min_size=1, max_size=4), st.integers(0, 30), max_size=9)


def corpus(messages: int) -> list[Conversation]:
    """One conversation of so many messages."""
    said = tuple(Turn(sender="contact", text="hello", t=float(i)) for i in range(messages))
    return [Conversation(id="c", label="benign", messages=said)] if said else []


def test_a_name_stays_in_its_fold() -> None:
    assert [fold_of(name) for name in ("a", "b", "c", "\ud800")] == [3, 1, 2, 3]


def test_minimal_pairs_share_a_fold() -> None:
    assert fold_of_family("bf_homework_mum") == fold_of_family("bf_homework_stranger")


def test_the_largest_corpora_lie_apart() -> None:
    found = folds_of_corpora({"e": corpus(1), "d": corpus(2), "c": corpus(3), "b": corpus(4)})
    assert found == {"b": 0, "c": 1, "d": 2, "e": 3}


@given(SIZES)
def test_corpora_are_dealt_evenly_and_in_any_order(sizes: dict[str, int]) -> None:
    corpora = {name: corpus(messages) for name, messages in sizes.items()}
    found = folds_of_corpora(corpora)
    assert found == folds_of_corpora(dict(reversed(corpora.items())))
    assert found.keys() == corpora.keys()
    held = [sum(sizes[n] for n, at in found.items() if at == fold) for fold in range(FOLDS)]
    assert max(held) - min(held) <= max(sizes.values(), default=0)
