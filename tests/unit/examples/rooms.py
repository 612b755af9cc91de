"""Syncs as a server sends them, handed to the real client without one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Self

import nio

from examples.matrix_chat.device import Vault
from examples.matrix_chat.messenger import Messenger
from examples.matrix_chat.session import Session
from examples.matrix_chat.start import Options, open_sdk

ME, KAI, MIA, ROOM = "@sam:localhost", "@kai:localhost", "@mia:localhost", "!room:localhost"
KEY: Final = bytes(range(32))
NOW: Final = 1_795_478_400_000  # milliseconds since the epoch


def text(number: int, body: str, sender: str = KAI, **content: Any) -> dict[str, Any]:
    """A message event. ``number`` makes its id and its time."""
    return {
        "type": "m.room.message",
        "event_id": f"$event{number}",
        "sender": sender,
        "origin_server_ts": NOW + 60_000 * number,
        "content": {"msgtype": "m.text", "body": body, **content},
    }


def edit(number: int, of: int, body: str, sender: str = KAI) -> dict[str, Any]:
    """An edit of event ``of``."""
    new = {"msgtype": "m.text", "body": body}
    relation = {"rel_type": "m.replace", "event_id": f"$event{of}"}
    return text(number, f"* {body}", sender, **{"m.new_content": new, "m.relates_to": relation})


def redaction(number: int, of: int) -> dict[str, Any]:
    """A deletion of event ``of``."""
    return {**text(number, ""), "type": "m.room.redaction", "redacts": f"$event{of}", "content": {}}


def undecryptable(number: int) -> dict[str, Any]:
    """An encrypted event for which there is no key."""
    content = {
        "algorithm": "m.megolm.v1.aes-sha2",
        "ciphertext": "AwgAEnACgAkLmt6qF84IK++J7UDH2Za1YVchHyprqTqsg",
        "device_id": "KAISDEVICE",
        "sender_key": "IlRMeOPX2e0MurIyfWEucYBRVOEEUMrOHqn/8mLqMjA",
        "session_id": "X3lUlvLELLYxeTx4yOVu6UDpasGEVO0Jbu+QFnm0cKQ",
    }
    return {**text(number, ""), "type": "m.room.encrypted", "content": content}


def joined(number: int, user: str) -> dict[str, Any]:
    """Somebody comes into the room."""
    content = {"membership": "join", "displayname": user[1:4]}
    event = {**text(number, "", user), "type": "m.room.member", "state_key": user}
    return {**event, "content": content}


def sync(token: str, events: Sequence[dict[str, Any]]) -> nio.SyncResponse:
    """One sync of one room."""
    table = {
        "next_batch": token,
        "device_one_time_keys_count": {},
        "to_device": {"events": []},
        "rooms": {
            "invite": {},
            "leave": {},
            "join": {
                ROOM: {
                    "timeline": {"events": list(events), "limited": False, "prev_batch": "t"},
                    "state": {"events": [joined(-3, ME), joined(-2, KAI)]},
                    "ephemeral": {"events": []},
                    "account_data": {"events": []},
                }
            },
        },
    }
    return nio.SyncResponse.from_dict(table)


class Phone:
    """Sam's app on a folder; make another one on the same folder to restart it."""

    def __init__(self, folder: Path, *, age: int = 13) -> None:
        self.vault = Vault(folder, KEY)
        notes = self.vault.load()
        notes.age, notes.region = age, "GB"
        session = Session("http://127.0.0.1:9", ME, folder / "nio", KEY.hex())
        session.restore({"device_id": "SAMSDEVICE", "access_token": "none"})
        options = Options(homeserver="", user=ME, folder=folder)
        self.sdk = open_sdk(options, notes, KEY)
        self.messenger = Messenger(session, self.vault, notes, self.sdk)
        session.attach(self.messenger)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.messenger.session.close()

    async def gets(self, token: str, *events: dict[str, Any]) -> None:
        """A sync arrives."""
        response = sync(token, events)
        await self.messenger.session.nio.receive_response(response)
        await self.messenger.session.nio.run_response_callbacks([response])

    @property
    def nudged(self) -> list[str]:
        """Ids of the messages with a nudge."""
        log = self.messenger.log(ROOM)
        return [entry.message.id for entry in log if entry.nudge is not None]

    @property
    def texts(self) -> list[str]:
        """What the bubbles say."""
        return [entry.text for entry in self.messenger.log(ROOM)]
