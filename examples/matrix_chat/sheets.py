"""Sheets over the chat: something to read, somebody to describe, a chat to start."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, ItemGrid, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, Static

from nudge_sdk.values import RELATIONSHIPS


class Sheet(ModalScreen[str | None]):
    """Words, and buttons below them. Gives the name of the button, or ``None`` when closed.

    Args:
        title, words: what it says.
        buttons: names and labels; a button to close comes by itself.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Close")]

    def __init__(self, title: str, words: str, *buttons: tuple[str, str]) -> None:
        super().__init__()
        self._title = title
        self._words = words
        self._buttons = buttons

    def compose(self) -> ComposeResult:
        """A box in the middle."""
        with Vertical(classes="sheet"):
            yield Label(self._title, markup=False, classes="title")
            with VerticalScroll(classes="words"):
                yield Static(self._words, markup=False)
            with ItemGrid(min_column_width=20, regular=False, classes="actions"):
                for name, label in self._buttons:
                    yield Button(label, name=name, compact=True)
                yield Button("Close", compact=True)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.name)


def who_is(name: str, now: str | None, *more: tuple[str, str]) -> Sheet:
    """Ask how the user knows somebody; the answer stays on this device."""
    words = (
        f"How do you know {name}? It helps tips to be right: the same words mean something else"
        " from family than from somebody new. It stays on this device."
    )
    buttons = [
        (item, f"{'● ' if item == now else ''}{item.replace('_', ' ')}") for item in RELATIONSHIPS
    ]
    return Sheet(f"Who is {name}?", words, *buttons, *more)


class NewChat(ModalScreen[tuple[list[str], str | None] | None]):
    """Ask whom to write to. Gives user ids and a name, or ``None``."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Close")]

    def compose(self) -> ComposeResult:
        """Two fields."""
        with Vertical(classes="sheet"):
            yield Label("New chat", classes="title")
            yield Input(placeholder="people: @kai:localhost @mia:localhost", id="people")
            yield Input(placeholder="name, for a group", id="name")
            with Horizontal(classes="actions"):
                yield Button("Start", id="start", compact=True)
                yield Button("Close", id="close", compact=True)

    @on(Input.Submitted)
    @on(Button.Pressed, "#start")
    def _start(self) -> None:
        people = self.query_one("#people", Input).value.replace(",", " ").split()
        name = self.query_one("#name", Input).value.strip()
        self.dismiss((people, name or None) if people else None)

    @on(Button.Pressed, "#close")
    def _close(self) -> None:
        self.dismiss(None)
