"""Memory that outlives the process: sealed on disk, under a key that the host names.

>>> import secrets, tempfile
>>> from nudge_sdk import Client, Contact, Profile
>>> from nudge_sdk.sealed import HostKey, SealedStore
>>> folder = tempfile.TemporaryDirectory()
>>> key = secrets.token_bytes(32)  # keep it in the platform's key store
>>> client = Client.open(Profile(age=13), store=SealedStore(f"{folder.name}/nudge", HostKey(key)))
>>> client.receive("chat 1", "good game! rematch tomorrow?", Contact(id="kai"))
>>> folder.cleanup()

Three providers of keys: `HostKey`, `KeyringKey` (the extra ``keyring``) and `PassphraseKey`; or one
of the host's own, `KeyProvider`. There is no default.

Read on in `nudge_sdk.sealed.record` for how a value is sealed, in `.schema` for what stands in
clear, in `.retention` for what has to go and when, and in `nudge_sdk._steady` for what happens when
the disk fails.
"""

from nudge_sdk.sealed.keys import HostKey, KeyProvider, PassphraseKey
from nudge_sdk.sealed.keystore import KeyringKey
from nudge_sdk.sealed.store import SealedStore

__all__ = ["HostKey", "KeyProvider", "KeyringKey", "PassphraseKey", "SealedStore"]
