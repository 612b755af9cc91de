"""Whatever a contact sends, a host gets a nudge, nothing, or a `NudgeError`: nothing else, ever."""

from __future__ import annotations

from functools import cache

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nudge_sdk import Client, Contact, Message, Nudge, NudgeError, Profile
from nudge_sdk._codepoints import codepoints_of, windows_of
from nudge_sdk.errors import StateError
from nudge_sdk.state import ConversationState, UserLedger
from nudge_sdk.values import EVENT_KINDS
from tests.fixtures import START, OpenToy
from tests.property.sdk.strategies import ANYTHING, CONTACTS, HOSTILE

TIMES = st.one_of(
    st.none(),
    st.floats(),  # NaN and infinities included
    st.integers(-(10**400), 10**400),
    st.floats(START - 100_000, START + 100_000),
)
SHARED = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def check(client: Client, message: Message, contact: Contact) -> None:
    try:
        nudge = client.receive("chat", message, contact)
        client.sent("chat", message)
    except NudgeError:
        return  # the toy graph fails on purpose on two letters
    assert nudge is None or isinstance(nudge, Nudge)


@given(
    HOSTILE, st.none() | ANYTHING, TIMES, st.sampled_from(EVENT_KINDS),
    st.integers(0, 2**31 - 1), CONTACTS,
)  # fmt: skip
@SHARED
def test_any_message_is_taken(
    open_toy: OpenToy,
    text: str,
    name: str | None,
    sent_at: float | None,
    kind: object,
    revision: int,
    contact: Contact,
) -> None:
    message = Message(text, id=name, sent_at=sent_at, kind=kind, revision=revision)  # type: ignore[arg-type]  # a Literal
    check(open_toy(), message, contact)


@given(ANYTHING, ANYTHING)
@SHARED
def test_any_identifier_is_taken(open_toy: OpenToy, chat: str, who: str) -> None:
    client = open_toy()
    contact = Contact(id=who)
    client.receive(chat, "T", contact)
    client.sent(chat, "no")
    client.answer(chat, "coercion", contact, "help")
    client.deleted(chat, who)
    assert client.not_reading(chat, who) is None
    client.forget(chat)


@given(st.lists(HOSTILE, max_size=6))
@SHARED
def test_an_ask_after_any_flood_is_found(open_toy: OpenToy, flood: list[str]) -> None:
    """On the toy graph; the trained one has its own test of what a flood can wash out."""
    client = open_toy()
    contact = Contact(id="kai")
    for text in flood:
        check(client, Message(text.translate({ord(c): "x" for c in "TZ3"})), contact)
    assert client.receive("chat", "T", contact)


@given(st.integers(0, 5000), st.integers(1, 64), st.integers(0, 63), st.integers(2, 20))
def test_windows_are_bounded_and_cover_head_and_tail(
    length: int, cap: int, overlap: int, most: int
) -> None:
    overlap = min(overlap, cap - 1)
    codepoints = codepoints_of("".join(map(chr, range(length))))
    windows = windows_of(codepoints, cap=cap, overlap=overlap, most=most)
    assert 1 <= len(windows) <= most
    assert all(len(window) <= cap for window in windows)
    read = {int(code) for window in windows for code in window}
    assert read <= set(range(length))
    if length:
        assert {0, length - 1} <= read
    if length <= cap + (most - 1) * (cap - overlap):
        assert read == set(range(length))


@given(st.binary(max_size=700))
def test_any_bytes_are_a_state_or_a_state_error(raw: bytes) -> None:
    for kind in (ConversationState, UserLedger):
        try:
            value = kind.from_bytes(raw)
        except StateError:
            continue
        assert kind.from_bytes(value.to_bytes()) == value


@cache
def _state() -> bytes:
    return ConversationState(model_id=bytes(8), graph=np.ones(4, dtype=np.float32)).to_bytes()


@given(st.integers(0, len(_state()) - 1), st.integers(1, 255))
def test_a_state_with_one_byte_changed_reads_or_is_refused(at: int, change: int) -> None:
    raw = bytearray(_state())
    raw[at] ^= change
    try:
        value = ConversationState.from_bytes(bytes(raw))
    except StateError:
        return
    assert len(value.to_bytes()) == len(raw)


@given(st.integers(0, 130))
def test_every_age_has_a_profile(age: int) -> None:
    assert Profile(age=age).age_band
