"""The screen: rooms on the left, a chat on the right, the switch and the local sign on top."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Final

from textual import on, work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Footer, Input, Label, OptionList
from textual.widgets.option_list import Option

from examples.matrix_chat.actions import carry_out, describe, explain
from examples.matrix_chat.composer import Composer
from examples.matrix_chat.lines import about, row
from examples.matrix_chat.listener import MatrixError
from examples.matrix_chat.log import Entry
from examples.matrix_chat.messenger import Messenger
from examples.matrix_chat.sheets import NewChat, Sheet
from examples.matrix_chat.widgets import Bubble, NudgeCard, TipSwitch
from nudge_sdk import NudgeError, nudges
from nudge_sdk.values import SWITCHES, Switch

_INVITED: Final = "invitation "
_SAID: Final = {
    "off": "Tips are off: nothing is read, and what was kept is gone.",
    "gentle": "Tips are gentle: one line, once for each kind and chat.",
    "full": "Tips are on in full.",
}


class NudgeChat(App[None]):
    """A Matrix client with nudges for whoever sits before it. Implements `messenger.View`."""

    CSS_PATH = Path(__file__).with_name("style.tcss")
    AUTO_FOCUS = "#composer"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n", "new_chat", "New chat", priority=True),
        Binding("ctrl+t", "next_switch", "Tips: off, gentle, full", priority=True),
        Binding("f3", "who", "Who is this?"),
        Binding("f2", "about", "About tips"),
        Binding("ctrl+q", "quit", "Quit", priority=True),
    ]

    def __init__(self, messenger: Messenger) -> None:
        super().__init__()
        self.messenger = messenger
        messenger.view = self
        self.room: str | None = None

    def compose(self) -> ComposeResult:
        """Everything."""
        with Horizontal(id="top"):
            yield Label(self.messenger.session.me, id="me", markup=False)
            yield Label("● tips are worked out on this device; nothing is sent", id="local")
            if self.messenger.sdk is not None:
                yield TipSwitch(self.messenger.sdk.switch)
        with Horizontal():
            with Vertical(id="side"):
                yield Label("chats")
                yield OptionList(id="rooms", markup=False)
            with Vertical(id="chat"):
                yield Label("No chat is open", id="heading", markup=False)
                yield Label("", id="about", markup=False)
                yield VerticalScroll(id="lines", can_focus=False)
                yield Composer()
        yield Footer(show_command_palette=False)

    async def on_mount(self) -> None:
        """Start to sync."""
        self.sync()

    @work(exit_on_error=False)
    async def sync(self) -> None:
        """The Matrix side, as long as the app runs."""
        await self.messenger.session.run(self.messenger)

    # What arrives.

    async def show_entry(self, room: str, entry: Entry) -> None:
        """See `messenger.View`."""
        if room != self.room:
            if entry.nudge is not None and room not in self.messenger.notes.muted:
                # Others may look on: outside the chat itself only the neutral title is shown.
                self.notify(nudges.neutral_title())
            await self.show_rooms()
            return
        self.messenger.log(room).unread = 0
        lines = self.query_one("#lines", VerticalScroll)
        newest = list(self.messenger.log(room))[-1] is entry
        if newest and not any(bubble.entry is entry for bubble in lines.query(Bubble)):
            await lines.mount(*row(self.messenger, entry))
            lines.scroll_end(animate=False)
        else:
            await self.draw()

    async def show_rooms(self) -> None:
        """See `messenger.View`."""
        rooms = self.query_one("#rooms", OptionList)
        session, names = self.messenger.session, []
        for room_id, invited in session.invitations.items():
            names.append(Option(f"+ {invited.display_name}  wants to chat", _INVITED + room_id))
        for room_id, found in session.rooms.items():
            unread = self.messenger.log(room_id).unread
            mark = "(muted)" if room_id in self.messenger.notes.muted else f"({unread})"
            shown = mark if unread or mark == "(muted)" else ""
            names.append(Option(f"{found.display_name}  {shown}".rstrip(), room_id))
        rooms.clear_options()
        rooms.add_options(names)
        if self.room is not None and self.room in session.rooms:
            rooms.highlighted = rooms.get_option_index(self.room)
            self._head(self.room)
        elif self.room is None and session.rooms:
            await self.open(next(iter(session.rooms)))

    async def open(self, room: str) -> None:
        """Show a room."""
        self.room = room
        self.query_one(Composer).aim()
        self.messenger.log(room).unread = 0
        await self.draw()
        await self.show_rooms()
        self.fill(room)

    @work(exit_on_error=False)
    async def fill(self, room: str) -> None:
        """Put a room's history on the screen once it is there; nothing waits for it."""
        if await self.messenger.load_history(room) and room == self.room:
            await self.draw()

    async def draw(self) -> None:
        """Draw the open room anew."""
        if self.room is None:
            return
        lines = self.query_one("#lines", VerticalScroll)
        with self.batch_update():
            await lines.remove_children()
            for entry in self.messenger.log(self.room):
                await lines.mount(*row(self.messenger, entry))
        lines.scroll_end(animate=False)

    def _head(self, room: str) -> None:
        self.query_one("#heading", Label).update(self.messenger.session.rooms[room].display_name)
        self.query_one("#about", Label).update(about(self.messenger, room))

    # What the user does.

    @on(OptionList.OptionSelected, "#rooms")
    async def _picked(self, event: OptionList.OptionSelected) -> None:
        name = str(event.option_id)
        if name.startswith(_INVITED):
            self.invited(name.removeprefix(_INVITED))
        else:
            await self.open(name)
            self.query_one("#composer", Input).focus()

    @work
    async def invited(self, room: str) -> None:
        """Ask whether to accept an invitation."""
        inviter = self.messenger.session.invitations[room].inviter
        words = f"{inviter} invites you to a chat. Only join if you want to."
        taken = await self.push_screen_wait(
            Sheet("An invitation", words, ("join", "Join"), ("no", "Decline"))
        )
        if taken == "join":
            await self.messenger.session.join(room)
        elif taken == "no":
            await self.messenger.session.decline(room)

    @on(Composer.Written)
    async def _send(self, event: Composer.Written) -> None:
        if self.room is None:
            return
        session, answering, editing = self.messenger.session, event.answering, event.editing
        try:
            if editing is not None:
                await session.edit(self.room, editing.message.id, event.text)
            else:
                answers = None if answering is None else answering.message.id
                await session.say(self.room, event.text, answers=answers)
        except MatrixError as error:
            self.query_one(Composer).fill(event.text)
            self.notify(str(error), severity="error", markup=False)

    @on(Bubble.Asked)
    async def _asked(self, event: Bubble.Asked) -> None:
        entry = event.entry
        if event.what == "open" and entry.covered:
            self.messenger.uncover(entry)
            await self.draw()
        elif event.what == "reply":
            self.query_one(Composer).aim(answering=entry)
        elif event.what == "edit":
            self.query_one(Composer).aim(editing=entry)
        elif event.what == "delete":
            await self.messenger.session.delete(entry.message.room, entry.message.id)

    @on(NudgeCard.Taken)
    def _taken(self, event: NudgeCard.Taken) -> None:
        self.act(event.entry, event)

    @work
    async def act(self, entry: Entry, taken: NudgeCard.Taken) -> None:
        """Do what was chosen on a nudge."""
        await carry_out(self, entry, taken.nudge, taken.action)

    @work
    async def action_new_chat(self) -> None:
        """Ask whom to write to, and start."""
        wanted = await self.push_screen_wait(NewChat())
        if wanted is None:
            return
        try:
            self.room = await self.messenger.session.create(*wanted)
        except MatrixError as error:
            self.notify(str(error), severity="error", markup=False)

    @work
    async def action_who(self) -> None:
        """Ask who the other one is."""
        if self.room is not None:
            await describe(self, self.room)

    @work
    async def action_about(self) -> None:
        """Explain tips."""
        await explain(self)

    @on(TipSwitch.Changed)
    def _switched(self, event: TipSwitch.Changed) -> None:
        self._switch(event.value)

    def action_next_switch(self) -> None:
        """Move the switch one step."""
        if self.messenger.sdk is not None:
            here = SWITCHES.index(self.messenger.sdk.switch)
            self._switch(SWITCHES[(here + 1) % len(SWITCHES)])

    def _switch(self, value: Switch) -> None:
        try:
            self.messenger.switch(value)
            self.notify(_SAID[value])
        except NudgeError:  # it stands where it was moved to, but the disk has not followed
            self.notify("What was kept could not be deleted yet.", severity="warning")
        self.query_one(TipSwitch).show(value)
