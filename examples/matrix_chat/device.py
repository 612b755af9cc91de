"""What this device keeps on disk, sealed: the app's own notes. No message is among them.

The SDK keeps its numbers in its own sealed store; this file is for what the *app* has to remember:
who is blocked or muted, which messages are covered, who people are, where the switch stands, and
how to log in again. Blocks stay on this device on purpose: a block list on the server would tell it
about a nudge.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from nudge_sdk import Contact
from nudge_sdk.values import Relationship, Switch

_NONCE: Final = 12  # bytes
_DAY: Final = 86400.0  # seconds
_FROM_ELSEWHERE: Final = ("friend", "classmate", "family", "school_or_club", "online_friend")


@dataclass(kw_only=True, slots=True)
class Notes:
    """The app's memory. Times are seconds since the epoch."""

    switch: Switch = "full"
    age: int | None = None
    region: str | None = None
    login: dict[str, str] = field(default_factory=dict, repr=False)
    muted: set[str] = field(default_factory=set)  # rooms
    blocked: set[str] = field(default_factory=set)  # people
    covered: set[str] = field(default_factory=set)  # messages
    unreadable: set[str] = field(default_factory=set)  # messages whose key has not come
    relationships: dict[str, Relationship] = field(default_factory=dict)  # said by the user
    met: dict[str, float] = field(default_factory=dict)  # people: first message on this device
    begun: dict[str, float] = field(default_factory=dict)  # rooms: the same

    def contact(self, room: str, user: str, sent_at: float, *, in_group: bool) -> Contact:
        """What is known of a sender; what nobody has said stays unknown."""
        met = self.met.setdefault(user, sent_at)
        begun = self.begun.setdefault(room, sent_at)
        relationship = self.relationships.get(user)
        return Contact(
            id=user,
            relationship=relationship,
            # Somebody from elsewhere has been known for longer than this app can say.
            days_known=None if relationship in _FROM_ELSEWHERE else max(0.0, begun - met) / _DAY,
            in_group=in_group,
        )


class Vault:
    """A folder of this app, and the key that seals what is in it.

    Args:
        folder: made when it is not there, for its owner only.
        key: 32 bytes. On a phone it comes from the platform's key store.
    """

    def __init__(self, folder: Path, key: bytes) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self._cipher = ChaCha20Poly1305(key)
        self._file = folder / "notes.sealed"
        self._saved = b""

    def load(self) -> Notes:
        """The notes; fresh ones on a new device.

        Raises:
            cryptography.exceptions.InvalidTag: another key sealed them, or somebody changed them.
        """
        if not self._file.exists():
            return Notes()
        raw = self._file.read_bytes()
        plain = self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], b"notes")
        table: dict[str, Any] = json.loads(plain)
        for name in ("muted", "blocked", "covered", "unreadable"):
            table[name] = set(table[name])
        return Notes(**table)

    def save(self, notes: Notes) -> None:
        """Seal the notes, whole or not at all."""
        table = {
            name: sorted(value) if isinstance(value, set) else value
            for name, value in asdict(notes).items()
        }
        plain = json.dumps(table).encode("utf-8")
        if plain == self._saved:  # as with nearly every message
            return
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._cipher.encrypt(nonce, plain, b"notes")
        fresh = self._file.with_suffix(".new")
        fresh.write_bytes(nonce + sealed)
        fresh.chmod(0o600)
        fresh.replace(self._file)
        self._saved = plain
