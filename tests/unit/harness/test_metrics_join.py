"""Truth and scores meet by id, and every way in which they do not fit has its name."""

from __future__ import annotations

from typing import Any

import pytest
from nudge_harness.formats import Conversation, ScoreRow, conversation_from, score_from
from nudge_harness.metrics.join import (
    DuplicateIdError,
    ExtraScoresError,
    JoinError,
    MismatchError,
    MissingScoresError,
    join,
)

TEXT = "see you at practice"


def truth(name: str, count: int = 3, **fields: Any) -> Conversation:
    turns = [{"from": "contact", "text": TEXT, "t": 90 * i} for i in range(count)]
    return conversation_from({"id": name, "messages": turns, **fields})


def score(name: str, *at: int, **fields: Any) -> ScoreRow:
    nudges = [{"message": i, "risk": "grooming"} for i in at]
    return score_from({"id": name, "nudges": nudges, **fields})


def test_joins_by_id_in_the_order_of_the_truth() -> None:
    outcomes = join([truth("a"), truth("b")], [score("b", 1), score("a")])
    assert [(o.id, o.first_nudge) for o in outcomes] == [("a", None), ("b", 1)]


def test_takes_what_the_truth_states() -> None:
    conversation = truth(
        "a",
        label="grooming",
        family="coach",
        user_age=11,
        lang="en-GB",
        contact={"relationship": "school_or_club"},
        onset=1,
        harm=2,
    )
    (outcome,) = join([conversation], [score("a", 0, messages=3)])
    assert (outcome.age_band, outcome.relationship, outcome.lang) == (
        "10_12",
        "school_or_club",
        "en-GB",
    )
    assert (outcome.label, outcome.family, outcome.onset, outcome.harm) == (
        "grooming",
        "coach",
        1,
        2,
    )
    assert outcome.minutes_before_harm == 3.0
    assert outcome.caught


def test_a_nudge_after_the_harm_leads_by_less_than_nothing() -> None:
    (outcome,) = join([truth("a", label="grooming", harm=0)], [score("a", 2)])
    assert outcome.minutes_before_harm == -3.0
    assert not outcome.caught


def test_nudges_in_any_order_are_sorted() -> None:
    (outcome,) = join([truth("a")], [score("a", 2, 0)])
    assert [given.message for given in outcome.nudges] == [0, 2]


def test_what_is_not_said_stays_unknown() -> None:
    (outcome,) = join([truth("a")], [score("a")])
    unknown = (outcome.label, outcome.family, outcome.age_band, outcome.relationship, outcome.lang)
    assert unknown == (None,) * 5
    assert not outcome.scored


@pytest.mark.parametrize(
    ("conversations", "rows", "error", "words"),
    [
        ([truth("a"), truth("b")], [score("a")], MissingScoresError, "'b'"),
        ([truth("a")], [score("a"), score("b")], ExtraScoresError, "'b'"),
        ([truth("a")], [score("a"), score("a")], DuplicateIdError, "scores"),
        ([truth("a"), truth("a")], [score("a")], DuplicateIdError, "truth"),
        ([truth("a")], [score("a", messages=4)], MismatchError, "the truth has 3"),
        ([truth("a")], [score("a", 3)], MismatchError, "past the last of 3"),
    ],
    ids=["missing", "extra", "twice in scores", "twice in truth", "other length", "past the end"],
)
def test_named_errors(
    conversations: list[Conversation], rows: list[ScoreRow], error: type[JoinError], words: str
) -> None:
    with pytest.raises(error, match=words) as caught:
        join(conversations, rows)
    assert TEXT not in str(caught.value)


def test_many_missing_ids_are_counted_not_listed() -> None:
    with pytest.raises(MissingScoresError, match=r"'0', '1', '2' and 97 more$"):
        join([truth(str(i)) for i in range(100)], [])
