"""What is played, and what each act found. The test says what it should be."""

from __future__ import annotations

import json
import secrets
import urllib.parse
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

from examples.matrix_chat.local_server import Server
from examples.matrix_chat.start import Options
from nudge_sdk.demo import load_chats
from nudge_sdk.store import MemoryStore, slot
from tests.e2e.matrix import scan, timing, traffic
from tests.e2e.matrix.player import Player, playing, talking, until
from tests.e2e.matrix.relay import Recorder

# The one place that says which chat has to nudge: `nudge demo` shows the same one, and its own
# tests hold that it nudges.
TALK: Final = next(chat for chat in load_chats() if chat.id == "new_friend").messages
LINES: Final = [(str(row["from"]), str(row["text"])) for row in TALK if row["text"]]
AFTERWARDS: Final = "see you at practice, thursday as always"
LONG_ENOUGH: Final = 12  # characters: a shorter line could stand in a server by chance


async def play(server: Server, out: Path) -> dict[str, Any]:
    """All acts, in order."""
    (out / "pictures").mkdir(parents=True)
    marker = f"control {secrets.token_hex(16)}"
    admin = server.register("admin", admin=True)
    control_room = plaintext_control(server, marker)
    for name in ("sam", "kai", "mia"):
        server.register(name)
    recorder = Recorder(server=server.url, port=server.port + 1)
    await recorder.start()
    found: dict[str, Any] = {}
    try:
        found["talk"] = await conversation(server, recorder, out)
        room = found["talk"]["room"]
        found["restart"] = await restart(server, recorder, out, room)
        found["second_device"] = await second_device(server, out, room)
        found["group"] = await group(server, out)
        found["operator"] = operator(server, admin, room, control_room)
        found["scans"] = scans(server, recorder, out, found, marker)
        found["traffic"] = await traffic.three_runs(server, out)
    finally:
        await recorder.stop()
    return found


def options(server: Server, out: Path, name: str, url: str | None = None) -> Options:
    """A person's app: Sam is 13, the others 15; all three have the SDK."""
    return Options(
        homeserver=url or server.url,
        user=f"@{name}:localhost",
        folder=out / "devices" / name,
        age=13 if name == "sam" else 15,
        region="GB",
    )


async def conversation(server: Server, recorder: Recorder, out: Path) -> dict[str, Any]:
    """Kai writes to Sam as in the demo; both have the SDK."""
    async with AsyncExitStack() as stack:
        sam = await stack.enter_async_context(
            playing("sam", options(server, out, "sam", recorder.url))
        )
        kai = await stack.enter_async_context(playing("kai", options(server, out, "kai")))
        room = await kai.invite(sam)
        for number, (writer, text) in enumerate(LINES):
            said, heard = (kai, sam) if writer == "contact" else (sam, kai)
            await said.say(room, text)
            await heard.sees(room, text)
            if sam.nudges(room) and number + 1 < len(LINES) and writer == "contact":
                await sam.picture(out / "pictures" / "chat_first.svg", "Sam's screen")
        await sam.picture(out / "pictures" / "chat_sam.svg", "Sam's screen")
        await kai.picture(out / "pictures" / "chat_kai.svg", "Kai's screen, at the same moment")
        found = {
            "room": room,
            "lines": len(LINES),
            "last_risky": max(i for i, (writer, _) in enumerate(LINES) if writer == "contact"),
            "sam": sam.nudges(room),
            "kai": kai.nudges(room),
            "kai_has_sdk": kai.messenger.sdk is not None,
            "cards_on_kais_screen": len(kai.app.query("NudgeCard")),
            "timing": timing.figures(sam.app),
        }
        found["actions"] = await use_actions(sam, room, out)
        found["changes"] = await change_messages(sam, kai, room)
        return found


async def use_actions(sam: Player, room: str, out: Path) -> dict[str, Any]:
    """Press what a nudge offers, and see what it does."""
    await sam.press(name="more")
    await sam.press(name="get_help")
    await sam.picture(out / "pictures" / "chat_help.svg", "Get help, one tap away")
    await sam.press(name="copy")
    helped = sam.app.clipboard
    await sam.press(name="tell_someone")
    await sam.press(name="copy")
    shared = sam.app.clipboard
    entry = next(entry for entry in reversed(list(sam.log(room))) if entry.nudge is not None)
    await sam.press(name="mute")
    await until(lambda: entry.nudge is None, "a nudge closes")
    muted = room in sam.messenger.notes.muted
    sam.messenger.mute(room, on=False)
    return {"help": helped, "share": shared, "muted": muted}


async def change_messages(sam: Player, kai: Player, room: str) -> dict[str, Any]:
    """A reply, an edit and a deletion, as they reach the other screen."""
    asked = await kai.say(room, AFTERWARDS)
    await sam.sees(room, AFTERWARDS)
    await sam.messenger.session.say(room, "which hall is it", answers=asked)
    await kai.sees(room, "which hall is it")
    answer = next(entry for entry in kai.log(room) if entry.text == "which hall is it")
    await kai.messenger.session.edit(room, asked, "see you at practice, friday this time")
    await sam.sees(room, "see you at practice, friday this time")
    edited = sam.log(room).get(asked)
    count = len(list(sam.log(room)))
    await kai.messenger.session.delete(room, asked)
    await until(lambda: edited is not None and edited.deleted, "a deletion arrives")
    return {
        "answers": answer.message.answers == asked,
        "edited": edited is not None and edited.edited,
        "still_one_bubble": count == len(list(sam.log(room))),
        "words_left": "" if edited is None else edited.text,
    }


async def restart(server: Server, recorder: Recorder, out: Path, room: str) -> dict[str, Any]:
    """Sam's app was closed; Kai wrote meanwhile; Sam opens it again, twice."""
    async with talking("kai", options(server, out, "kai")) as kai:
        await until(lambda: room in kai.messenger.session.rooms, "the room is there")
        await kai.say(room, "are you there")
    async with playing("sam", options(server, out, "sam", recorder.url)) as sam:
        await sam.sees(room, "are you there")
        await sam.open(room)
        await sam.sees(room, LINES[0][1])  # history
        first = {"texts": sam.texts(room), "nudges": sam.nudges(room)}
        sam.messenger.switch("gentle")
        remembered = sam.messenger.notes.contact(room, "@kai:localhost", 0.0, in_group=False)
    async with playing("sam", options(server, out, "sam", recorder.url)) as sam:
        await until(lambda: room in sam.messenger.session.rooms, "the room is there")
        await sam.open(room)
        await sam.sees(room, "are you there")
        await sam.sees(room, LINES[0][1])
        sdk = sam.messenger.sdk
        found = {
            "first": first,
            "days_known": remembered.days_known,
            "texts": sam.texts(room),
            "nudges": sam.nudges(room),
            "switch": None if sdk is None else sdk.switch,
        }
        sam.messenger.switch("full")
    return found


async def second_device(server: Server, out: Path, room: str) -> dict[str, Any]:
    """A new device of Sam's has no key for the past: nothing of it may reach its SDK."""
    store = MemoryStore()
    fresh = options(server, out, "sam")
    another = Options(
        homeserver=fresh.homeserver,
        user=fresh.user,
        folder=out / "devices" / "sam, second",
        age=13,
        region="GB",
        store=store,
    )
    async with playing("sam", another) as sam:
        await until(lambda: sam.messenger.notes.unreadable, "something that cannot be read")
        await sam.open(room)
        await sam.picture(out / "pictures" / "chat_unreadable.svg", "A new device has no keys")
        heard = store.senders(slot(store.salt, room, "").conversation, 4)
        entries = list(sam.log(room))
        return {
            "unreadable": sum(not entry.readable for entry in entries),
            "with_words": sum(bool(entry.text) for entry in entries),
            "senders_in_the_sdk": len(heard),
            "nudges": sam.nudges(room),
        }


async def group(server: Server, out: Path) -> dict[str, Any]:
    """Three people in a room: what Kai writes is about Kai, not about Mia."""
    async with AsyncExitStack() as stack:
        sam = await stack.enter_async_context(playing("sam", options(server, out, "sam")))
        kai = await stack.enter_async_context(talking("kai", options(server, out, "kai")))
        mia = await stack.enter_async_context(talking("mia", options(server, out, "mia")))
        room = await mia.invite(sam, kai, name="Saturday team")
        chatter = iter(("who has the ball?", "me, as always", "bring water", "ok see you"))
        for writer, text in LINES:
            said = kai if writer == "contact" else sam
            await said.say(room, text)
            await sam.sees(room, text)
            between = next(chatter, None)
            if between is not None:
                await mia.say(room, between)
                await sam.sees(room, between)
        await sam.picture(out / "pictures" / "chat_group.svg", "A group, on Sam's screen")
        contact = sam.messenger.contact(room, kai.me, 0.0)
        return {
            "in_group": contact.in_group,
            # Mia reads along, so her own device may tell her of Kai, too.
            "about": sorted({row["sender"] for row in [*sam.nudges(room), *mia.nudges(room)]}),
            "sam": sam.nudges(room),
            "kai": kai.nudges(room),
        }


def plaintext_control(server: Server, marker: str) -> str:
    """A room without encryption with one message, so that a scan that finds nothing can be told
    from one that does not look."""
    token = server.register("control")
    room = str(server.ask("/_matrix/client/v3/createRoom", token=token, body={})["room_id"])
    path = f"/_matrix/client/v3/rooms/{urllib.parse.quote(room)}/send/m.room.message"
    server.ask(path, token=token, body={"msgtype": "m.text", "body": marker})
    return room


def operator(server: Server, admin: str, room: str, control: str) -> dict[str, Any]:
    """Types of the events that an operator sees through the admin API, for both rooms."""

    def types(of: str) -> dict[str, int]:
        quoted = urllib.parse.quote(of)
        path = f"/_synapse/admin/v1/rooms/{quoted}/messages?dir=b&limit=1000"
        events = server.ask(path, token=admin)["chunk"]
        names = [event["type"] for event in events if "state_key" not in event]
        return {name: names.count(name) for name in set(names)}

    return {"room": types(room), "control": types(control)}


def scans(
    server: Server, recorder: Recorder, out: Path, found: dict[str, Any], marker: str
) -> dict[str, Any]:
    """How often the server, the wire and Sam's own disk hold words that were shown to people."""
    nudged = {text for row in found["talk"]["sam"] for text in row["text"]}
    words = sorted({text for _, text in LINES if len(text) >= LONG_ENOUGH} | nudged | {AFTERWARDS})
    pid = server.process.pid if server.process is not None else 0
    looked = [*words, marker]
    answer: dict[str, Any] = {
        "words": len(words),
        "database": scan.in_files(looked, server.folder, "homeserver.db*"),
        "logs": scan.in_files(looked, server.folder, "*.log"),
        "files": scan.in_files(looked, server.folder),
        "memory": scan.in_memory(looked, pid),
        "wire": scan.in_bytes(looked, recorder.bodies),
        "sams_disk": scan.in_files(looked, out / "devices" / "sam"),
    }
    plain = json.dumps({"body": marker}).encode()
    answer["wire_control"] = scan.in_bytes([marker], [*recorder.bodies, plain])
    return {"marker": marker, **answer}
