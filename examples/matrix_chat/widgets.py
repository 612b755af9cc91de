"""What the screen is made of: the switch, bubbles, nudges. They show and report taps; no more."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, ItemGrid, Vertical
from textual.message import Message
from textual.widgets import Button, Label, Static

from examples.matrix_chat.log import Entry
from nudge_sdk import Action, Nudge
from nudge_sdk.values import SWITCHES, Switch

_FIRST: Final = 3  # actions of a card that are shown at once; the rest is one tap away
_NOT_TEXT: Final = {
    "image": "a picture",
    "video": "a video",
    "voice": "a voice message",
    "link": "a file",
    "call": "a call",
}


class TipSwitch(Horizontal):
    """The young person's switch, always in sight: off, gentle or full."""

    class Changed(Message):
        """Somebody moved it."""

        def __init__(self, value: Switch) -> None:
            super().__init__()
            self.value = value

    def __init__(self, value: Switch) -> None:
        super().__init__(id="switch")
        self.value = value

    def compose(self) -> ComposeResult:
        """A word and three buttons."""
        yield Label("tips")
        for name in SWITCHES:
            yield Button(name, id=f"tips-{name}", compact=True, classes=self._class(name))

    def show(self, value: Switch) -> None:
        """Stand where the SDK's switch stands."""
        self.value = value
        for name in SWITCHES:
            self.query_one(f"#tips-{name}", Button).classes = self._class(name)

    def _class(self, name: str) -> str:
        return "tip -on" if name == self.value else "tip"

    @on(Button.Pressed)
    def _moved(self, event: Button.Pressed) -> None:
        event.stop()
        name = str(event.button.id).removeprefix("tips-")
        self.post_message(self.Changed(next(value for value in SWITCHES if value == name)))


class Bubble(Vertical):
    """One message. Focus it with the arrow keys or a click."""

    can_focus = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "ask('reply')", "Reply"),
        Binding("e", "ask('edit')", "Edit"),
        Binding("d", "ask('delete')", "Delete"),
        Binding("enter", "ask('open')", "Show"),
    ]

    class Asked(Message):
        """Something is wanted of a message: ``reply``, ``edit``, ``delete`` or ``open``."""

        def __init__(self, entry: Entry, what: str) -> None:
            super().__init__()
            self.entry = entry
            self.what = what

    def __init__(self, entry: Entry, *, name: str, mine: bool, quote: str | None) -> None:
        super().__init__(classes="bubble mine" if mine else "bubble")
        self.entry = entry
        self.mine = mine
        self._quote = quote
        self.border_title = None if mine else name
        self.border_subtitle = time.strftime("%H:%M", time.localtime(entry.message.sent_at))
        self.set_class(entry.covered, "covered")
        self.set_class(entry.deleted or not entry.readable, "gone")

    def compose(self) -> ComposeResult:
        """Perhaps a quote, then the words, or why there are none."""
        if self._quote is not None and not self.entry.covered:
            yield Static(self._quote, markup=False, classes="quote")
        yield Static(words_of(self.entry), markup=False, classes="words")
        if self.entry.covered:
            yield Button("Show it", compact=True, classes="uncover")

    def action_ask(self, what: str) -> None:
        """A key was pressed."""
        if (what in {"edit", "delete"} and not self.mine) or not self.entry.readable:
            return
        self.post_message(self.Asked(self.entry, what))

    @on(Button.Pressed)
    def _tapped(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_ask("open")


def words_of(entry: Entry) -> str:
    """What a bubble says."""
    if not entry.readable:
        return "This device has no key for this message, so it was not read."
    if entry.deleted:
        return "Message deleted"
    if entry.covered:
        return "Covered: this may be meant for adults."
    what = _NOT_TEXT.get(entry.message.kind)
    text = entry.text if what is None else " ".join(filter(None, (f"[{what}]", entry.text)))
    clear = "" if entry.message.encrypted else "  (sent without encryption)"
    return f"{text}{'  (edited)' if entry.edited else ''}{clear}"


class NudgeCard(Vertical):
    """A nudge, beside the message that it came with: inline as one line, else as a card."""

    class Taken(Message):
        """An action was chosen."""

        def __init__(self, entry: Entry, nudge: Nudge, action: Action) -> None:
            super().__init__()
            self.entry = entry
            self.nudge = nudge
            self.action = action

    def __init__(self, entry: Entry, nudge: Nudge) -> None:
        super().__init__(classes=f"nudge {nudge.level} {nudge.presentation}")
        self.entry = entry
        self.nudge = nudge
        self.border_title = "a tip for you"
        self.border_subtitle = "worked out on this device, shown to nobody else"
        self.tooltip = nudge.accessibility_label

    def compose(self) -> ComposeResult:
        """Title, and unless it is inline all the rest."""
        yield Static(self.nudge.title, markup=False, classes="title")
        if self.nudge.presentation == "inline":
            yield from self._buttons(("open", "Look at it"), ("dismiss", self._label("dismiss")))
        else:
            yield from self._rest()

    def _rest(self) -> Iterator[Static | ItemGrid]:
        yield Static(self.nudge.body, markup=False, classes="body")
        for reason in self.nudge.reasons:
            yield Static(f"· {reason}", markup=False, classes="reason")
        first = [(item.id, item.label) for item in self.nudge.actions[:_FIRST]]
        yield from self._buttons(*first, ("more", "More"), ("dismiss", self._label("dismiss")))

    def _buttons(self, *items: tuple[str, str]) -> Iterator[ItemGrid]:
        buttons = [Button(label, name=name, compact=True) for name, label in items]
        yield ItemGrid(*buttons, min_column_width=21, regular=False, classes="actions")

    def _label(self, name: str) -> str:
        return next(item.label for item in self.nudge.actions if item.id == name)

    @on(Button.Pressed)
    async def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        name = event.button.name
        if name == "open":
            await self.query(".actions").remove()
            self.remove_class("inline")
            await self.mount(*self._rest())
        elif name == "more":
            await self.query(".actions").remove()
            shown = [(item.id, item.label) for item in self.nudge.actions]
            await self.mount(*self._buttons(*shown))
        else:
            action = next(item for item in self.nudge.actions if item.id == name)
            self.post_message(self.Taken(self.entry, self.nudge, action))
