"""Wire an app together: folder, key, sealed notes, Matrix session, SDK."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from examples.matrix_chat.device import Notes, Vault
from examples.matrix_chat.messenger import Messenger
from examples.matrix_chat.session import Session
from nudge_sdk import Client, Profile
from nudge_sdk.sealed import HostKey, SealedStore
from nudge_sdk.store import StateStore

_KEY: Final = "device.key"


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """What an app is started with.

    Attributes:
        homeserver, user: see `Session`.
        folder: this device's.
        age, region: of whoever it belongs to; kept from the first start on.
        nudges: ``False`` is the same app without the SDK, for comparison.
        store: where the SDK keeps its numbers; sealed in ``folder`` when left out.
    """

    homeserver: str
    user: str
    folder: Path
    age: int | None = None
    region: str | None = None
    nudges: bool = True
    store: StateStore | None = None


async def start(options: Options, password: Callable[[], str]) -> Messenger:
    """An app that is logged in and ready to run. ``password`` is asked on the first start only."""
    logging.getLogger("nio").setLevel(logging.CRITICAL)  # it tells of keys that are still to come
    options.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = device_key(options.folder)
    vault = Vault(options.folder, part_of(key, "notes"))
    notes = vault.load()
    session = Session(
        options.homeserver, options.user, options.folder / "nio", part_of(key, "nio").hex()
    )
    if notes.login:
        session.restore(notes.login)
    else:
        notes.login = await session.login(password(), "nudge chat")
        notes.age, notes.region = options.age, options.region
    vault.save(notes)
    sdk = open_sdk(options, notes, part_of(key, "nudges")) if options.nudges else None
    return Messenger(session, vault, notes, sdk)


def open_sdk(options: Options, notes: Notes, key: bytes) -> Client:
    """The SDK on this device, with its memory and the user's switch as they were."""
    store = options.store or SealedStore(options.folder / "nudges.db", HostKey(key))
    profile = Profile(age=notes.age, region=notes.region)
    return Client.open(profile, store=store, switch=notes.switch)


def part_of(key: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose, so that no two things are sealed with the same (RFC 5869)."""
    info = f"nudge chat: {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(key)


def device_key(folder: Path) -> bytes:
    """This device's 32-byte key, from a file for its owner only, made on the first start.

    A file beside what it seals keeps nobody out who can read the folder. It stands for the
    platform's key store here, so that the example runs everywhere.
    """
    file = folder / _KEY
    if not file.exists():
        file.touch(mode=0o600)
        file.write_bytes(secrets.token_bytes(32))
    return file.read_bytes()
