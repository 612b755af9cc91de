"""What a chat says and who says it shows nowhere: no repr, error, log, output, pickle or state."""

from __future__ import annotations

import copy
import logging
import pickle
import traceback
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import nudge_sdk
from nudge_sdk import Client, Contact, Message, NudgeError, Profile
from nudge_sdk._codepoints import codepoints_of
from nudge_sdk._onnx import SingleModel
from nudge_sdk.errors import UsageError
from nudge_sdk.store import MemoryStore, slot
from tests import toy
from tests.marks import CHAT, ID, MARK, NAME, TEXT, forms_of, found_in

if TYPE_CHECKING:
    from tests.fixtures import OpenToy

KAI = Contact(id=NAME, relationship="stranger")


def anything(value: Any) -> Any:
    """What an untyped host might pass."""
    return value


def marks(shown: Any) -> bool:
    raw = (shown if isinstance(shown, str) else f"{shown!r} {shown}").encode()
    return bool(found_in(raw))


def values_of(client: Client) -> list[Any]:
    """One value of every public class, made from a chat with marks, and each error it can raise."""
    message = Message(TEXT, id=ID)
    nudge = client.receive(CHAT, message, KAI)
    client.sent(CHAT, f"no {MARK}")
    assert nudge is not None
    found: list[Any] = [message, KAI, client, client.about(), nudge, nudge.actions[0], Profile()]
    for text, make in ((f"# {MARK}", Message), (MARK, lambda text: Message(text, revision=-1))):
        with pytest.raises(NudgeError) as caught:
            client.receive(CHAT, make(text), KAI)
        found.append(caught.value)
    errors = ("BundleError", "NudgeError", "StateError")  # never made of a message
    return [*found, *(getattr(nudge_sdk, name)("said", "check") for name in errors)]


def test_the_search_finds_a_mark() -> None:
    assert marks(("text", MARK))
    assert all(marks(form.decode("latin-1")) for form in forms_of().values() if form.isascii())
    assert not marks(("text", "other"))


def test_no_object_shows_text_or_identifier(open_toy: OpenToy) -> None:
    store = MemoryStore()
    client = open_toy(Profile(age=13), store=store)
    values = values_of(client)
    public = {getattr(nudge_sdk, name) for name in nudge_sdk.__all__}
    assert public == {type(value) for value in values}, "a public class is not looked at"
    snapshot = store.read([slot(store.salt, CHAT, NAME)])
    assert not any(map(marks, [*values, store, snapshot, snapshot.states, snapshot.slots]))
    nudge = next(value for value in values if isinstance(value, nudge_sdk.Nudge))
    assert not marks(str([nudge.title, nudge.body, nudge.reasons, nudge.actions]))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_no_pickle_holds_text(open_toy: OpenToy, protocol: int) -> None:
    """What carries a text or a name refuses; a nudge holds the host's own message id, no more."""
    refused = set()
    for value in values_of(open_toy()):
        try:
            raw = pickle.dumps(value, protocol)
        except (NudgeError, TypeError, pickle.PicklingError) as error:
            raw = repr(error).encode()
            refused.add(type(value))
        assert not found_in(raw.replace(ID.encode(), b"")), type(value)
    assert refused == {Message, Contact, Client}


def test_a_message_is_copied_within_its_process_only() -> None:
    message = Message(TEXT)
    assert copy.copy(message) is message
    assert copy.deepcopy([message, KAI]) == [message, KAI]
    with pytest.raises(UsageError, match="never pickled"):
        pickle.dumps([message])


def test_no_state_holds_text_or_identifier(open_toy: OpenToy) -> None:
    store = MemoryStore()
    client = open_toy(store=store)
    client.receive(CHAT, Message(TEXT, id=ID), KAI)
    (state,) = store.read([slot(store.salt, CHAT, NAME)]).states
    assert state is not None
    assert not found_in(state.to_bytes())
    held = repr([vars(store), client._turns.recent._known])  # noqa: SLF001  all there is
    assert not marks(held)


def everything_said(error: BaseException | None) -> Iterator[str]:
    """An error and all that led to it as text, with the variables of the SDK's own frames.

    Crash reporters read variables. Those of the host's frames are the host's: it has the text.
    """
    while error is not None:
        yield "".join(traceback.format_exception(error))
        yield repr(error.args)
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if frame.f_globals.get("__name__", "").startswith("nudge_sdk"):
                values = {k: v for k, v in frame.f_locals.items() if k != "conversation_id"}
                yield repr(values)
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("text", [f"# {MARK}", f"% {MARK}"])
@pytest.mark.parametrize("whole", [False, True])
def test_no_error_carries_text(
    open_toy: OpenToy,
    text: str,
    whole: bool,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = open_toy()
    message = Message(text, id=ID) if whole else text
    with caplog.at_level(logging.DEBUG), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        calls: tuple[Callable[[], object], ...] = (
            lambda: client.receive(CHAT, message, KAI),
            lambda: client.sent(CHAT, message, KAI),
        )
        for call in calls:
            with pytest.raises(NudgeError) as caught:
                call()
            said = list(everything_said(caught.value))
            assert len(said) >= 5
            assert not any(map(marks, said))
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []
    assert warned == []


def test_the_search_through_frames_finds_a_mark() -> None:
    """Positive control: a frame of the SDK that holds code points when the error is raised."""
    model = SingleModel(toy.single_model(), toy.SPEC)
    context, state = (np.zeros(size, dtype=np.float32) for size in (32, toy.STATE))
    with pytest.raises(NudgeError) as caught:
        model.step(codepoints_of(f"# {MARK}"), context, state)
    assert any(map(marks, everything_said(caught.value)))


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
