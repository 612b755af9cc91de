"""What crosses the border is checked once, when it is made, and never shown."""

from __future__ import annotations

from typing import Any

import pytest

from nudge_sdk import Contact, Message, NudgeError, Profile, UsageError
from nudge_sdk.values import age_band

NAN, INF, HUGE = float("nan"), float("inf"), 10**400


@pytest.mark.parametrize(
    ("kind", "fields", "says"),
    [
        (Profile, {"age": -1}, "age must be from 0 to 130"),
        (Profile, {"age": HUGE}, "age must be from"),
        (Profile, {"age": 12.5}, "age must be a whole number"),
        (Profile, {"age": True}, "age must be a whole number"),
        (Profile, {"age": "13"}, "age must be a whole number"),
        (Profile, {"age": 13, "band": "13_15"}, "age or band, not both"),
        (Profile, {"band": "teen"}, "band must be one of"),
        (Profile, {"region": "GBR"}, "two-letter"),
        (Profile, {"region": "éé"}, "two-letter"),
        (Profile, {"region": 44}, "region must be a str"),
        (Profile, {"locale": None}, "locale must be a str"),
        (Contact, {"id": 7}, "contact.id must be a str"),
        (Contact, {"id": "x", "relationship": "uncle"}, "contact.relationship must be one of"),
        (Contact, {"id": "x", "relationship": []}, "contact.relationship must be one of"),
        (Contact, {"id": "x", "days_known": -1}, "contact.days_known must be from"),
        (Contact, {"id": "x", "days_known": NAN}, "contact.days_known must be from"),
        (Contact, {"id": "x", "days_known": INF}, "contact.days_known must be from"),
        (Contact, {"id": "x", "claimed_age": HUGE}, "contact.claimed_age must be from"),
        (Contact, {"id": "x", "claimed_age": "15"}, "contact.claimed_age must be a number"),
        (Contact, {"id": "x", "in_group": 1}, "contact.in_group must be a bool"),
        (Message, {"text": b"bytes"}, "message.text must be a str"),
        (Message, {"text": None}, "message.text must be a str"),
        (Message, {"text": "", "id": 7}, "message.id must be a str"),
        (Message, {"text": "", "sent_at": "now"}, "message.sent_at must be a number"),
        (Message, {"text": "", "sent_at": True}, "message.sent_at must be a number"),
        (Message, {"text": "", "kind": "gif"}, "message.kind must be one of"),
        (Message, {"text": "", "revision": -1}, "message.revision must be from"),
        (Message, {"text": "", "revision": 0.5}, "message.revision must be a whole number"),
        (Message, {"text": "", "revision": 2**31}, "message.revision must be from"),
    ],
)
def test_a_wrong_value_names_its_field(kind: Any, fields: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        kind(**fields)
    assert isinstance(caught.value, NudgeError)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    "message",
    [
        Message(""),
        Message("\ud800\0\u202e", id="\udfff", sent_at=-1.0),
        Message("x", sent_at=NAN),
        Message("x", sent_at=HUGE),
        Message("x", kind="call", revision=2**31 - 1),
    ],
    ids=lambda message: str(message.sent_at)[:4],
)
def test_any_text_and_any_time_is_a_message(message: Message) -> None:
    assert isinstance(message, Message)


def test_no_repr_shows_text_identifier_or_time() -> None:
    shown = repr(Message("MARK", id="MARK", sent_at=77777.0)) + repr(Contact(id="MARK"))
    assert "MARK" not in shown
    assert "77777" not in shown


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (0, "under_10"), (9, "under_10"), (10, "10_12"), (12, "10_12"), (13, "13_15"),
        (15, "13_15"), (16, "16_17"), (17, "16_17"), (18, "adult"), (130, "adult"),
    ],
)  # fmt: skip
def test_age_bands_at_their_borders(age: int, band: str) -> None:
    assert age_band(age) == band
    assert Profile(age=age).age_band == band


def test_a_profile_without_an_age_is_13_to_15() -> None:
    assert Profile().age_band == "13_15"
    assert Profile(band="under_10").age_band == "under_10"
