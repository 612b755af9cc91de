"""One entry of a room as widgets, and what stands below a room's name."""

from __future__ import annotations

from textual.containers import Horizontal

from examples.matrix_chat.log import Entry
from examples.matrix_chat.messenger import Messenger
from examples.matrix_chat.widgets import Bubble, NudgeCard, words_of


def row(messenger: Messenger, entry: Entry) -> list[Horizontal | NudgeCard]:
    """A bubble on its side of the screen, and its nudge below it."""
    message = entry.message
    mine = message.sender == messenger.session.me
    quoted = messenger.log(message.room).get(message.answers)
    bubble = Bubble(
        entry,
        name=messenger.name_of(message.room, message.sender),
        mine=mine,
        quote=None if quoted is None else words_of(quoted),
    )
    widgets: list[Horizontal | NudgeCard] = [
        Horizontal(bubble, classes="row mine" if mine else "row")
    ]
    return widgets if entry.nudge is None else [*widgets, NudgeCard(entry, entry.nudge)]


def about(messenger: Messenger, room: str) -> str:
    """That a room is encrypted, and who is in it as far as the user has said."""
    others = messenger.others(room)
    if len(others) == 1:
        known = messenger.notes.relationships.get(others[0])
        who = "F3: say who this is" if known is None else known.replace("_", " ")
    else:
        who = f"group of {len(others) + 1}"
    return f"end-to-end encrypted · {who}"
