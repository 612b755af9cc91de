"""Laws of the graph, for any text, context and state."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from models.train.shape import CUES, HIDDEN
from nudge_sdk._codepoints import codepoints_of
from tests.property.train import reference
from tests.unit.train.little import (
    WORDS,
    Floats,
    alone,
    little,
    little_front_end,
    surroundings,
    together,
)

ANYTHING = st.text(alphabet=st.characters(exclude_categories=()), max_size=60)
SPELLED = st.text(
    alphabet=[*"aeiohyst 4013$@?!.\0'-", "😂", "🤫", "好", "ж", "\u200b"], max_size=40
)
SAID = st.lists(st.sampled_from([*WORDS, "qzx", "k33p", "s e c r e t", "\n"]), max_size=12).map(
    " ".join
)
EDGES = st.sampled_from(["", "\0", "\ud800", "\U0010ffff", "e" * 5_000, "😂" * 300, "a b " * 200])
TEXTS = st.one_of(ANYTHING, SPELLED, SAID, EDGES)
SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.sampled_from([0.0, 1.0, 30.0])  # how far a context may lie from what the SDK makes
INT32 = st.integers(-(2**31), 2**31 - 1)


ROUNDING = 1e-6  # of a mean of two float32 numbers


def in_range(next_state: Floats) -> bool:
    """The state is such as the first message's zeros and any messages since can have made it."""
    learned = next_state[:, 2 * CUES : 2 * CUES + HIDDEN]
    fixed = np.delete(next_state, np.s_[2 * CUES : 2 * CUES + HIDDEN], axis=1)
    inside = (np.abs(learned) <= 1 + ROUNDING).all() and (fixed >= -ROUNDING).all()
    return bool(inside and (fixed <= 1 + ROUNDING).all())


@given(st.lists(TEXTS, min_size=1, max_size=6), SEEDS, SIZES)
@example(["", "", ""], 0, 1.0)
@example(["h e", "y", "", "s e c"], 1, 1.0)
def test_a_batch_is_each_message_alone(texts: list[str], seed: int, size: float) -> None:
    points = [codepoints_of(text) for text in texts]
    context, state = surroundings(len(texts), seed, size)
    whole = together(points, context, state)
    assert whole.finite()
    assert whole.distance(alone(points, context, state)) < 1e-5
    first = together(points[:1], context[:1], state[:1])
    last = together(points[-1:], context[-1:], state[-1:])
    for found, at in ((first, slice(0, 1)), (last, slice(len(texts) - 1, None))):
        assert np.abs(found.cues - whole.cues[at]).max() < 1e-6
        assert np.abs(found.risk - whole.risk[at]).max() < 1e-6
        assert np.abs(found.next_state - whole.next_state[at]).max() < 1e-6


@given(TEXTS, SEEDS, SIZES)
def test_outputs_stay_in_range(text: str, seed: int, size: float) -> None:
    context, state = surroundings(1, seed, size)
    found = alone([codepoints_of(text)], context, state)
    for probabilities in (found.cues, found.risk):
        assert probabilities.min() >= 0.0 and probabilities.max() <= 1.0
    assert in_range(found.next_state)


@given(st.lists(TEXTS, max_size=30), SEEDS)
def test_a_long_chat_keeps_the_state_in_range(texts: list[str], seed: int) -> None:
    contexts, _ = surroundings(len(texts), seed)
    state = np.zeros_like(surroundings(1, seed)[1])
    for text, context in zip(texts, contexts, strict=True):
        state = alone([codepoints_of(text)], context[None], state).next_state
        assert in_range(state)


@given(st.lists(INT32, max_size=40), SEEDS)
def test_any_ints_give_finite_outputs(ints: list[int], seed: int) -> None:
    points = [np.asarray(ints, dtype=np.int32)]
    context, state = surroundings(1, seed)
    found = alone(points, context, state)
    assert found.finite()
    assert together(points, context, state).distance(found) < 1e-5


@given(st.lists(TEXTS, min_size=1, max_size=4))
@example(["a b c", "ab c d", "a  b  c", "a.b.c?d", "a b\0\0c d"])
@example(["4 a 7 b", "$ a @", "好a b c", "don't", "\u200ba\u200b b c"])
def test_words_are_those_of_the_reference(texts: list[str]) -> None:
    lexicon = little().lexicon
    for text, found in zip(texts, little_front_end().read(texts), strict=True):
        wanted = reference.read(text, lexicon)
        assert found.rows.tolist() == [row for row, _ in wanted]
        for vector, (_, own) in zip(found.vectors, wanted, strict=True):
            assert np.allclose(vector, own, atol=1e-4)
