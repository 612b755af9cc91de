"""Where the user writes: a line of text, and above it what it replies to or edits."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Label

from examples.matrix_chat.log import Entry
from examples.matrix_chat.widgets import words_of


class Composer(Vertical):
    """Collects a text and what it is for."""

    class Written(Message):
        """The user has written something: new, in reply to an entry, or instead of one's words."""

        def __init__(self, text: str, answering: Entry | None, editing: Entry | None) -> None:
            super().__init__()
            self.text = text
            self.answering = answering
            self.editing = editing

    def __init__(self) -> None:
        super().__init__(id="writing")
        self._answering: Entry | None = None
        self._editing: Entry | None = None

    def compose(self) -> ComposeResult:
        """A strip, shown when it has something to say, and the line."""
        yield Label("", id="replying", markup=False)
        yield Input(placeholder="Message, end-to-end encrypted", id="composer")

    def aim(self, *, answering: Entry | None = None, editing: Entry | None = None) -> None:
        """Say what the next text is for; a new message when nothing is given."""
        self._answering, self._editing = answering, editing
        entry, verb = (editing, "Editing") if editing else (answering, "Replying to")
        strip = self.query_one("#replying", Label)
        strip.set_class(entry is not None, "-on")
        strip.update("" if entry is None else f"{verb}: {words_of(entry)}")
        if entry is not None:
            self.query_one(Input).focus()
        if editing is not None:
            self.query_one(Input).value = editing.text

    def fill(self, text: str) -> None:
        """Put words there, unsent."""
        field = self.query_one(Input)
        field.value = text
        field.focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        if text:
            answering, editing = self._answering, self._editing
            event.input.value = ""
            self.aim()
            self.post_message(self.Written(text, answering, editing))
