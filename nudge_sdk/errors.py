"""The SDK's errors: one root, a leaf for each decision that a caller can take.

No message of these errors, and no ``repr``, ever carries text of a conversation, an identifier of a
contact or a time. Any other exception that escapes the SDK is a bug: please report it.

============================ ====================================================================
leaf                         what the host can do
============================ ====================================================================
``UsageError``               mend the call: an argument is of the wrong type or out of range
``BundleMissingError``       install or name the bundle; nothing can be read without one
``BundleDamagedError``       install the bundle again: a size, hash, field or the graph is not right
``BundleUntrustedError``     refuse it: no pinned key has signed this bundle
``BundleSchemaError``        update the SDK: the bundle is of a format that this one does not know
``BundleRollbackError``      refuse it: it is older than one this device has already accepted
``ModelError``               go on without a nudge for this message; report it
``StateError``               forget this conversation's state and start anew
``StoreError``               nothing for now: a store cannot be read or written; it is tried again
``StoreDamagedError``        wipe the store: what stands in its file is not what was sealed
``StoreKeyError``            hand over the right key, or unlock the key store
``StoreSchemaError``         update the SDK: the store's file was written by a later one
============================ ====================================================================

The last four are `StateError`, too. On the message path none of them reaches the host: the client
goes on from memory and says so with a `StoreWarning` (`nudge_sdk._steady`).
"""

from __future__ import annotations


class NudgeError(Exception):
    """Root of every error that the SDK raises on purpose. Never raised itself."""


class UsageError(NudgeError, ValueError):
    """An argument is of the wrong type or out of range; the message names the argument."""


class BundleError(NudgeError):
    """A bundle cannot be used. Never raised itself; catch it to treat all causes alike.

    ``check`` names the check that failed: one of `nudge_sdk.bundle.CHECKS`.
    """

    def __init__(self, message: str, check: str) -> None:
        super().__init__(message, check)
        self.check = check

    def __str__(self) -> str:
        return f"{self.check}: {self.args[0]}"


class BundleMissingError(BundleError):
    """The bundle's folder or one of its files is not there."""


class BundleDamagedError(BundleError):
    """The bundle's bytes are not what its manifest, its schema or the graph promises."""


class BundleSchemaError(BundleError):
    """The bundle is of a later format than this SDK reads."""


class BundleUntrustedError(BundleError):
    """The manifest carries no valid signature of a pinned key."""


class BundleRollbackError(BundleError):
    """The manifest's version is lower than the last one that was accepted."""


class ModelError(NudgeError):
    """The graph failed on a message or gave something that is not a probability."""


class StateError(NudgeError):
    """Stored state cannot be read: wrong size, unknown version or impossible value."""


class StoreError(StateError):
    """A store cannot be read or written now: disk full, locked, read-only, not there."""


class StoreDamagedError(StateError):
    """What stands in a store's file is not what was sealed, or not a store at all."""


class StoreKeyError(StateError):
    """There is no key for a store's file, or it is another one."""


class StoreSchemaError(StateError):
    """A store's file is of a later format than this SDK reads."""


class StoreWarning(UserWarning):
    """A store has failed: the client remembers in this process only. Said once an outage."""


class TelemetryWarning(UserWarning):
    """The host has imported onnxruntime with its telemetry on, which nothing can undo any more."""
