"""Fixtures for the SDK's tests: the toy bundle, and a clock that a test sets."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import pytest

from nudge_sdk import Client, Profile
from tests.simulator import PINNED, BundleSimulator

START = 1_800_000_000.0  # seconds since the epoch


class Clock:
    """A clock that stands still until a test moves it. Seconds since the epoch."""

    def __init__(self, now: float = START) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def toy_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the toy bundle, signed with the tests' key."""
    return BundleSimulator().write(tmp_path_factory.mktemp("bundle") / "toy")


class OpenToy(Protocol):
    """Opens a client on the toy bundle."""

    def __call__(self, profile: Profile | None = None, **options: Any) -> Client:
        """Open it."""


@pytest.fixture
def open_toy(toy_bundle: Path, clock: Clock) -> OpenToy:
    """`Client.open` with the toy bundle, the tests' key and the test's clock."""

    def opened(profile: Profile | None = None, **options: Any) -> Client:
        settings = {"bundle": toy_bundle, "pinned_keys": PINNED, "clock": clock, **options}
        return Client.open(profile or Profile(age=13), **settings)

    return opened
