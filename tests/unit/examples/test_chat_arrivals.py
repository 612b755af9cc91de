"""The Matrix client's way from a sync to the screen: what is read, what is not, what nudges."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from examples.matrix_chat.events import without_quote
from nudge_sdk.demo import load_chats
from tests.unit.examples.rooms import (
    KAI,
    ME,
    MIA,
    ROOM,
    Phone,
    edit,
    redaction,
    text,
    undecryptable,
)

TALK = next(chat for chat in load_chats() if chat.id == "new_friend").messages


def talk() -> list[dict[str, Any]]:
    """The demo's chat, as events: its own tests hold that it nudges."""
    senders = {"contact": KAI, "user": ME}
    rows = [row for row in TALK if row["text"]]
    return [text(i, str(row["text"]), senders[row["from"]]) for i, row in enumerate(rows)]


def test_a_pattern_nudges_on_the_recipients_phone(tmp_path: Path) -> None:
    async def play() -> list[str]:
        phone = Phone(tmp_path)
        await phone.gets("first")
        await phone.gets("second", *talk())
        return phone.nudged

    assert asyncio.run(play())


def test_a_message_seen_again_after_a_restart_never_nudges_twice(tmp_path: Path) -> None:
    """The server sends everything again, and this time nothing says that it is old."""

    async def play() -> tuple[list[str], list[str]]:
        phone = Phone(tmp_path)
        await phone.gets("first")
        await phone.gets("second", *talk())
        again = Phone(tmp_path)
        await again.gets("third")
        await again.gets("fourth", *talk())
        return phone.nudged, again.nudged

    before, after = asyncio.run(play())
    assert before and not after


def test_state_lasts_across_a_restart_in_the_middle(tmp_path: Path) -> None:
    """Half of the chat before, half after: the same as in one go, but for what was said before."""

    async def play(*, restart: bool) -> list[str]:
        folder = tmp_path / str(restart)
        phone = Phone(folder)
        await phone.gets("first")
        await phone.gets("second", *talk()[:7])
        nudged = phone.nudged
        if restart:
            phone = Phone(folder)
            await phone.gets("third")
        await phone.gets("fourth", *talk()[7:])
        return sorted({*nudged, *phone.nudged})

    assert asyncio.run(play(restart=True)) == asyncio.run(play(restart=False))


def test_the_first_sync_of_a_new_device_is_history(tmp_path: Path) -> None:
    async def play() -> Phone:
        phone = Phone(tmp_path)
        await phone.gets("first", *talk())
        return phone

    phone = asyncio.run(play())
    assert len(phone.texts) == len(talk()) and not phone.nudged


def test_what_cannot_be_decrypted_is_shown_as_that_and_never_read(tmp_path: Path) -> None:
    async def play() -> Phone:
        phone = Phone(tmp_path)
        await phone.gets("first")
        await phone.gets("second", *(undecryptable(i) for i in range(5)))
        return phone

    phone = asyncio.run(play())
    entries = list(phone.messenger.log(ROOM))
    assert len(entries) == 5 and not any(entry.readable for entry in entries)
    assert phone.sdk.not_reading(ROOM, KAI) is None
    assert not phone.nudged
    assert phone.messenger.notes.unreadable == {f"$event{i}" for i in range(5)}


def test_an_edit_replaces_the_words_and_is_read_as_one_more_message(tmp_path: Path) -> None:
    async def play(*, edits: bool) -> Phone:
        phone = Phone(tmp_path / str(edits))
        await phone.gets("first")
        events = talk()
        for i, event in enumerate(events):
            words = event["content"]["body"]
            if edits and event["sender"] == KAI:  # first an innocent line, then the real one
                later = edit(100 + i, i, words)
                later["origin_server_ts"] = event["origin_server_ts"]
                await phone.gets(f"a{i}", {**event, "content": text(0, "hi")["content"]}, later)
            else:
                await phone.gets(f"b{i}", event)
        return phone

    edited, plain = (asyncio.run(play(edits=edits)) for edits in (True, False))
    assert edited.texts == plain.texts
    assert edited.nudged


def test_nobody_edits_the_words_of_somebody_else(tmp_path: Path) -> None:
    async def play() -> Phone:
        phone = Phone(tmp_path)
        await phone.gets("first")
        await phone.gets("second", text(1, "mine", ME), edit(2, 1, "not mine", KAI))
        return phone

    assert asyncio.run(play()).texts == ["mine"]


def test_a_deleted_message_loses_its_words_and_keeps_its_nudge(tmp_path: Path) -> None:
    async def play() -> tuple[list[str], Phone]:
        phone = Phone(tmp_path)
        await phone.gets("first")
        await phone.gets("second", *talk())
        before = phone.nudged
        at = int(before[0].removeprefix("$event"))
        await phone.gets("third", redaction(50, at))
        return before, phone

    before, phone = asyncio.run(play())
    assert phone.nudged == before
    entry = phone.messenger.log(ROOM).get(before[0])
    assert entry is not None and entry.deleted and entry.text == ""


def test_nothing_of_a_blocked_person_is_shown_or_read_after_a_restart_either(
    tmp_path: Path,
) -> None:
    async def play() -> Phone:
        phone = Phone(tmp_path)
        await phone.gets("first")
        phone.messenger.block(KAI)
        again = Phone(tmp_path)
        await again.gets("second")
        await again.gets("third", *talk(), text(99, "hello", MIA))
        return again

    phone = asyncio.run(play())
    assert KAI not in {entry.message.sender for entry in phone.messenger.log(ROOM)}
    assert "hello" in phone.texts and not phone.nudged


def test_off_reads_nothing_and_a_restart_keeps_it_off(tmp_path: Path) -> None:
    async def play() -> Phone:
        phone = Phone(tmp_path)
        phone.messenger.switch("off")
        again = Phone(tmp_path)
        await again.gets("first")
        await again.gets("second", *talk())
        return again

    phone = asyncio.run(play())
    assert phone.sdk.switch == "off"
    assert len(phone.texts) == len(talk()) and not phone.nudged


def test_who_somebody_is_stays_unknown_until_the_user_says_it(tmp_path: Path) -> None:
    phone = Phone(tmp_path)
    day = 86400.0
    first = phone.messenger.contact(ROOM, KAI, 10 * day)
    assert (first.relationship, first.days_known, first.claimed_age) == (None, 0.0, None)
    later = phone.messenger.contact("!other:localhost", KAI, 13 * day)
    assert later.days_known == 3.0  # known for three days when the second chat began
    phone.messenger.know(KAI, "friend")
    friend = phone.messenger.contact(ROOM, KAI, 20 * day)
    assert (friend.relationship, friend.days_known) == ("friend", None)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("> <@sam:localhost> how old are you\n\nwhy do you ask", "why do you ask"),
        ("> <@sam:localhost> two\n> lines\n\nyes\n> and this stays", "yes\n> and this stays"),
        ("> not a reply's quote\nshown", "> not a reply's quote\nshown"),
        ("> <@sam:localhost> only a quote", ""),
        ("no quote", "no quote"),
    ],
)
def test_a_reply_is_read_without_the_quote(body: str, words: str) -> None:
    assert without_quote(body) == words


@pytest.mark.parametrize(
    "content",
    [
        {"m.relates_to": "a string"},
        {"m.relates_to": {"rel_type": "m.replace", "event_id": 7}},
        {"m.relates_to": {"rel_type": "m.replace", "event_id": "$event0"}},
        {"m.relates_to": {"m.in_reply_to": ["$event0"]}},
        {"m.new_content": 1, "m.relates_to": {"rel_type": "m.replace", "event_id": "$x"}},
    ],
)
def test_a_senders_nonsense_breaks_nothing(tmp_path: Path, content: dict[str, Any]) -> None:
    async def play() -> Phone:
        phone = Phone(tmp_path)
        await phone.gets("first")
        await phone.gets("second", text(1, "hello", KAI, **content), text(2, "still here"))
        return phone

    assert "still here" in asyncio.run(play()).texts


def test_a_picture_is_an_event_and_its_file_name_no_text(tmp_path: Path) -> None:
    async def play() -> Phone:
        phone = Phone(tmp_path)
        await phone.gets("first")
        picture = {"msgtype": "m.image", "url": "mxc://localhost/x"}
        named = text(1, "IMG_1.jpg", KAI, **picture)
        captioned = text(2, "look", KAI, **picture, filename="IMG_2.jpg")
        await phone.gets("second", named, captioned)
        return phone

    entries = list(asyncio.run(play()).messenger.log(ROOM))
    assert [(entry.message.kind, entry.text) for entry in entries] == [
        ("image", ""),
        ("image", "look"),
    ]


def test_the_notes_on_disk_are_sealed(tmp_path: Path) -> None:
    phone = Phone(tmp_path)
    phone.messenger.block(KAI)
    raw = b"".join(file.read_bytes() for file in tmp_path.rglob("*.sealed"))
    assert raw and b"kai" not in raw
    assert Phone(tmp_path).messenger.notes.blocked == {KAI}
