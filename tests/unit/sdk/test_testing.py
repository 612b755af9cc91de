"""`nudge_sdk.testing`: an app that sends nothing passes, one that leaks in any way does not."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import zlib
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest

from nudge_sdk import Client, Contact, Message, Nudge, NudgeError, UsageError
from nudge_sdk.testing import LEAST, LeakError, Watch, nothing_leaves, same_traffic

if TYPE_CHECKING:
    from tests.fixtures import OpenToy

KAI = Contact(id="kai", relationship="stranger")
TEXT = "T are you — there / now?"
REPLY = "no, and please stop it"
Leaky = Callable[[str, Nudge], "bytes | str"]


class App:
    """A host app: it draws nudges, and counts what it sends for its own reasons."""

    def __init__(self, client: Client, leak: Leaky | None = None) -> None:
        self.client = client
        self.sent: list[bytes | str] = [b"\x17\x03\x03" + bytes(range(256))]
        self._leak = leak

    def on_message(self, text: str) -> None:
        nudge = self.client.receive("chat", text, KAI)
        if nudge is not None and self._leak is not None:
            self.sent.append(self._leak(text, nudge))

    def on_reply(self, text: str) -> None:
        self.client.sent("chat", Message(text))


def play(open_toy: OpenToy, leak: Leaky | None = None) -> None:
    app = App(open_toy(), leak)
    with nothing_leaves(app.client) as watch:
        app.client = watch.client
        app.on_message(TEXT)
        app.on_reply(REPLY)
        watch.captured("http", app.sent)
        watch.captured("log", "app started", b"app stopped")


def test_an_app_that_sends_nothing_passes(open_toy: OpenToy) -> None:
    play(open_toy)


LEAKS: dict[str, tuple[str, Leaky]] = {
    "text": ("text of message 0 (plain)", lambda text, _: f"log: {text}!"),
    "json": ("text of message 0 (JSON)", lambda text, _: json.dumps({"t": text})),
    "utf-16": ("text of message 0 (UTF-16)", lambda text, _: text.encode("utf-16")),
    "utf-32": ("text of message 0 (UTF-32)", lambda text, _: text.encode("utf-32")),
    "hexadecimal": ("text of message 0 (hex", lambda text, _: text.encode().hex()),
    "form": ("text of message 0 (form)", lambda text, _: "q=" + quote_plus(text)),
    "percent": ("text of message 0 (percent)", lambda text, _: "q=" + quote(text, safe="")),
    "base64": ("text of message 0 (base64 at 0)", lambda t, _: base64.b64encode(t.encode())),
    "base64 with a head": (
        "text of message 0 (base64 at 1)", lambda t, _: base64.b64encode(b"x" + t.encode())
    ),
    "base64 for URLs": (
        "text of message 0 (base64", lambda t, _: base64.urlsafe_b64encode(b"xx" + t.encode())
    ),
    "gzip": ("text of message 0 (packed, plain)", lambda t, _: b"1" + gzip.compress(t.encode())),
    "zlib": ("text of message 0 (packed, plain)", lambda t, _: zlib.compress(t.encode())),
    "hash": (
        "text of message 0 (sha256 in hex", lambda t, _: hashlib.sha256(t.encode()).hexdigest()
    ),
    "raw hash": ("text of message 0 (sha256)", lambda t, _: hashlib.sha256(t.encode()).digest()),
    "title": ("title of a nudge (plain)", lambda _, nudge: nudge.title),
    "whole nudge": ("body of a nudge (", lambda _, nudge: json.dumps(asdict(nudge))),
    "reason": ("reason 0 of a nudge (plain)", lambda _, nudge: nudge.reasons[0]),
    "kind": ("name of a risk or cue: coercion", lambda _, nudge: f"event={nudge.risk}"),
    "copy": ("id of a nudge's text", lambda _, nudge: f"shown={nudge.copy_id}"),
}  # fmt: skip


@pytest.mark.parametrize("name", LEAKS)
def test_every_leak_is_found_and_named_without_its_text(open_toy: OpenToy, name: str) -> None:
    says, leak = LEAKS[name]
    with pytest.raises(LeakError) as caught:
        play(open_toy, leak)
    assert f"http: {says}" in str(caught.value)
    assert all(item.where == "http" for item in caught.value.leaks)
    for secret in (TEXT, REPLY):
        assert secret not in str(caught.value) + repr(caught.value) + repr(caught.value.leaks)


def test_the_young_persons_own_words_are_looked_for_too(open_toy: OpenToy) -> None:
    with pytest.raises(LeakError, match="text of message 1"):
        play(open_toy, lambda *_: REPLY)


def test_it_fails_a_test_and_is_of_the_one_root() -> None:
    assert issubclass(LeakError, AssertionError)
    assert issubclass(LeakError, NudgeError)


@pytest.mark.parametrize(
    ("text", "captured", "says"),
    [
        (TEXT, [], "nothing was captured"),
        ("T", [b"x"], f"no message had {LEAST}"),
        ("a quiet message", [b"x"], "got no nudge"),
    ],
)
def test_a_check_of_nothing_does_not_pass(
    open_toy: OpenToy, text: str, captured: list[bytes], says: str
) -> None:
    watch = Watch(open_toy())
    watch.client.receive("chat", text, KAI)
    watch.captured("http", captured)
    with pytest.raises(UsageError, match=says):
        watch.leaks()


def test_the_hosts_own_error_is_not_hidden(open_toy: OpenToy) -> None:
    with pytest.raises(ZeroDivisionError), nothing_leaves(open_toy()):
        raise ZeroDivisionError


def test_the_watched_client_is_the_same_client(open_toy: OpenToy) -> None:
    client = open_toy()
    with nothing_leaves(client) as watch:
        assert watch.client.about() == client.about()
        assert watch.client.receive("chat", TEXT, KAI)
        watch.client.switch = "gentle"
        assert client.switch == "gentle"
        watch.captured("http", [b"x"])
    assert TEXT not in repr(watch)


def test_a_nudge_must_not_show_in_the_traffic() -> None:
    quiet = [("api", b"12"), ("push", b"3")]
    same_traffic(quiet, [("api", b"34"), ("push", b"4")])
    for nudged in ([*quiet, ("metrics", b"1")], [("api", b"123"), ("push", b"3")], quiet[:1]):
        with pytest.raises(LeakError, match="that there was a nudge"):
            same_traffic(quiet, nudged)
    with pytest.raises(LeakError, match="another order"):
        same_traffic(quiet, quiet[::-1])
    same_traffic(quiet, [("api", b"longer"), ("push", b"3")], sizes=False)
