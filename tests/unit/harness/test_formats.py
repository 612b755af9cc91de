"""The border: what a conversation file may hold, and what is said about one that is wrong."""

from __future__ import annotations

import gzip
import json
import warnings
from pathlib import Path
from typing import Any

import pytest
from nudge_harness.errors import FieldError, FormatError, UnknownFieldWarning
from nudge_harness.formats import (
    Conversation,
    conversation_from,
    conversation_to,
    read_conversations,
    read_scores,
    read_traces,
    score_to,
    trace_to,
    write_conversations,
    write_scores,
)
from nudge_harness.formats.conversation import MAX_TIME


def one(**changes: Any) -> dict[str, Any]:
    """A valid conversation object, changed."""
    return {"id": "c1", "messages": [{"from": "contact", "text": "hi"}], **changes}


def message(**changes: Any) -> dict[str, Any]:
    """A conversation object with one changed message."""
    return one(messages=[{"from": "contact", "text": "hi", **changes}])


def file_of(folder: Path, *lines: object) -> Path:
    """A file of these lines; a str is written as it is."""
    path = folder / "in.jsonl"
    raw = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(raw) + "\n", encoding="utf-8", newline="")
    return path


def times(*given: object) -> list[float]:
    """Times that a conversation with these ``t`` gets; ``...`` leaves ``t`` out."""
    items = [{"from": "user", "text": ""} | ({} if t is ... else {"t": t}) for t in given]
    return [turn.t for turn in conversation_from(one(messages=items)).messages]


def test_only_id_and_messages_are_required() -> None:
    got = conversation_from(one())
    assert (got.label, got.lang, got.user_age, got.onset, got.harm) == (None,) * 5
    assert got.contact.relationship is None and got.contact.days_known is None
    assert got.messages[0].kind == "text" and got.messages[0].t == 0


@pytest.mark.parametrize(
    "text",
    ["", "\x00", "\ud800", "x" * 100_000, "\u202eabc", "\U0001f600" * 5_000],
    ids=["empty", "nul", "lone_surrogate", "100000", "right_to_left", "emoji_flood"],
)
def test_any_text_is_text_and_survives_a_round_trip(tmp_path: Path, text: str) -> None:
    path = tmp_path / "out.jsonl.gz"
    write_conversations(path, [conversation_from(message(text=text))])
    (got,) = read_conversations(path)
    assert got.messages[0].text == text


def test_a_surrogate_written_raw_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "raw.jsonl"
    path.write_bytes(b'{"id":"a","messages":[{"from":"user","text":"\xed\xa0\x80\x00"}]}')
    (got,) = read_conversations(path)
    assert got.messages[0].text == "\ud800\x00"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((..., ..., ...), [0, 60, 120]),
        ((0, 100, ..., 120), [0, 100, 160, 160]),
        ((0, 50, 20, 60), [0, 50, 50, 60]),
        ((-5, 10), [0, 15]),
        ((1_700_000_000, 1_700_000_030), [0, 30]),
        ((0, 10**400, ...), [0, MAX_TIME, MAX_TIME]),
        ((0, -(10**400), 5), [0, 0, 5]),
        ((0, float("inf"), None), [0, MAX_TIME, MAX_TIME]),
    ],
    ids=["missing", "mixed", "decreasing", "negative", "epoch", "huge", "hugely_negative", "inf"],
)
def test_times_are_defined(given: tuple[object, ...], expected: list[float]) -> None:
    assert times(*given) == expected


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([], "must be an object"),
        ({"messages": []}, "id: is missing"),
        (one(id=7), "id: must be a non-empty string"),
        ({"id": "a"}, "messages: is missing"),
        (one(messages=[]), "messages: is empty"),
        (one(messages={}), "messages: must be a list"),
        (one(messages=["hi"]), "messages[0]: must be an object"),
        (message(**{"from": "mum"}), "messages[0].from: must be contact or user"),
        (message(text=3), "messages[0].text: must be a string"),
        (message(text=None), "messages[0].text: is missing"),
        (message(t="soon"), "messages[0].t: must be a number of seconds"),
        (message(t=True), "messages[0].t: must be a number of seconds"),
        (message(kind="hologram"), "messages[0].kind: must be one of text, image"),
        (message(cues=["secrecy", 4]), "messages[0].cues[1]: must be a string"),
        (one(contact="stranger"), "contact: must be an object"),
        (one(contact={"relationship": "boss"}), "contact.relationship: must be one of stranger"),
        (one(contact={"days_known": -1}), "contact.days_known: must be a number from 0"),
        (one(user_age=12.5), "user_age: must be a whole number"),
        (one(label=1), "label: must be a string"),
        (one(onset=1), "onset: is past the last of 1 messages"),
        (one(harm=-1), "harm: must be a whole number"),
    ],
)
def test_an_error_names_the_field(value: object, says: str) -> None:
    with pytest.raises(FieldError, match=f"^{says.replace('[', '.').replace(']', '.')}"):
        conversation_from(value)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"id": "b", "messages": [', "line 2: not JSON"),
        ("[" * 200_000, "line 2: nested too deeply"),
        ('{"id": NaN}', "line 2: not JSON: NaN"),
        ('{"t": ' + "9" * 5_000 + "}", "line 2: not JSON: a number with too many digits"),
        (one(), "line 2: id: stands on an earlier line too"),
    ],
    ids=["broken", "deep", "nan", "digits", "duplicate_id"],
)
def test_a_bad_line_stops_or_is_skipped_and_counted(
    tmp_path: Path, line: object, says: str
) -> None:
    path = file_of(tmp_path, one(), line, "", one(id="last"))
    with pytest.raises(FormatError, match=says) as caught:
        list(read_conversations(path))
    assert caught.value.line == 2
    reader = read_conversations(path, keep_going=True)
    assert [row.id for row in reader] == ["c1", "last"]
    assert reader.skipped == 1 and says in reader.reasons[0]


def test_an_error_never_shows_text(tmp_path: Path) -> None:
    path = file_of(tmp_path, '{"id": "a", "messages": [{"from": "user", "text": "PRIVATE}]}')
    reader = read_conversations(path, keep_going=True)
    assert list(reader) == [] and "PRIVATE" not in "".join(reader.reasons)
    assert "PRIVATE" not in repr(conversation_from(message(text="PRIVATE")))


def test_bytes_that_are_no_utf8_are_a_bad_line(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"\xff\xfe\n" + json.dumps(one()).encode())
    reader = read_conversations(path, keep_going=True)
    assert len(list(reader)) == 1 and reader.reasons == ["in.jsonl: line 1: not UTF-8"]


def test_a_gzip_cut_short_gives_what_it_holds_and_counts_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "cut.jsonl.gz"
    rows = "\n".join(json.dumps(one(id=f"{i:06}" * 50)) for i in range(2_000))
    path.write_bytes(gzip.compress(rows.encode())[:-2_000])
    with pytest.raises(FormatError, match="the gzip stream is damaged"):
        list(read_conversations(path))
    reader = read_conversations(path, keep_going=True)
    assert 0 < len(list(reader)) < 2_000 and reader.skipped == 1


def test_unknown_fields_warn_once_each_and_labels_are_kept(tmp_path: Path) -> None:
    path = file_of(tmp_path, one(source="x", label="spam"), message(mood=1) | {"id": "c2"})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        rows = list(read_conversations(path))
    assert rows[0].label == "spam"
    assert [str(w.message) for w in caught] == [
        "in.jsonl: line 1: unknown field source is ignored",
        "in.jsonl: line 2: unknown field messages[].mood is ignored",
    ]
    assert all(w.category is UnknownFieldWarning for w in caught)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"^none\.jsonl: no such file or directory$"):
        list(read_conversations(tmp_path / "none.jsonl"))
    with pytest.raises(FormatError, match="no such file or directory"):
        write_conversations(tmp_path / "no" / "out.jsonl", [])


def test_a_writer_that_fails_leaves_no_file(tmp_path: Path) -> None:
    def rows() -> Any:
        yield conversation_from(one())
        raise FieldError("x", "stop")

    with pytest.raises(FieldError):
        write_conversations(tmp_path / "out.jsonl", rows())
    assert list(tmp_path.iterdir()) == []


def test_gzip_output_depends_on_the_rows_alone(tmp_path: Path) -> None:
    row = conversation_from(one())
    for name in ("a.jsonl.gz", "b.jsonl.gz"):
        write_conversations(tmp_path / name, [row])
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()


def test_scores_of_any_detector_are_read(tmp_path: Path) -> None:
    path = file_of(tmp_path, {"id": "a", "nudges": [{"message": 3, "risk": "grooming"}]})
    (row,) = read_scores(path)
    assert row.risk is None and row.nudges[0].confidence is None
    write_scores(tmp_path / "again.jsonl", [row])
    assert list(read_scores(tmp_path / "again.jsonl")) == [row]
    assert set(score_to(row)["nudges"][0]) == {"message", "risk", "level", "cues", "confidence"}


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"id": "a"}, "nudges: is missing"),
        ({"id": "a", "nudges": [{"risk": "grooming"}]}, r"nudges\[0\].message: is missing"),
        ({"id": "a", "nudges": [], "risk": {"grooming": 2}}, "risk.grooming: must be a number"),
        ({"id": "a", "nudges": [{"message": 1, "risk": "x", "level": "loud"}]}, "level: must be"),
    ],
)
def test_wrong_scores_are_named(tmp_path: Path, value: object, says: str) -> None:
    with pytest.raises(FormatError, match=says):
        list(read_scores(file_of(tmp_path, value)))


def test_a_trace_round_trips(tmp_path: Path) -> None:
    item = {"message": 0, "from": "user", "cues": {"threat": 0.5}, "risk": None, "decision": "off"}
    path = file_of(tmp_path, {"id": "a", "model": "m@1", "messages": [item]})
    (row,) = read_traces(path)
    assert trace_to(row)["messages"] == [item]


def test_writing_says_null_for_a_benign_onset() -> None:
    got = conversation_to(conversation_from(one(label="benign")))
    assert got["onset"] is None and got["harm"] is None and "contact" not in got
    assert isinstance(conversation_from(got), Conversation)
