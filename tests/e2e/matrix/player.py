"""One person's client in a play: the real app, without a terminal, driven as fingers would."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nio
from textual.widgets import Button, Input

from examples.matrix_chat.app import NudgeChat
from examples.matrix_chat.log import Entry, RoomLog
from examples.matrix_chat.messenger import Messenger
from examples.matrix_chat.start import Options, start

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot

PATIENCE_S = 300.0  # a busy machine is no failure
SIZE = (118, 46)  # columns, rows


async def until(holds: Callable[[], Any], what: str) -> None:
    """Wait for something.

    Raises:
        TimeoutError: it did not come.
    """
    end = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"waited in vain: {what}")
        await asyncio.sleep(0.01)


class Watched(NudgeChat):
    """The app, and when each message was decrypted, handed to the screen and drawn (seconds)."""

    def __init__(self, messenger: Messenger) -> None:
        super().__init__(messenger)
        self.decrypted: dict[str, float] = {}
        self.shown: dict[str, float] = {}
        self.drawn: dict[str, float] = {}
        # Registered before the app's own callback, so nio calls it first, right after decryption.
        messenger.session.nio.add_event_callback(self._stamp, nio.RoomMessage)

    async def show_entry(self, room: str, entry: Entry) -> None:
        """See `NudgeChat`."""
        self.shown.setdefault(entry.message.id, time.perf_counter())
        await super().show_entry(room, entry)
        self.drawn.setdefault(entry.message.id, time.perf_counter())

    def _stamp(self, _: nio.MatrixRoom, event: nio.RoomMessage) -> None:
        self.decrypted.setdefault(event.event_id, time.perf_counter())


@dataclass(kw_only=True)
class Person:
    """Somebody with a client: the whole app but for its screen."""

    name: str
    messenger: Messenger

    @property
    def me(self) -> str:
        return self.messenger.session.me

    def log(self, room: str) -> RoomLog:
        return self.messenger.log(room)

    def texts(self, room: str) -> list[str]:
        return [entry.text for entry in self.log(room)]

    def nudges(self, room: str) -> list[dict[str, Any]]:
        """Who was nudged about which line (index among all of the room)."""
        return [
            {
                "line": i,
                "sender": entry.message.sender,
                "risk": entry.nudge.risk,
                "level": entry.nudge.level,
                "text": [entry.nudge.title, entry.nudge.body, *entry.nudge.reasons],
            }
            for i, entry in enumerate(self.log(room))
            if entry.nudge is not None
        ]

    async def invite(self, *people: Person, name: str | None = None) -> str:
        """Start an encrypted room; gives its id when everybody is in it."""
        room = await self.messenger.session.create([person.me for person in people], name)
        for person in people:
            await person.is_invited(room)
            await person.accept(room)
        everybody = {self.me, *(person.me for person in people)}
        for person in (self, *people):
            await person.enter(room, everybody)
        return room

    async def is_invited(self, room: str) -> None:
        """Wait for an invitation."""
        await until(lambda: room in self.messenger.session.invitations, "an invitation")

    async def accept(self, room: str) -> None:
        """Join."""
        await self.messenger.session.join(room)

    async def enter(self, room: str, everybody: set[str]) -> None:
        """Wait until the client knows who is in a room: only then can it encrypt for them."""
        session = self.messenger.session
        await until(
            lambda: room in session.rooms and set(session.rooms[room].users) >= everybody,
            f"{self.name} sees everybody",
        )

    async def say(self, room: str, text: str) -> str:
        """Send; gives the event id when it is back in the own log."""
        before = {entry.message.id for entry in self.log(room)}
        await self.send(room, text)
        await until(lambda: self._new(room, before, text), f"{self.name} sees their own message")
        return self._new(room, before, text)[0]

    async def send(self, room: str, text: str) -> None:
        """Send."""
        await self.messenger.session.say(room, text)

    def _new(self, room: str, before: set[str], text: str) -> list[str]:
        entries = [entry for entry in self.log(room) if entry.message.id not in before]
        return [entry.message.id for entry in entries if entry.text == text]

    async def sees(self, room: str, text: str) -> None:
        """Wait for words in the log."""
        await until(lambda: text in self.texts(room), f"{self.name} sees a message")


@dataclass(kw_only=True)
class Player(Person):
    """Somebody before the real app, without a terminal."""

    app: Watched
    pilot: Pilot[None]

    async def accept(self, room: str) -> None:
        """Pick the invitation in the list of rooms, and join."""
        await self.on_stage(lambda: self._ask(room))
        await self.press(name="join")

    async def _ask(self, room: str) -> None:
        self.app.invited(room)

    async def enter(self, room: str, everybody: set[str]) -> None:
        """See `Person`; then open the room."""
        await super().enter(room, everybody)
        await self.open(room)

    async def open(self, room: str) -> None:
        """Pick a room."""
        await self.on_stage(lambda: self.app.open(room))

    async def send(self, room: str, text: str) -> None:
        """Type, and press enter."""
        if self.app.room != room:
            await self.open(room)
        composer = self.app.query_one("#composer", Input)
        composer.value = text
        await self.on_stage(composer.action_submit)

    async def on_stage(self, work: Callable[[], Awaitable[Any]]) -> Any:
        """Do something inside the app, of which several run in this process."""
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        async def act() -> None:
            try:
                done.set_result(await work())
            except Exception as error:  # noqa: BLE001  raised again where it is awaited
                done.set_exception(error)

        self.app.call_later(act)
        return await done

    async def press(self, *, name: str) -> None:
        """Press a button of the topmost screen, the newest of that name."""

        def buttons() -> list[Button]:
            return [one for one in self.app.screen.query(Button) if one.name == name]

        await until(buttons, f"{self.name} has a button {name}")
        buttons()[-1].press()
        await self.pilot.pause()

    async def picture(self, file: Path, title: str) -> None:
        """Save what is on the screen."""
        await self.pilot.pause(0.3)
        svg = plain_fonts(self.app.export_screenshot(title=title))
        await asyncio.to_thread(file.write_text, svg, encoding="utf-8")


def plain_fonts(svg: str) -> str:
    """A picture that asks nobody for a font: the exporter names two addresses."""
    start, end = svg.index("@font-face"), svg.rindex("@font-face")
    end = svg.index("}", end) + 1
    return (svg[:start] + svg[end:]).replace(
        "font-family: Fira Code, monospace", "font-family: 'DejaVu Sans Mono', Menlo, monospace"
    )


def own_name(options: Options) -> str:
    """The password of everybody here: their name."""
    return options.user.removeprefix("@").partition(":")[0]


@asynccontextmanager
async def playing(name: str, options: Options) -> AsyncIterator[Player]:
    """A client with its screen, that runs as long as the block."""
    messenger = await start(options, lambda: own_name(options))
    app = Watched(messenger)
    async with app.run_test(size=SIZE) as pilot:
        try:
            yield Player(name=name, messenger=messenger, app=app, pilot=pilot)
        finally:
            await messenger.session.close()


@asynccontextmanager
async def talking(name: str, options: Options) -> AsyncIterator[Person]:
    """A client without a screen, that runs as long as the block."""
    messenger = await start(options, lambda: own_name(options))
    running = asyncio.create_task(messenger.session.run(messenger))
    try:
        yield Person(name=name, messenger=messenger)
    finally:
        await messenger.session.close()
        await running
