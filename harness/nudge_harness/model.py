"""Opening a bundle for the harness: the engine, and the batched graph with the same weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from nudge_harness.errors import UsageError
from nudge_harness.twin import join_twin
from nudge_sdk._onnx import BatchedModel, SingleModel
from nudge_sdk.bundle import (
    BATCHED,
    MODEL,
    RELEASE_KEYS,
    VerifiedBundle,
    load_bundle,
    shipped_directory,
)
from nudge_sdk.engine import Engine, Output, Request
from nudge_sdk.policy import shipped_policy

_KEY_DIGITS = 64  # hexadecimal digits of a raw Ed25519 public key


class Model(Protocol):
    """Whatever runs requests: the batched graph, or another detector's stand-in."""

    def run(self, requests: Sequence[Request]) -> list[list[Output]]:
        """One list for each request, in order, with one `Output` for each of its windows."""
        ...


@dataclass(frozen=True, slots=True)
class Opened:
    """A model ready to be asked. ``name``: see `name_of`."""

    name: str
    engine: Engine
    model: Model


@dataclass(frozen=True, slots=True)
class BundleChoice:
    """Which bundle: ``None`` for the shipped one, with the release key.

    ``key``: raw Ed25519 public key, 32 bytes, pinned in place of the release key.
    """

    folder: Path | None = None
    key: bytes | None = None

    def verified(self, *keep: str) -> VerifiedBundle:
        """Read and verify it.

        Args:
            keep: names of the files whose bytes are wanted.

        Raises:
            BundleError: it is missing, damaged or not signed by the pinned key.
        """
        folder = shipped_directory() if self.folder is None else self.folder
        keys = RELEASE_KEYS if self.key is None else (self.key,)
        return load_bundle(folder, pinned_keys=keys, keep=keep or (MODEL,))


SHIPPED = BundleChoice()
"""The bundle that ships with the SDK."""


@lru_cache(maxsize=1)
def opened(choice: BundleChoice) -> Opened:
    """The engine with its graph, opened once in a process; one by one if it has no batched twin.

    Raises:
        BundleError: it is missing, damaged or not signed by the pinned key.
        TwinError: the batched graph asks for a table that the single graph lacks.
    """
    bundle = choice.verified(MODEL)
    if BATCHED in bundle.manifest.files:
        files = choice.verified(MODEL, BATCHED).files
        model: Model = BatchedModel(join_twin(files[BATCHED], files[MODEL]), bundle.spec)
    else:
        model = OneByOne(SingleModel(bundle.files[MODEL], bundle.spec))
    return Opened(name=name_of(bundle), engine=Engine(bundle.spec, shipped_policy()), model=model)


def name_of(bundle: VerifiedBundle) -> str:
    """``bundle@version``, as traces and reports carry it."""
    return f"{bundle.manifest.name}@{bundle.manifest.version.text}"


class OneByOne:
    """The single graph in a loop, for a bundle without a batched twin."""

    def __init__(self, model: SingleModel) -> None:
        self._model = model

    def run(self, requests: Sequence[Request]) -> list[list[Output]]:
        """See `Model.run`."""
        return [self._model.run(request) for request in requests]


def key_from(text: str) -> bytes:
    """A public key as an option gives it: 64 hexadecimal digits, or a file that holds them.

    Raises:
        UsageError: neither.
    """
    path = Path(text)
    if len(text) != _KEY_DIGITS and path.is_file():
        text = path.read_text(encoding="ascii", errors="replace").strip()
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if 2 * len(key) != _KEY_DIGITS:
        raise UsageError(f"--key: {_KEY_DIGITS} hexadecimal digits, or a file that holds them")
    return key
