"""Adapters, on small files of the same structure with harmless text written for this test."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from nudge_harness.adapters.command import pairs
from nudge_harness.cli import main
from nudge_harness.errors import UsageError
from nudge_harness.formats import Conversation, read_conversations

PAN = """<?xml version="1.0" encoding="UTF-8"?>
<conversations>
  <conversation id="c1">
    <message line="1"><author>aaa</author><time>23:58</time><text>the cat &amp; I</text></message>
    <message line="2"><author>bbb</author><time>23:59</time><text>good cat</text></message>
    <message line="3"><author>aaa</author><time>00:01</time><text/></message>
  </conversation>
  <conversation id="c2">
    <message line="1"><author>ccc</author><time>10:00</time><text>who has the ball</text></message>
    <message line="2"><author>ddd</author><time>10:05</time><text>me</text></message>
  </conversation>
</conversations>
"""
CONVOKIT = [
    {"id": "u1", "conversation_id": "r", "speaker": "ann", "text": "tea?", "timestamp": 100},
    {"id": "u2", "conversation_id": "r", "speaker": "bob", "text": "yes", "timestamp": "160.0"},
    {"id": "u3", "root": "s", "user": {"id": "cy"}, "text": "rain again", "timestamp": None},
]
CSV = """chat,who,body,when,age
a,adult,"two lines,
one cell",2026-01-01T10:00:00,12
a,child,ok,2026-01-01T10:01:30,12
b,adult,hello,,
"""
MATRIX = {
    "room_name": "Garden",
    "messages": [
        {"type": "m.room.member", "sender": "@me:x", "content": {"membership": "join"}},
        {"type": "m.room.message", "sender": "@ann:x", "origin_server_ts": 5000,
         "content": {"msgtype": "m.text", "body": "the roses are out"}},
        {"type": "m.room.message", "sender": "@me:x", "origin_server_ts": 65000,
         "content": {"msgtype": "m.text", "body": "lovely"}},
        {"type": "m.room.message", "sender": "@ann:x", "origin_server_ts": 70000,
         "content": {"msgtype": "m.image", "body": "rose.jpg"}},
        {"type": "m.room.message", "sender": "@ann:x", "origin_server_ts": 80000, "content": {}},
        {"type": "m.call.invite", "sender": "@ann:x", "origin_server_ts": 90000, "content": {}},
    ],
}  # fmt: skip
WHATSAPP = """24/12/2025, 21:05 - Messages are end-to-end encrypted.
24/12/2025, 21:05 - Ann: soup is ready
come down
24/12/2025, 21:06 - Sam: coming: one minute
24/12/2025, 21:07 - Ann: <Media omitted>
"""
IPHONE = "[24.12.25, 9:05:33 PM] Ann: soup\n[24.12.25, 9:06:00 PM] Sam: yum\n"


def converted(tmp_path: Path, kind: str, source: Path, *words: str) -> list[Conversation]:
    out = tmp_path / "out.jsonl"
    assert main(["convert", kind, str(source), "-o", str(out), *words]) == 0
    return list(read_conversations(out))


def refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, source: Path, *words: str
) -> str:
    assert main(["convert", kind, str(source), "-o", str(tmp_path / "out.jsonl"), *words]) == 2
    return capsys.readouterr().err


def sides(chat: Conversation) -> list[tuple[str, str]]:
    return [(turn.sender, turn.text) for turn in chat.messages]


def written(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def test_pan12_gives_both_sides_times_over_midnight_and_labels(tmp_path: Path) -> None:
    source, flagged = written(tmp_path, "p.xml", PAN), written(tmp_path, "f.txt", "aaa\n")
    one, two = converted(tmp_path, "pan12", source, "--flagged", str(flagged), "--lang", "en")
    assert (one.id, one.label, one.lang, one.onset, one.harm) == (
        "c1",
        "grooming",
        "en",
        None,
        None,
    )
    assert sides(one) == [
        ("contact", "the cat & I"), ("user", "good cat"), ("contact", ""),
    ]  # fmt: skip
    assert [turn.t for turn in one.messages] == [0, 60, 180]
    assert two.label == "benign" and sides(two)[1] == ("user", "me")


def test_pan12_streams_and_is_the_same_however_it_is_cut(tmp_path: Path) -> None:
    many = PAN.replace("</conversations>", "") + "".join(
        f'<conversation id="x{i}"><message line="1"><author>a</author><time>1:00</time>'
        f"<text>{'leaf ' * 200}</text></message></conversation>"
        for i in range(300)
    )
    found = converted(tmp_path, "pan12", written(tmp_path, "p.xml", many + "</conversations>"))
    assert len(found) == 302
    assert {len(chat.messages[0].text) for chat in found[2:]} == {1000}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("<author>bbb</author>", "", "p.xml: line 5: message.author: is missing"),
        ("23:59", "25:99", "p.xml: line 5: message.time: must be HH:MM"),
        (' id="c2"', "", "p.xml: line 8: conversation.id: is missing"),
        ("</conversations>", "", "p.xml: line 13: is not XML"),
        ("<conversations>", "<!DOCTYPE x [<!ENTITY e 'e'>]><conversations>", "document type"),
    ],
)
def test_pan12_errors_name_file_line_and_field(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, says: str
) -> None:
    source = written(tmp_path, "p.xml", PAN.replace(old, new, 1))
    error = refused(tmp_path, capsys, "pan12", source)
    assert says in error and "cat" not in error


def test_convokit_reads_old_and_new_corpora(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    written(corpus, "utterances.jsonl", "".join(json.dumps(u) + "\n" for u in CONVOKIT))
    written(corpus, "conversations.json", json.dumps({"r": {"meta": {"kind": "benign"}}}))
    one, two = converted(tmp_path, "convokit", corpus, "--columns", "label=kind")
    assert sides(one) == [("contact", "tea?"), ("user", "yes")]
    assert one.messages[1].t == 60 and one.label == "benign"
    assert two.id == "s" and two.label is None and two.messages[0].t == 0


def test_convokit_errors_name_the_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [json.dumps(CONVOKIT[0]), json.dumps({"conversation_id": "r", "text": "leaf"})]
    source = written(tmp_path, "utterances.jsonl", "\n".join(lines))
    error = refused(tmp_path, capsys, "convokit", source)
    assert "utterances.jsonl: line 2: speaker: is missing" in error and "leaf" not in error


def test_csv_takes_a_mapping(tmp_path: Path) -> None:
    source = written(tmp_path, "t.csv", CSV)
    columns = "id=chat,from=who,text=body,t=when,user_age=age"
    words = ["--columns", columns, "--names", "user=child,contact=adult", "--label", "benign"]
    one, two = converted(tmp_path, "csv", source, *words)
    assert sides(one) == [("contact", "two lines,\none cell"), ("user", "ok")]
    assert (one.user_age, one.label, one.messages[1].t) == (12, "benign", 90)
    assert two.user_age is None and len(two.messages) == 1


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("a,contact,x,noon\n", "line 2: t: must be seconds or an ISO 8601 time"),
        ("a,someone,x,1\n", "line 2: from: must be user or contact"),
        (",contact,x,1\n", "line 2: id: is missing"),
        ("a,contact,x,1\nb,contact,y,1\na,user,z,2\n", "line 4: id: goes on after another"),
    ],
)
def test_csv_errors_name_file_line_and_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], row: str, says: str
) -> None:
    source = written(tmp_path, "t.csv", "id,from,text,t\n" + row)
    assert f"t.csv: {says}" in refused(tmp_path, capsys, "csv", source)


def test_csv_says_which_column_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = written(tmp_path, "t.csv", "id,text\na,x\n")
    assert "t.csv: line 1: from: there is no such column" in refused(
        tmp_path, capsys, "csv", source
    )
    assert "no field 'smell'" in refused(tmp_path, capsys, "csv", source, "--columns", "smell=nose")


def test_an_impossible_kind_names_its_own_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "id,from,text,kind\na,user,x,text\na,user,x,smell\n"
    error = refused(tmp_path, capsys, "csv", written(tmp_path, "t.csv", rows))
    assert "t.csv: line 3: messages[1].kind" in error


def test_matrix_gives_events_and_hides_names(tmp_path: Path) -> None:
    source = written(tmp_path, "export.json", json.dumps(MATRIX))
    (chat,) = converted(tmp_path, "matrix", source, "--user", "@me:x")
    assert sides(chat) == [
        ("contact", "the roses are out"), ("user", "lovely"), ("contact", ""), ("contact", ""),
    ]  # fmt: skip
    assert [turn.kind for turn in chat.messages] == ["text", "text", "image", "call"]
    assert [turn.t for turn in chat.messages] == [0, 60, 65, 85]
    raw = (tmp_path / "out.jsonl").read_text("utf-8")
    assert "Garden" not in raw and "@ann" not in raw


def test_matrix_needs_a_side_and_names_the_field(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = written(tmp_path, "export.json", json.dumps(MATRIX))
    assert "--user" in refused(tmp_path, capsys, "matrix", source)
    assert "wrote nothing" in refused(tmp_path, capsys, "matrix", source, "--user", "@no:x")
    bad = json.dumps(MATRIX).replace('"origin_server_ts": 65000', '"origin_server_ts": "soon"')
    error = refused(tmp_path, capsys, "matrix", written(tmp_path, "e.json", bad), "--user", "@me:x")
    assert "e.json: messages[2].origin_server_ts: must be a number" in error


@pytest.mark.parametrize("text", [WHATSAPP, WHATSAPP.replace("\n", "\r\n")])
def test_whatsapp_joins_lines_and_leaves_notices_out(tmp_path: Path, text: str) -> None:
    (chat,) = converted(tmp_path, "whatsapp", written(tmp_path, "chat.txt", text), "--user", "Sam")
    assert sides(chat) == [
        ("contact", "soup is ready\ncome down"), ("user", "coming: one minute"), ("contact", ""),
    ]  # fmt: skip
    assert [turn.kind for turn in chat.messages] == ["text", "text", "image"]
    assert [turn.t for turn in chat.messages] == [0, 60, 120]
    assert "Ann" not in (tmp_path / "out.jsonl").read_text("utf-8")


def test_whatsapp_reads_brackets_and_twelve_hours(tmp_path: Path) -> None:
    (chat,) = converted(
        tmp_path, "whatsapp", written(tmp_path, "chat.txt", IPHONE), "--user", "Sam"
    )
    assert [turn.t for turn in chat.messages] == [0, 27]


def test_whatsapp_takes_month_first_only_where_it_must(tmp_path: Path) -> None:
    text = "1/2/26, 10:00 - Ann: a\n1/13/26, 10:00 - Sam: b\n"
    (chat,) = converted(tmp_path, "whatsapp", written(tmp_path, "c.txt", text), "--user", "Sam")
    assert chat.messages[1].t == 11 * 86_400


def test_whatsapp_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = written(tmp_path, "c.txt", "31/02/2026, 10:00 - Sam: b\n")
    assert "c.txt: line 1: date: is impossible" in refused(
        tmp_path, capsys, "whatsapp", source, "--user", "Sam"
    )
    source = written(tmp_path, "c.txt", "a shopping list\n")
    assert "holds no message" in refused(tmp_path, capsys, "whatsapp", source, "--user", "Sam")
    assert "is missing" in refused(tmp_path, capsys, "whatsapp", source)


def test_pairs() -> None:
    assert pairs("a=b, c=d", "--names") == {"a": "b", "c": "d"}
    assert pairs(None, "--names") == {}
    for wrong in ("a", "a=", "a=b,a=c"):
        with pytest.raises(UsageError, match="--names"):
            pairs(wrong, "--names")
