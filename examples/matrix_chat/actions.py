"""What a nudge's buttons and the function keys do. All of it stays on this device: the SDK carries
nothing out, and an action that told the server would tell it about the nudge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from examples.matrix_chat.composer import Composer
from examples.matrix_chat.sheets import Sheet, who_is
from nudge_sdk import Action, Nudge, nudges
from nudge_sdk.values import RELATIONSHIPS

if TYPE_CHECKING:
    from examples.matrix_chat.app import NudgeChat
    from examples.matrix_chat.log import Entry


async def carry_out(app: NudgeChat, entry: Entry, nudge: Nudge, action: Action) -> None:
    """Do what was chosen on a nudge; what the app does not know closes it."""
    messenger, message = app.messenger, entry.message
    if action.id == "mute":
        messenger.mute(message.room)
        app.notify("This chat is muted. F3 unmutes it.")
    elif action.id == "block":
        messenger.block(message.sender)
        app.notify("Blocked on this device: nothing more of theirs is shown. F3 unblocks.")
    elif action.id == "this_is_fine":
        messenger.answer(entry, nudge, fine=True)
        app.notify("Okay. Gentle tips of this kind stay quiet here.")
    elif action.id == "what_to_say":
        app.query_one(Composer).fill(action.text or "")
        return
    elif action.id in {"tell_someone", "get_help", "learn_more"}:
        await _read(app, entry, nudge, action)
        return
    entry.nudge = None
    await app.show_rooms()
    await app.draw()


async def _read(app: NudgeChat, entry: Entry, nudge: Nudge, action: Action) -> None:
    """A sheet with a text to share, help lines or an explanation. Copying is the share sheet of a
    terminal: where the text goes then is the user's own choice."""
    text = action.text or ""
    buttons = [("copy", "Copy")] if action.id != "learn_more" else []
    if action.id == "get_help":
        app.messenger.answer(entry, nudge, fine=False)
    if await app.push_screen_wait(Sheet(action.label, text, *buttons)) == "copy":
        app.copy_to_clipboard(text)
        app.notify("Copied. Paste it wherever you like.")


async def describe(app: NudgeChat, room: str) -> None:
    """Ask who somebody is; mute, unmute, block and unblock are here, too."""
    messenger = app.messenger
    people = messenger.others(room)
    user = people[0] if len(people) == 1 else None
    if len(people) > 1:
        buttons = [(person, messenger.name_of(room, person)) for person in people]
        user = await app.push_screen_wait(Sheet("Who?", "Somebody in this group:", *buttons))
    if user is None:
        return
    notes = messenger.notes
    blocked, muted = user in notes.blocked, room in notes.muted
    chosen = await app.push_screen_wait(
        who_is(
            messenger.name_of(room, user),
            notes.relationships.get(user),
            ("block", "Unblock" if blocked else "Block"),
            ("mute", "Unmute this chat" if muted else "Mute this chat"),
        )
    )
    if chosen == "block":
        messenger.block(user, on=not blocked)
    elif chosen == "mute":
        messenger.mute(room, on=not muted)
    else:
        for relationship in RELATIONSHIPS:
            if relationship == chosen:
                messenger.know(user, relationship)
    await app.show_rooms()


async def explain(app: NudgeChat) -> None:
    """What tips are, what is kept, what runs here; and a way to forget all of it."""
    sdk = app.messenger.sdk
    if sdk is None:
        return
    young = (app.messenger.notes.age or 13) < 13
    about, words = sdk.about(), nudges.about("under13" if young else "13to17")
    runs = f"Model {about.bundle} {about.version}, {about.model_sha256[:16]}, signed by"
    text = "\n\n".join([*words.values(), f"{runs} {about.signer.removeprefix('sha256:')[:16]}"])
    taken = await app.push_screen_wait(Sheet("About tips", text, ("wipe", "Forget all of it")))
    if taken == "wipe":
        sdk.wipe()
        app.notify("Forgotten: nothing of your chats is kept by tips now.")
