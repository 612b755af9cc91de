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
from examples.matrix_chat.log import Entry
from examples.matrix_chat.messenger import Messenger
from examples.matrix_chat.session import MatrixError
from examples.matrix_chat.sheets import NewChat, Sheet
from examples.matrix_chat.widgets import Bubble, NudgeCard, TipSwitch, words_of
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
        self._answering: Entry | None = None
        self._editing: Entry | None = None

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
                yield Label("", id="replying", markup=False)
                yield Input(placeholder="Message, end-to-end encrypted", id="composer")
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
            await lines.mount(*self._row(entry))
            lines.scroll_end(animate=False)
        else:
            await self.draw()

    async def show_rooms(self) -> None:
        """See `messenger.View`."""
        rooms = self.query_one("#rooms", OptionList)
        session, names = self.messenger.session, []
        for room_id, invited in session.invitations.items():
            names.append(Option(f"+ {invited.display_name}  wants to chat", _INVITED + room_id))
        for room_id, room in session.rooms.items():
            unread = self.messenger.log(room_id).unread
            mark = "(muted)" if room_id in self.messenger.notes.muted else f"({unread})"
            shown = mark if unread or mark == "(muted)" else ""
            names.append(Option(f"{room.display_name}  {shown}".rstrip(), room_id))
        rooms.clear_options()
        rooms.add_options(names)
        if self.room is not None and self.room in session.rooms:
            rooms.highlighted = rooms.get_option_index(self.room)
            self._head(self.room)
        elif session.rooms:
            await self.open(next(iter(session.rooms)))

    async def open(self, room: str) -> None:
        """Show a room."""
        self.room = room
        self._compose_for(None, None)
        await self.messenger.load_history(room)
        self.messenger.log(room).unread = 0
        await self.draw()
        await self.show_rooms()

    async def draw(self) -> None:
        """Draw the open room anew."""
        if self.room is None:
            return
        lines = self.query_one("#lines", VerticalScroll)
        with self.batch_update():
            await lines.remove_children()
            for entry in self.messenger.log(self.room):
                await lines.mount(*self._row(entry))
        lines.scroll_end(animate=False)

    def _row(self, entry: Entry) -> list[Horizontal | NudgeCard]:
        message, log = entry.message, self.messenger.log(entry.message.room)
        mine, quoted = message.sender == self.messenger.session.me, log.get(message.answers)
        bubble = Bubble(
            entry,
            name=self.messenger.name_of(message.room, message.sender),
            mine=mine,
            quote=None if quoted is None else words_of(quoted),
        )
        row: list[Horizontal | NudgeCard] = [
            Horizontal(bubble, classes="row mine" if mine else "row")
        ]
        return row if entry.nudge is None else [*row, NudgeCard(entry, entry.nudge)]

    def _head(self, room: str) -> None:
        others = self.messenger.others(room)
        self.query_one("#heading", Label).update(self.messenger.session.rooms[room].display_name)
        if len(others) == 1:
            known = self.messenger.notes.relationships.get(others[0])
            who = "F3: say who this is" if known is None else known.replace("_", " ")
        else:
            who = f"group of {len(others) + 1}"
        self.query_one("#about", Label).update(f"end-to-end encrypted · {who}")

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

    @on(Input.Submitted, "#composer")
    async def _send(self, event: Input.Submitted) -> None:
        text, room, session = event.value.strip(), self.room, self.messenger.session
        if not text or room is None:
            return
        answering, editing = self._answering, self._editing
        event.input.value = ""
        self._compose_for(None, None)
        try:
            if editing is not None:
                await session.edit(room, editing.message.id, text)
            else:
                answers = None if answering is None else answering.message.id
                await session.say(room, text, answers=answers)
        except MatrixError as error:
            event.input.value = text
            self.notify(str(error), severity="error", markup=False)

    @on(Bubble.Asked)
    async def _asked(self, event: Bubble.Asked) -> None:
        entry = event.entry
        if event.what == "open" and entry.covered:
            self.messenger.uncover(entry)
            await self.draw()
        elif event.what == "reply":
            self._compose_for(entry, None)
        elif event.what == "edit":
            self._compose_for(None, entry)
            self.query_one("#composer", Input).value = entry.text
        elif event.what == "delete":
            await self.messenger.session.delete(entry.message.room, entry.message.id)

    def _compose_for(self, answering: Entry | None, editing: Entry | None) -> None:
        self._answering, self._editing = answering, editing
        strip = self.query_one("#replying", Label)
        entry, verb = (editing, "Editing") if editing else (answering, "Replying to")
        strip.set_class(entry is not None, "-on")
        strip.update("" if entry is None else f"{verb}: {words_of(entry)}")
        if entry is not None:
            self.query_one("#composer", Input).focus()

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
