"""Sealed records: what one value looks like on disk, and why nobody else can read or move it.

Theory of operation
-------------------
Every value is sealed by itself with AES-256-GCM (NIST SP 800-38D)::

    12 bytes nonce | ciphertext | 16 bytes tag

The **subkeys** of an `Epoch` come from the key provider's key by HKDF-SHA-256 (RFC 5869), salted
by the epoch, each for one purpose that its label names: one for each kind of value, one for nonces,
one for names, one to tell a wrong key from a damaged file. A rotation or a wipe starts a new epoch,
with a fresh salt: even where the provider's key stays, no subkey is ever used in two epochs.

The **associated data** are the schema version, the key id, the purpose and the name of the row. A
value that is moved to another row, another kind or another file does not open.

**Names.** A row is named by two 16-byte keyed hashes (`nudge_sdk.store.Slot`). On disk stands each
of them as one AES-256 block under the epoch's subkey for names: AES is the pseudorandom permutation
that this needs, so equal names meet, the store can turn them back, and after a rotation or a wipe
nothing links the old file's rows to the new one's.

**Nonces cannot repeat.** With GCM, two messages under one key and one nonce would give both away. A
*counter* is the wrong tool here: a file that is restored from a backup brings an old counter back;
a process that is killed leaves ciphertext in the journal under a count that was never committed,
and the next process would count it again. So a nonce is the first 96 bits of a keyed hash
(BLAKE2b, RFC 7693, the epoch's subkey for nonces) over **32 fresh random bytes, the associated data
and the value itself**:

- Processes, threads, restored files and rolled back transactions share nothing that could run
  backwards: the random bytes come from the operating system's generator, for each seal anew.
- N seals in one epoch meet with a chance below N^2 / 2^97: 10,000 messages a day for 100 years
  make it 2^-40. SP 800-38D allows 2^32 seals with random nonces, 1,000 years at that rate.
- Should the generator ever repeat itself (a cloned or restored virtual machine), the hash still
  takes in value and name: two different values get two nonces. An equal value in the same row gets
  the same bytes, which tells that it is equal and nothing else.

A nonce is new with every write, so it serves as the revision of a row, too.

Everything here is pure: keys, salts and random bytes are arguments.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from nudge_sdk.errors import StoreDamagedError, UsageError
from nudge_sdk.store import Slot

KEY_BYTES: Final = 32
KEY_ID_BYTES: Final = 16
EPOCH_SALT_BYTES: Final = 32
RANDOM_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
CHECK_BYTES: Final = 16
NAME_BYTES: Final = 16
SEAL_BYTES: Final = NONCE_BYTES + TAG_BYTES
"""What sealing adds to a value."""

Purpose: TypeAlias = Literal["row", "ledger", "header"]
_PURPOSES: Final[tuple[Purpose, ...]] = ("row", "ledger", "header")
_LABEL: Final = b"nudge-sdk sealed store"


@dataclass(frozen=True, kw_only=True, slots=True)
class Epoch:
    """One key in use; stands in clear in the file.

    Attributes:
        schema: version of the file's format.
        key_id: 16 bytes by which the key provider knows the key.
        salt: 32 random bytes that no other epoch has.
    """

    schema: int
    key_id: bytes = field(repr=False)
    salt: bytes = field(repr=False)


class Sealer:
    """Seals and opens the values of one epoch. Not for several threads at once.

    Args:
        epoch: which key, and its salt.
        key: the provider's 32 bytes for ``epoch.key_id``.
    """

    __slots__ = ("_bound", "_ciphers", "_hide", "_nonces", "_show", "check", "epoch")

    def __init__(self, epoch: Epoch, key: bytes) -> None:
        self.epoch = epoch
        self._bound = _LABEL + epoch.schema.to_bytes(2, "big") + epoch.key_id
        self._ciphers = {name: AESGCM(self._subkey(key, name)) for name in _PURPOSES}
        self._nonces = self._subkey(key, "nonces")
        self.check = self._subkey(key, "check")[:CHECK_BYTES]
        """16 bytes that tell this key from another; they tell nothing about it."""
        # One block at a time: the mode has no part in it.
        names = Cipher(AES256(self._subkey(key, "names")), modes.ECB())  # noqa: S305
        self._hide, self._show = names.encryptor(), names.decryptor()

    def __repr__(self) -> str:
        return f"<Sealer schema={self.epoch.schema}>"

    def seal(self, purpose: Purpose, name: bytes, value: bytes, random: bytes) -> bytes:
        """Seal one value.

        Args:
            purpose: kind of the value.
            name: name of its row on disk; empty where there is one only.
            value: what nobody may read.
            random: 32 fresh random bytes.
        """
        bound = self._associated(purpose, name)
        nonce = hashlib.blake2b(
            random + len(bound).to_bytes(2, "big") + bound + value,
            key=self._nonces,
            digest_size=NONCE_BYTES,
        ).digest()
        return nonce + self._ciphers[purpose].encrypt(nonce, value, bound)

    def open(self, purpose: Purpose, name: bytes, sealed: bytes) -> bytes:
        """Open what `seal` has made of the same purpose and name.

        Raises:
            StoreDamagedError: it was sealed otherwise, elsewhere, or changed since.
        """
        try:
            nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
            return self._ciphers[purpose].decrypt(nonce, rest, self._associated(purpose, name))
        except (InvalidTag, ValueError, TypeError):  # the last two: not even of the right form
            raise StoreDamagedError(f"store: a {purpose} is not what was sealed") from None

    def hide(self, name: bytes) -> bytes:
        """16 bytes of a name as they stand on disk.

        Raises:
            UsageError: it has another size. (Half a block would stay in the cipher.)
        """
        if len(name) != NAME_BYTES:
            raise UsageError(f"a slot's names must be {NAME_BYTES} bytes")
        return self._hide.update(name)

    def hidden(self, where: Slot) -> bytes:
        """A slot's name on disk: 32 bytes, conversation and sender."""
        return self.hide(where.conversation) + self.hide(where.sender)

    def shown(self, name: object) -> Slot:
        """The slot of a name on disk, 32 bytes.

        Raises:
            StoreDamagedError: it is not of that size.
        """
        if (
            not isinstance(name, bytes) or len(name) != 2 * NAME_BYTES
        ):  # SQLite holds any type in a column
            raise StoreDamagedError("store: a name is not of the right size")
        return Slot(self._show.update(name[:NAME_BYTES]), self._show.update(name[NAME_BYTES:]))

    def _associated(self, purpose: Purpose, name: bytes) -> bytes:
        return b"".join((self._bound, purpose.encode().ljust(8, b"\0"), name))

    def _subkey(self, key: bytes, purpose: str) -> bytes:
        label = b"%s %d: %s" % (_LABEL, self.epoch.schema, purpose.encode())
        return HKDF(algorithm=SHA256(), length=32, salt=self.epoch.salt, info=label).derive(key)
