"""What is private in a draft, and when a pause comes of it. Numbers are those kept for drama."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from typing import Any

import jsonschema
import pytest
import textstat
from hypothesis import given
from hypothesis import strategies as st

from nudge_sdk import Client, Contact, Message, Profile, UsageError, _phones, drafts
from nudge_sdk._private import ATTACHMENTS, Attachment, PrivateKind, find
from nudge_sdk.catalogue import catalogue
from nudge_sdk.store import MemoryStore, slot
from tests.fixtures import Clock, OpenToy
from tests.unit.sdk.test_nudges_copy import FORBIDDEN, HARDEST, MOST_CHARACTERS, all_strings

KAI = Contact(id="kai", relationship="stranger", days_known=0)
DAY = 86_400.0
PHONE = "my number is 020 7946 0123"


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def client(open_toy: OpenToy, store: MemoryStore) -> Client:
    return open_toy(Profile(age=13, region="GB"), store=store)


@pytest.fixture
def without_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the extra `drafts` is not installed."""
    monkeypatch.setattr(_phones, "_library", lambda: None)


PRIVATE: dict[str, tuple[PrivateKind, ...]] = {
    "i live at 12 sample street": ("address",),
    "We\u2019re at 4b, Old Mill Lane": ("address",),
    "my address is the blue house": ("address",),
    "its ZZ1 2AB": ("address",),
    "Springfield, ZZ 12345": ("address",),
    "i go to sample park high school": ("school",),
    "im in year 8 at example academy": ("school",),
    "my school is called example": ("school",),
    "https://maps.google.example/?q=1": ("live_location",),
    "geo:51.5,-0.1": ("live_location",),
    "51.50000, -0.10000": ("live_location",),
    "///example.words.here": ("live_location",),
    "ok sharing my live location": ("live_location",),
    PHONE: ("phone_number",),
    "+44 20 7946 0123": ("phone_number",),
    "(020) 7946 0123": ("phone_number",),
    "\uff10\uff12\uff10 \uff17\uff19\uff14\uff16 \uff10\uff11\uff12\uff13": ("phone_number",),
    "i live at 12 sample street, 020 7946 0123": ("address", "phone_number"),
}
ORDINARY = (
    "",
    "hi",
    "see you at 16:30 on 24/11/2026",
    "on 2026-11-24 or 24.11.2026",
    "it costs 1200 or 1,000,000",
    "3.1415926535",
    "192.168.100.100",
    "we won 3 goals in a row",
    "5 minutes down the road",
    "10 minutes by the lane",
    "i go to school",
    "i go to the same school",
    "school is boring",
    "where is your location",
    "u2 4me b4 2day",
    "i live in a big house",
    "99999999999999999999",
)


@pytest.mark.parametrize("text", PRIVATE)
@pytest.mark.parametrize("library", [True, False])
def test_private_things_are_found(
    text: str, library: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not library:
        monkeypatch.setattr(_phones, "_library", lambda: None)
    assert find(text, (), "GB") == PRIVATE[text]


@pytest.mark.parametrize("text", ORDINARY)
@pytest.mark.parametrize("library", [True, False])
def test_ordinary_drafts_hold_nothing_private(
    text: str, library: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not library:
        monkeypatch.setattr(_phones, "_library", lambda: None)
    assert find(text, (), "GB") == ()


def test_the_library_knows_what_counting_digits_does_not(without_library: None) -> None:
    nonsense = "order 0000000000"
    assert find(nonsense, (), "GB") == ("phone_number",)


def test_with_the_library_a_number_that_no_country_has_is_none() -> None:
    assert find("order 0000000000", (), "GB") == ()


def test_without_a_country_digits_are_counted() -> None:
    assert find(PHONE, (), None) == find(PHONE, (), "ZZ") == ("phone_number",)


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("image", ("photo",)),
        ("video", ("photo",)),
        ("location", ("live_location",)),
        ("contact_card", ("phone_number",)),
        ("voice", ()),
        ("file", ()),
    ],
)
def test_attachments_count_by_their_kind(kind: Attachment, found: tuple[str, ...]) -> None:
    assert find("", (kind,), None) == found


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=300))
def test_any_text_can_be_looked_at(text: str) -> None:
    assert set(find(text, (), "GB")) <= {"address", "school", "live_location", "phone_number"}


def test_a_very_long_draft_takes_bounded_time() -> None:
    assert find("1 a" * 50_000 + PHONE, (), "GB") == ()
    assert find(PHONE + " a" * 50_000, (), "GB") == ("phone_number",)


def raise_risk(client: Client, contact: Contact = KAI, text: str = "S") -> None:
    client.receive("c", text, contact)


def test_a_private_draft_brings_a_pause_where_words_have_raised_a_risk(client: Client) -> None:
    raise_risk(client)
    pause = client.check_draft("c", PHONE)
    assert pause is not None
    assert (pause.found, pause.presentation, pause.discreet) == (("phone_number",), "inline", True)
    assert pause.copy_id == "draft.phone_number.13to17"
    assert [action.id for action in pause.actions] == ["what_to_say", "learn_more", "dismiss"]
    photo = client.check_draft("c", "", ["image"])
    assert photo is not None
    assert photo.found == ("photo",)


def test_an_ordinary_draft_brings_none(client: Client) -> None:
    raise_risk(client)
    assert client.check_draft("c", "see you tomorrow") is None


def test_an_ordinary_chat_brings_none(client: Client) -> None:
    client.receive("c", "hello", KAI)
    assert client.check_draft("c", PHONE) is None
    assert client.check_draft("another", PHONE) is None


def test_metadata_alone_raises_nothing(client: Client) -> None:
    client.receive("c", "!", KAI)  # every risk is up, and no word shows why
    assert client.check_draft("c", PHONE) is None


@pytest.mark.parametrize("relationship", ["family", "friend"])
def test_family_and_friends_are_never_paused_for(
    open_toy: OpenToy, store: MemoryStore, relationship: Any
) -> None:
    contact = Contact(id="x", relationship=relationship)
    client = open_toy(store=store)
    raise_risk(client, contact)
    assert client.check_draft("c", PHONE) is None
    again = open_toy(store=store)  # after a restart: nothing but the stored bit knows
    assert again.check_draft("c", PHONE) is None


def test_whom_it_goes_to_can_be_said(client: Client) -> None:
    raise_risk(client)
    raise_risk(client, Contact(id="mia", relationship="classmate"), "hello")
    assert client.check_draft("c", PHONE)
    assert client.check_draft("c", PHONE, to=KAI)
    assert client.check_draft("c", PHONE, to=Contact(id="mia")) is None
    assert client.check_draft("c", PHONE, to=Contact(id="kai", relationship="family")) is None


def test_a_raised_risk_speaks_for_a_month(client: Client, clock: Clock) -> None:
    raise_risk(client)
    clock.now += 29 * DAY
    assert client.check_draft("c", PHONE)
    clock.now += 3 * DAY
    assert client.check_draft("c", PHONE) is None


def test_old_history_speaks_by_its_own_date(client: Client, clock: Clock) -> None:
    client.receive("c", Message("S", sent_at=clock.now - 400 * DAY), KAI, backfill=True)
    assert client.check_draft("c", PHONE) is None
    client.receive("d", Message("S", sent_at=clock.now - 2 * DAY), KAI, backfill=True)
    assert client.check_draft("d", PHONE)


def test_this_is_fine_quietens_gentle_and_not_strong(client: Client) -> None:
    nudge = client.receive("c", "G", KAI)
    assert nudge is not None
    client.answer("c", nudge, KAI, "help")
    assert client.check_draft("c", PHONE)
    client.answer("c", nudge, KAI, "fine")
    assert client.check_draft("c", PHONE) is None
    threat = client.receive("c", "T", KAI)
    assert threat is not None
    client.answer("c", threat, KAI, "fine")
    assert client.check_draft("c", PHONE)


def test_a_draft_changes_nothing_and_off_reads_nothing(client: Client, store: MemoryStore) -> None:
    raise_risk(client)
    where = slot(store.salt, "c", "kai")
    before = store.read([where])
    assert client.check_draft("c", PHONE)
    assert store.read([where]) == before
    client.switch = "off"
    assert client.check_draft("c", PHONE) is None


def test_nothing_of_a_draft_is_in_the_pause(client: Client) -> None:
    raise_risk(client)
    pause = client.check_draft("c", "i live at 12 sample street " + PHONE)
    assert pause is not None
    shown = json.dumps(drafts.to_dict(pause)) + repr(pause)
    assert not re.search("sample|7946|0123", shown)


@pytest.mark.parametrize(
    "call",
    [
        lambda c: c.check_draft("c", None),
        lambda c: c.check_draft("c", "hi", ["hologram"]),
        lambda c: c.check_draft("c", "hi", to="kai"),
        lambda c: c.check_draft(7, "hi"),
    ],
)
def test_wrong_usage_is_named(client: Client, call: Any) -> None:
    with pytest.raises(UsageError):
        call(client)


@cache
def schema() -> jsonschema.Draft202012Validator:
    text = resources.files("nudge_sdk").joinpath("pause.schema.json").read_text(encoding="utf-8")
    return jsonschema.Draft202012Validator(json.loads(text))


@given(
    st.lists(st.sampled_from(ATTACHMENTS[:4]), min_size=1, unique=True),
    st.sampled_from([9, 12, 13, 17, 40]),
)
def test_every_pause_fits_its_schema(kinds: list[Attachment], age: int) -> None:
    found = find("my school is called x", kinds, None)
    pause = drafts.render(found, Profile(age=age))
    schema().validate(json.loads(json.dumps(drafts.to_dict(pause))))
    assert len(pause.reasons) == len(found)


def test_the_copy_of_a_pause_is_short_easy_and_kind() -> None:
    rows = [row for row in catalogue(locale="en") if row["kind"] == "draft"]
    assert len(rows) == 20  # in both framings
    for row in rows:
        said = f"{row['title']}. {row['body']}"
        assert len(row["title"]) + len(row["body"]) <= MOST_CHARACTERS
        assert textstat.flesch_kincaid_grade(said) <= HARDEST[row["audience"]], row["id"]
        texts = [said, *(all_strings(action) for action in row["actions"])]
        for tone in FORBIDDEN.values():
            assert not re.search(tone, str(texts), re.IGNORECASE), row["id"]


def test_rules_for_drafts_name_their_sources() -> None:
    text = resources.files("nudge_sdk").joinpath("draft_rules.json").read_text(encoding="utf-8")
    rules = json.loads(text)
    assert "most_characters" in rules["sources"]
    for name, value in rules["phone"].items():
        if isinstance(value, int):
            assert f"phone.{name}" in rules["sources"]
    assert set(rules["order"]) == set(filter(None, rules["attachments"].values())) | set(
        rules["patterns"]
    )
