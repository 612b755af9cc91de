"""The hand-written checks and the JSON Schemas accept and refuse the same objects."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from nudge_harness.errors import FieldError, FormatError
from nudge_harness.formats import (
    conversation_from,
    conversation_to,
    read_conversations,
    schema,
    score_from,
    score_to,
    trace_from,
    trace_to,
)

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 200),
    st.sampled_from([0.5, 4.0, -1.0, 1e300, float("inf"), 47_501, 131]),
    st.sampled_from(["", "text", "image", "contact", "user", "stranger", "gentle", "x"]),
    st.lists(st.sampled_from(["secrecy", 3, None]), max_size=2),
    st.dictionaries(st.sampled_from(["grooming", "x"]), st.sampled_from([0, 1, 0.5, 2, "1", True])),
)


def near(good: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with these fields, each of them right, odd or missing."""
    return st.fixed_dictionaries(
        {}, optional={key: st.one_of(value, value, ODD) for key, value in good.items()}
    )


TURN = near(
    {
        "from": st.sampled_from(["contact", "user"]),
        "text": st.text(max_size=3),
        "t": st.integers(0, 9),
        "kind": st.sampled_from(["text", "image", "call"]),
        "cues": st.just(["secrecy"]),
        "more": st.just(1),
    }
)
CONVERSATION = near(
    {
        "id": st.just("c"),
        "messages": st.lists(TURN, max_size=2),
        "label": st.just("benign"),
        "lang": st.just("en"),
        "family": st.just("f"),
        "user_age": st.just(13),
        "contact": near(
            {
                "relationship": st.just("friend"),
                "days_known": st.just(3),
                "claimed_age": st.just(15),
            }
        ),
        "onset": st.just(0),
        "harm": st.just(0),
    }
)
NUDGE = near(
    {
        "message": st.integers(0, 9),
        "risk": st.just("grooming"),
        "level": st.sampled_from(["gentle", "strong"]),
        "cues": st.just(["secrecy"]),
        "confidence": st.just(0.5),
    }
)
SHARES = st.dictionaries(st.just("grooming"), st.floats(0, 1))
SCORES = near(
    {
        "id": st.just("c"),
        "messages": st.just(3),
        "risk": SHARES,
        "nudges": st.lists(NUDGE, max_size=2),
    }
)
TRACE_TURN = near(
    {
        "message": st.just(0),
        "from": st.just("user"),
        "cues": SHARES,
        "risk": SHARES,
        "decision": st.just("quiet"),
    }
)
TRACE = near(
    {"id": st.just("c"), "model": st.just("m"), "messages": st.lists(TRACE_TURN, max_size=2)}
)


def accepts(parse: Callable[[object], object], value: object) -> bool:
    """Whether the hand-written check takes it, the one rule beyond the schema left aside."""
    try:
        parse(value)
    except FieldError as error:
        return "past the last" in error.problem
    return True


def agrees(
    name: Literal["conversation", "scores", "trace"],
    parse: Callable[[object], object],
    value: object,
) -> None:
    valid = Draft202012Validator(schema(name)).is_valid(value)
    assert accepts(parse, value) == valid


@settings(max_examples=400)
@given(CONVERSATION)
def test_conversation_check_equals_its_schema(value: dict[str, Any]) -> None:
    agrees("conversation", conversation_from, value)


@given(SCORES)
def test_score_check_equals_its_schema(value: dict[str, Any]) -> None:
    agrees("scores", score_from, value)


@given(TRACE)
def test_trace_check_equals_its_schema(value: dict[str, Any]) -> None:
    agrees("trace", trace_from, value)


@pytest.mark.parametrize("value", [3, "x", [], None, True])
def test_what_is_no_object_is_refused_by_both(value: object) -> None:
    agrees("conversation", conversation_from, value)
    agrees("scores", score_from, value)
    agrees("trace", trace_from, value)


@given(CONVERSATION)
def test_writing_and_reading_gives_the_same(value: dict[str, Any]) -> None:
    if accepts(conversation_from, value) and "onset" not in value and "harm" not in value:
        row = conversation_from(value)
        assert conversation_from(json.loads(json.dumps(conversation_to(row)))) == row


@given(SCORES, TRACE)
def test_scores_and_traces_round_trip(scores: dict[str, Any], trace: dict[str, Any]) -> None:
    if accepts(score_from, scores):
        assert score_from(score_to(score_from(scores))) == score_from(scores)
    if accepts(trace_from, trace):
        assert trace_from(trace_to(trace_from(trace))) == trace_from(trace)


@pytest.mark.filterwarnings("ignore::nudge_harness.errors.UnknownFieldWarning")
@given(
    st.lists(st.one_of(st.binary(max_size=30), CONVERSATION.map(lambda v: json.dumps(v).encode())))
)
def test_any_bytes_give_rows_or_named_errors(lines: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "in.jsonl")
        path.write_bytes(b"\n".join(lines))
        rows, problem = [], "in.jsonl: line "
        try:
            rows = list(read_conversations(path))
        except FormatError as error:
            problem = str(error)
        assert problem.startswith("in.jsonl: line ")
        reader = read_conversations(path, keep_going=True)
        kept = list(reader)
        assert kept[: len(rows)] == rows and len(reader.reasons) == min(reader.skipped, 1_000)
