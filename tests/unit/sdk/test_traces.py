"""What a chat says and who says it shows nowhere: no repr, error, log, output or state."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from nudge_sdk import Contact, Message, NudgeError, Profile
from nudge_sdk.store import MemoryStore, slot

if TYPE_CHECKING:
    from tests.fixtures import OpenToy

MARK = "zqxjkvb"
CHAT, NAME = f"chat {MARK}", f"kai {MARK}"
KAI = Contact(id=NAME, relationship="stranger")


def anything(value: Any) -> Any:
    """What an untyped host might pass."""
    return value


def marks(shown: Any) -> bool:
    return MARK in (shown if isinstance(shown, str) else f"{shown!r} {shown}")


def test_the_search_finds_a_mark() -> None:
    assert marks(("text", MARK))
    assert not marks(("text", "other"))


def test_no_object_shows_text_or_identifier(open_toy: OpenToy) -> None:
    store = MemoryStore()
    client = open_toy(Profile(age=13), store=store)
    message = Message(f"T {MARK}", id=f"id {MARK}")
    nudge = client.receive(CHAT, message, KAI)
    client.sent(CHAT, f"no {MARK}")
    snapshot = store.read([slot(store.salt, CHAT, NAME)])
    shown = [message, KAI, client, client.about(), store, snapshot, snapshot.states, nudge]
    assert not any(map(marks, shown))
    assert nudge is not None
    assert not marks(str([nudge.title, nudge.body, nudge.reasons, nudge.actions]))


def test_no_state_holds_text_or_identifier(open_toy: OpenToy) -> None:
    store = MemoryStore()
    client = open_toy(store=store)
    client.receive(CHAT, Message(f"T {MARK}", id=f"id {MARK}"), KAI)
    (state,) = store.read([slot(store.salt, CHAT, NAME)]).states
    assert state is not None
    assert MARK.encode() not in state.to_bytes()
    assert MARK.encode("utf-32-le") not in state.to_bytes()
    held = repr([vars(store), client._turns.recent._known])  # noqa: SLF001  all there is
    assert not marks(held)


@pytest.mark.parametrize("text", [f"# {MARK}", f"% {MARK}"])
def test_no_error_carries_text(
    open_toy: OpenToy,
    text: str,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(NudgeError) as caught:
        open_toy().receive(CHAT, text, KAI)
    error: BaseException | None = caught.value
    while error is not None:
        assert not marks("".join(traceback.format_exception(error)))
        error = error.__context__
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


@pytest.mark.parametrize(
    "make",
    [
        lambda: Message(MARK, sent_at=anything(MARK)),
        lambda: Message(MARK, kind=anything(MARK)),
        lambda: Message(MARK, revision=-1),
        lambda: Contact(id=MARK, relationship=anything(MARK)),
        lambda: Contact(id=MARK, days_known=-1),
        lambda: Profile(locale=MARK, region=MARK),
    ],
)
def test_no_complaint_repeats_what_was_wrong(make: Any) -> None:
    with pytest.raises(NudgeError) as caught:
        make()
    assert not marks(caught.value)
