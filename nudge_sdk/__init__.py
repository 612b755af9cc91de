"""Gentle safety nudges for young people, worked out on their own device after decryption.

>>> from nudge_sdk import Client, Contact, Profile
>>> client = Client.open(Profile(age=13, region="GB"))
>>> kai = Contact(id="kai", relationship="stranger", days_known=0)
>>> client.receive("chat 1", "how old are you", kai)
>>> client.sent("chat 1", "12")
>>> nudge = client.receive("chat 1", "dont tell your mum", kai)
>>> nudge.risk, nudge.level
('grooming', 'gentle')
>>> [action.id for action in nudge.actions][-1]
'dismiss'

Show the nudge to the device's own user, and to nobody else. `Client` is the way in; read on in
`nudge_sdk.engine` for what happens to a message, in `nudge_sdk.policy` for when a nudge appears, in
`nudge_sdk.errors` for what can go wrong, and in `nudge_sdk.store` for where memory is kept.
"""

from typing import TYPE_CHECKING

from nudge_sdk.about import About
from nudge_sdk.client import Client
from nudge_sdk.errors import BundleError, ModelError, NudgeError, StateError, UsageError
from nudge_sdk.values import Action, Contact, Message, Nudge, Profile

__all__ = [
    "About",
    "Action",
    "BundleError",
    "Client",
    "Contact",
    "Message",
    "ModelError",
    "Nudge",
    "NudgeError",
    "Profile",
    "StateError",
    "UsageError",
]

if TYPE_CHECKING:
    __version__: str


def __getattr__(name: str) -> str:
    """``__version__``, when it is asked for: what reads it takes longer to import than the SDK."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("nudge-sdk")
    except PackageNotFoundError:  # a source checkout that is not installed
        return "0+unknown"


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
