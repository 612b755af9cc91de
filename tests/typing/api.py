"""Uses the public API and nothing else; mypy checks it, nothing runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, assert_type

from nudge_sdk import (
    About,
    Action,
    BundleError,
    Client,
    Contact,
    Message,
    ModelError,
    Nudge,
    NudgeError,
    Profile,
    StateError,
    UsageError,
    __version__,
    age,
)
from nudge_sdk.drafts import Pause, to_dict
from nudge_sdk.sealed import HostKey, KeyProvider, KeyringKey, PassphraseKey, SealedStore
from nudge_sdk.values import AgeBand


def open_one(folder: Path, key: bytes) -> Client:
    """All that `Client.open` takes."""
    return Client.open(
        Profile(age=13, region="GB", locale="en"),
        bundle=folder,
        store=None,
        switch="gentle",
        clock=lambda: 0.0,
        pinned_keys=[key],
    )


def seal(path: Path, key: bytes) -> SealedStore:
    """All that a host calls on a sealed store."""
    providers: list[KeyProvider] = [
        HostKey(key),
        PassphraseKey("correct horse battery", cost=17),
        KeyringKey("chat app"),
    ]
    store = SealedStore(path, providers[0], keep_days=30, clock=lambda: 0.0, patience=1)
    store.rotate()
    store.rotate(providers[1])
    store.expire()
    store.wipe(providers[2])
    store.close()
    Client.open(Profile(age=13), store=store)
    return store


def use(client: Client) -> list[str]:
    """All that a host calls."""
    kai = Contact(id="kai", relationship="stranger", days_known=0.5, claimed_age=15, in_group=False)
    message = Message("hi", id="1", sent_at=0, kind="text", revision=0)
    nudge = client.receive("chat", message, kai, backfill=False)
    assert_type(nudge, Nudge | None)
    client.sent("chat", "no", kai)
    client.sent("chat", message)
    client.deleted("chat", "1")
    pause = client.check_draft("chat", "my number is ...", ["image"], to=kai)
    assert_type(pause, Pause | None)
    assert_type(client.check_draft("chat", "hi"), Pause | None)
    assert_type(client.not_reading("chat", kai), Literal["language"] | None)
    assert_type(client.switch, Literal["off", "gentle", "full"])
    client.switch = "off"
    assert_type(client.about(), About)
    client.forget("chat")
    client.wipe()
    if nudge is None:
        return []
    client.answer("chat", nudge, kai, "fine")
    client.answer("chat", nudge.risk, kai.id, "help")
    assert_type(nudge.level, Literal["gentle", "strong"])
    assert_type(nudge.presentation, Literal["inline", "card", "cover"])
    assert_type(nudge.direction, Literal["ltr", "rtl"])
    assert_type(nudge.actions, tuple[Action, ...])
    return [
        nudge.neutral_title,
        nudge.title,
        nudge.body,
        *nudge.reasons,
        *(action.label for action in nudge.actions),
    ]


def bands() -> list[AgeBand | None]:
    """All that platforms say about an age."""
    apple = age.from_apple(13, 15)
    assert_type(apple, AgeBand | None)
    Contact(id="kai", band=apple)
    Profile(band=age.from_google("SUPERVISED", 13, 15))
    return [apple, age.from_apple(declined=True), age.from_birth_year(2013, this_year=2026)]


def shown(pause: Pause) -> list[object]:
    """What a host draws of a pause."""
    return [pause.title, pause.body, *pause.reasons, pause.actions, pause.found, to_dict(pause)]


def handle(client: Client, text: str) -> str:
    """Three `except` are enough."""
    try:
        client.receive("chat", text, Contact(id="kai"))
    except ModelError:
        return "go on without"
    except StateError:
        return "forget this chat"
    except NudgeError as error:
        return str(error)
    return __version__


def kinds() -> tuple[type[NudgeError], ...]:
    """Every error has one root."""
    return (BundleError, ModelError, StateError, UsageError)
