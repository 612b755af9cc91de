"""``nudge demo``: three short chats on one young person's phone, read by the real client.

Nothing here is staged but the chats: each message goes through `Client.receive` or `Client.sent`,
and what the phone shows is what the SDK gave back. The time beside a message is that of the call.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Final, TextIO

from nudge_sdk._phone import Bubble
from nudge_sdk._stage import PhoneStage, PlainStage, Scene, Stage
from nudge_sdk._terminal import screen_of
from nudge_sdk.client import Client
from nudge_sdk.errors import NudgeError
from nudge_sdk.store import MemoryStore, slot
from nudge_sdk.values import Contact, Message, Nudge, Profile

_MIDNIGHT: Final = 1_795_478_400.0  # seconds since the epoch: the demo's evening has a fixed date
_NAME, _AGE, _REGION = "Sam", 13, "GB"
_HIDE, _SHOW = "\x1b[?25l", "\x1b[?25h"  # the cursor
_AFTER_NUDGE: Final = 4.0  # seconds to read a card


@dataclass(frozen=True, kw_only=True, slots=True)
class Chat:
    """One demo conversation, in the project's conversation format with a few fields to show it.

    Attributes:
        id, title, name, about: identifier, headline, who writes and what is known of them.
        start: time of the first message, seconds since the epoch.
        contact: what the SDK is told of the contact.
        messages: as in the file: ``from``, ``t`` (seconds), ``text``, perhaps ``kind`` and ``tap``.
        notes: what to say afterwards, when it stayed ``quiet`` and when it ``nudged``.
    """

    id: str
    title: str
    name: str
    about: str
    start: float
    contact: Contact
    messages: tuple[Mapping[str, Any], ...]
    notes: Mapping[str, str]


@dataclass(kw_only=True, slots=True)
class Clock:
    """The demo's own time; the client asks it, so that gaps between messages are as in the chat."""

    now: float = _MIDNIGHT

    def __call__(self) -> float:
        """Seconds since the epoch."""
        return self.now


@dataclass(kw_only=True, slots=True)
class Tally:
    """What the closing panel sums up."""

    calls_ms: list[float] = field(default_factory=list)
    nudges: int = 0
    kept: int = 0  # bytes of the largest conversation's state


def main(argv: Sequence[str] | None = None, out: TextIO | None = None) -> int:
    """Play the demo.

    Args:
        argv: the command's arguments, ``sys.argv[1:]`` when left out.
        out: where to, the standard output when left out.

    Returns:
        0; 1 when the bundle cannot be used; 130 when it was interrupted.
    """
    chats = load_chats()
    options = _parser(len(chats)).parse_args(argv)
    out = out or sys.stdout
    columns = shutil.get_terminal_size((80, 24)).columns
    screen = screen_of(out, os.environ, columns, plain=options.plain)
    stage_class = PlainStage if screen.depth == "none" else PhoneStage
    stage: Stage = stage_class(out, screen, _no_pause if options.fast else time.sleep)
    picked = chats if options.chat is None else chats[options.chat - 1 : options.chat]
    hidden = screen.live and screen.depth != "none"
    out.write(_HIDE if hidden else "")
    try:
        perform(stage, picked, fast=options.fast)
    except KeyboardInterrupt:
        return 130
    except NudgeError as error:
        sys.stderr.write(f"nudge: {error}\n")
        return 1
    finally:
        out.write(_SHOW if hidden else "")
    return 0


def _no_pause(_seconds: float) -> None:
    """`--fast`."""


def _parser(count: int) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nudge demo",
        description="Three short chats on a phone, read on this device by the shipped model.",
    )
    parser.add_argument("--fast", action="store_true", help="without pauses")
    parser.add_argument("--plain", action="store_true", help="plain text, without colour or boxes")
    chats = range(1, count + 1)
    parser.add_argument(
        "--chat", type=int, choices=chats, metavar="N", help=f"only chat N, 1 to {count}"
    )
    return parser


def load_chats() -> list[Chat]:
    """The packaged conversations, in the order of their file names."""
    folder = resources.files("nudge_sdk").joinpath("demo_chats")
    files = sorted((file for file in folder.iterdir()), key=lambda file: file.name)
    lines = [file.read_text(encoding="utf-8") for file in files if file.name.endswith(".jsonl")]
    return [_chat(json.loads(line)) for line in lines]


def _chat(row: Mapping[str, Any]) -> Chat:
    hours, minutes = row["clock"].split(":")
    return Chat(
        id=row["id"],
        title=row["title"],
        name=row["name"],
        about=row["about"],
        start=_MIDNIGHT + int(hours) * 3600 + int(minutes) * 60,
        contact=Contact(id=row["name"], **row["contact"]),
        messages=tuple(row["messages"]),
        notes=row["notes"],
    )


def perform(stage: Stage, chats: Sequence[Chat], *, fast: bool = True) -> Tally:
    """Open one client and play the chats on a stage.

    Raises:
        BundleError: the shipped bundle cannot be used.
    """
    clock, store, tally = Clock(), MemoryStore(), Tally()
    client = Client.open(Profile(age=_AGE, region=_REGION), store=store, clock=clock)
    stage.announce(
        f"This is {_NAME}'s phone. {_NAME} is {_AGE}. Each message is read right here, after it"
        f" was decrypted. A tip is for {_NAME}'s eyes and for nobody else's."
    )
    for number, chat in enumerate(chats, 1):
        stage.begin(
            Scene(number=number, of=len(chats), title=chat.title, name=chat.name, about=chat.about)
        )
        before = tally.nudges
        _play(stage, client, clock, chat, tally)
        stage.end(chat.notes["quiet" if tally.nudges == before else "nudged"])
        stage.wait(0.0 if fast else 1.5)
        name = slot(store.salt, chat.id, chat.contact.id)
        states = [state for state in store.read([name]).states if state is not None]
        tally.kept = max([tally.kept, *(len(state.to_bytes()) for state in states)])
    stage.close(list(_closing(client, tally)))
    return tally


def _play(stage: Stage, client: Client, clock: Clock, chat: Chat, tally: Tally) -> None:
    nudge: Nudge | None = None
    for number, row in enumerate(chat.messages):
        mine, words, kind = row["from"] == "user", row["text"], row.get("kind", "text")
        if nudge is not None and row.get("tap"):
            label, opened = _tapped(nudge, row["tap"])
            stage.tap(label, None if words else opened)
            words = opened if words else ""  # a suggested reply is sent, help lines are read
        if not words and kind == "text":
            continue
        clock.now = chat.start + row["t"]
        stage.wait(_thinking(words), typing=not mine)
        message = Message(words, id=str(number), kind=kind)
        started = time.perf_counter()
        found = _pass(client, chat, message, mine=mine)
        took = 1000 * (time.perf_counter() - started)
        tally.calls_ms.append(took)
        stage.message(Bubble(text=words or f"[{kind}]", mine=mine, clock=_clock(chat, row)), took)
        if found is not None:
            nudge, tally.nudges = found, tally.nudges + 1
            stage.wait(0.4)
            stage.nudge(found, took)
            stage.wait(_AFTER_NUDGE)


def _pass(client: Client, chat: Chat, message: Message, *, mine: bool) -> Nudge | None:
    if mine:
        client.sent(chat.id, message)
        return None
    return client.receive(chat.id, message, chat.contact)


def _tapped(nudge: Nudge, name: str) -> tuple[str, str]:
    action = next((action for action in nudge.actions if action.id == name), nudge.actions[-1])
    return action.label, action.text or ""


def _clock(chat: Chat, row: Mapping[str, Any]) -> str:
    minutes = int(chat.start + row["t"] - _MIDNIGHT) // 60
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _thinking(text: str) -> float:
    """Seconds that writing a message takes on stage."""
    return min(0.5 + 0.018 * len(text), 1.7)


def _closing(client: Client, tally: Tally) -> Iterator[tuple[str, str]]:
    about, count = client.about(), len(tally.calls_ms)
    nudges = "nudge" if tally.nudges == 1 else "nudges"
    yield "Nothing left this device", "It has no network code: a test holds that."
    yield (
        f"{count} messages read, {statistics.median(tally.calls_ms):.2f} ms each (median)",
        f"{tally.nudges} {nudges} came of them, for {_NAME} alone.",
    )
    yield (
        f"Kept: {tally.kept} bytes of numbers for each chat",
        f"Not one word. {_NAME} can wipe them at any time.",
    )
    yield (
        f"{_NAME}'s switch: full, gentle or off",
        f"It stands at {client.switch}. Off reads nothing and keeps nothing.",
    )
    yield (
        f"Model {about.bundle} {about.version}",
        f"sha256 {about.model_sha256[:12]}, signed by {about.signer.removeprefix('sha256:')[:12]}",
    )
