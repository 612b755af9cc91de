"""The edge of the bundle: reads a folder within limits and hands the bytes to `verify`.

Each file is opened once. What is verified is what is used: the bytes in memory, never a path that
could change between check and use. By `os.path`, as `pathlib` is slow to import (18 ms).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from nudge_sdk.bundle.keys import RELEASE_KEYS
from nudge_sdk.bundle.manifest import MANIFEST, MODEL, SIGNATURE
from nudge_sdk.bundle.verify import MAX_MANIFEST, SIGNATURE_BYTES, VerifiedBundle, verify
from nudge_sdk.errors import BundleMissingError

if TYPE_CHECKING:
    from collections.abc import Collection
    from os import PathLike
    from pathlib import Path

SHIPPED: Final = "en_v1"


def shipped_folder() -> str:
    """Folder of the bundle that ships with the SDK: in the package, or in a source checkout."""
    package = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))  # noqa: PTH120
    installed = os.path.join(package, "models", SHIPPED)  # noqa: PTH118
    if os.path.isdir(installed):  # noqa: PTH112
        return installed
    return os.path.join(os.path.dirname(package), "models", SHIPPED)  # noqa: PTH118, PTH120


def shipped_directory() -> Path:
    """The same as a path, for whoever has `pathlib` loaded anyway."""
    from pathlib import Path

    return Path(shipped_folder())


def load_bundle(
    directory: str | PathLike[str],
    *,
    pinned_keys: Collection[bytes] = RELEASE_KEYS,
    last_version: int | None = None,
    keep: Collection[str] = (MODEL,),
) -> VerifiedBundle:
    """Read and verify a bundle's folder.

    Args:
        directory: the folder.
        pinned_keys, last_version, keep: as for `verify`.

    Raises:
        BundleMissingError: the folder or one of its files is not there.
        BundleError: another leaf of it, with the name of the check that failed.
        UsageError: no key is pinned, or one is not 32 bytes.
    """

    def read(name: str, most: int) -> bytes:
        path = os.path.join(directory, name)  # noqa: PTH118
        if not os.path.isfile(path):  # noqa: PTH113  a pipe or a device would never end
            raise FileNotFoundError
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read(most)

    def must(name: str, most: int) -> bytes:
        try:
            return read(name, most)
        except OSError as error:
            raise BundleMissingError(f"{name} cannot be read", "files") from error

    if not os.path.isdir(directory):  # noqa: PTH112
        raise BundleMissingError("the bundle's folder is not there", "files")
    return verify(
        must(MANIFEST, MAX_MANIFEST + 1),
        must(SIGNATURE, SIGNATURE_BYTES + 1),
        read,
        pinned_keys=pinned_keys,
        last_version=last_version,
        keep=keep,
    )
