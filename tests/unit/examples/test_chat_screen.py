"""The Matrix client's screen, without a terminal: how nudges look, and what their buttons do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input, Label, Static

from examples.matrix_chat.app import NudgeChat
from examples.matrix_chat.log import Entry
from examples.matrix_chat.messenger import Messenger
from examples.matrix_chat.widgets import Bubble, NudgeCard, TipSwitch
from nudge_sdk import Nudge, nudges
from tests.unit.examples.rooms import KAI, ROOM, Phone
from tests.unit.examples.test_chat_arrivals import talk


class Screen(NudgeChat):
    """The app, fed by hand: nothing syncs. Keeps what it was to say in passing."""

    def __init__(self, messenger: Messenger) -> None:
        super().__init__(messenger)
        self.said: list[str] = []

    def sync(self) -> None:  # type: ignore[override]  # the app's is a worker
        """No server here."""

    def notify(self, message: str, **options: Any) -> None:
        """See `App`."""
        self.said.append(message)
        super().notify(message, **options)


Part = Callable[[Phone, Screen, Pilot[None], Entry], Awaitable[None]]


def play(folder: Path, part: Part, presentation: Literal["inline", "card", "cover"]) -> None:
    """A phone whose newest message came with a nudge, presented in a given way."""

    async def run() -> None:
        phone = Phone(folder)
        app = Screen(phone.messenger)
        async with app.run_test(size=(110, 48)) as pilot, phone:
            await phone.gets("first")
            await phone.gets("second", *talk())
            entry, nudge = nudged(phone)
            entry.nudge = replace(nudge, presentation=presentation)
            if presentation == "cover":
                entry.covered = True
                phone.messenger.notes.covered.add(entry.message.id)
            await app.draw()
            await pilot.pause()
            await part(phone, app, pilot, entry)

    asyncio.run(run())


def nudged(phone: Phone) -> tuple[Entry, Nudge]:
    """The newest entry with a nudge; the older ones are closed."""
    entries = [entry for entry in phone.messenger.log(ROOM) if entry.nudge is not None]
    for entry in entries[:-1]:
        entry.nudge = None
    found = entries[-1].nudge
    assert found is not None
    return entries[-1], found


async def settle(pilot: Pilot[None], holds: Callable[[], Any]) -> None:
    """Wait for what a press leads to, however slow the machine is; in vain, for half a minute."""
    for _ in range(600):
        await pilot.pause(0.05)
        if holds():
            return
    raise AssertionError("it did not come")


def has(app: NudgeChat, name: str) -> list[Button]:
    """Buttons of a name on the topmost screen."""
    return [one for one in app.screen.query(Button) if one.name == name]


def press(app: NudgeChat, name: str) -> None:
    """Press the newest button of a name."""
    has(app, name)[-1].press()


def says(app: NudgeChat) -> str:
    """Everything that is to be read on the screen."""
    cards = [str(card.border_subtitle) for card in app.screen.query(NudgeCard)]
    return "\n".join([*(str(item.render()) for item in app.screen.query(Static)), *cards])


def test_a_card_says_all_of_it(tmp_path: Path) -> None:
    async def part(_: Phone, app: Screen, __: Pilot[None], entry: Entry) -> None:
        assert entry.nudge is not None
        shown = says(app)
        assert entry.nudge.title in shown and entry.nudge.reasons[0] in shown
        assert "shown to nobody else" in shown
        assert app.query_one(NudgeCard).tooltip == entry.nudge.accessibility_label

    play(tmp_path, part, "card")


def test_inline_is_one_line_until_it_is_opened(tmp_path: Path) -> None:
    async def part(_: Phone, app: Screen, pilot: Pilot[None], entry: Entry) -> None:
        assert entry.nudge is not None
        assert entry.nudge.title in says(app) and not app.query(NudgeCard).first().query(".body")
        press(app, "open")
        await settle(pilot, lambda: app.query_one(NudgeCard).query(".body"))

    play(tmp_path, part, "inline")


def test_a_cover_hides_the_words_until_they_are_wanted(tmp_path: Path) -> None:
    async def part(phone: Phone, app: Screen, pilot: Pilot[None], entry: Entry) -> None:
        assert entry.text not in says(app)
        app.query_one(".uncover", Button).press()
        await settle(pilot, lambda: entry.text in says(app))
        assert entry.message.id not in phone.messenger.notes.covered

    play(tmp_path, part, "cover")


def test_a_cover_stays_over_a_restart(tmp_path: Path) -> None:
    async def run() -> bool:
        phone = Phone(tmp_path)
        phone.messenger.notes.covered.add("$event0")
        phone.messenger.save()
        again = Phone(tmp_path)
        await again.gets("first", *talk())
        entry = again.messenger.log(ROOM).get("$event0")
        return entry is not None and entry.covered

    assert asyncio.run(run())


def test_the_switch_and_the_local_sign_are_in_sight_and_work(tmp_path: Path) -> None:
    async def part(phone: Phone, app: Screen, pilot: Pilot[None], _: Entry) -> None:
        switch = app.query_one(TipSwitch)
        assert switch.region and app.screen.region.contains_region(switch.region)
        assert "on this device" in str(app.query_one("#local", Label).render())
        app.query_one("#tips-gentle", Button).press()
        await settle(pilot, lambda: phone.sdk.switch == "gentle")
        await pilot.press("ctrl+t")
        await settle(pilot, lambda: phone.sdk.switch == "full")
        await pilot.press("ctrl+t")
        await settle(pilot, lambda: phone.sdk.switch == "off")
        assert phone.vault.load().switch == "off"
        assert "what was kept is gone" in app.said[-1]

    play(tmp_path, part, "card")


@pytest.mark.parametrize("name", ["mute", "block", "this_is_fine", "dismiss"])
def test_an_action_that_answers_closes_the_nudge(tmp_path: Path, name: str) -> None:
    async def part(phone: Phone, app: Screen, pilot: Pilot[None], entry: Entry) -> None:
        press(app, "more")
        await settle(pilot, lambda: has(app, name))
        press(app, name)
        await settle(pilot, lambda: entry.nudge is None and not app.query(NudgeCard))
        notes = phone.vault.load()
        assert (ROOM in notes.muted) == (name == "mute")
        assert (KAI in notes.blocked) == (name == "block")

    play(tmp_path, part, "card")


def test_what_to_say_goes_into_the_composer_unsent(tmp_path: Path) -> None:
    async def part(_: Phone, app: Screen, pilot: Pilot[None], entry: Entry) -> None:
        assert entry.nudge is not None
        [action] = [item for item in entry.nudge.actions if item.id == "what_to_say"]
        press(app, "more")
        await settle(pilot, lambda: has(app, "what_to_say"))
        press(app, "what_to_say")
        await settle(pilot, lambda: app.query_one("#composer", Input).value == action.text != "")

    play(tmp_path, part, "card")


@pytest.mark.parametrize("name", ["tell_someone", "get_help", "learn_more"])
def test_an_action_with_a_text_shows_it(tmp_path: Path, name: str) -> None:
    async def part(_: Phone, app: Screen, pilot: Pilot[None], entry: Entry) -> None:
        assert entry.nudge is not None
        [action] = [item for item in entry.nudge.actions if item.id == name]
        press(app, "more")
        await settle(pilot, lambda: has(app, name))
        press(app, name)
        await settle(pilot, lambda: action.text and action.text in says(app))
        if name != "learn_more":
            press(app, "copy")
            await settle(pilot, lambda: app.clipboard == action.text)
        assert entry.nudge is not None  # it was not answered yet

    play(tmp_path, part, "card")


def test_outside_the_chat_only_the_neutral_title_is_shown(tmp_path: Path) -> None:
    async def run() -> list[str]:
        phone = Phone(tmp_path)
        app = Screen(phone.messenger)
        async with app.run_test(size=(110, 48)) as pilot, phone:
            await phone.gets("first")
            app.room = "!another:localhost"
            await phone.gets("second", *talk())
            await pilot.pause()
            assert phone.nudged and not app.query(NudgeCard) and not app.query(Bubble)
            assert not any(title in said for title in titles(phone) for said in app.said)
            return app.said

    assert set(asyncio.run(run())) == {nudges.neutral_title()}


def titles(phone: Phone) -> list[str]:
    return [entry.nudge.title for entry in phone.messenger.log(ROOM) if entry.nudge is not None]


def test_the_list_of_versions_is_the_one_that_is_linted(root: Path) -> None:
    listed = (root / "examples" / "matrix_chat" / "requirements.txt").read_text("utf-8")
    project = (root / "pyproject.toml").read_text("utf-8")
    for line in listed.split():
        assert f'"{line}"' in project
