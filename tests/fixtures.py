"""Fixtures for the SDK's tests: the toy bundle, a clock that a test sets, and no network."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from nudge_sdk import Client, Profile
from tests.simulator import PINNED, BundleSimulator

START = 1_800_000_000.0  # seconds since the epoch

_REFUSED = ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto")
_guarded: list[bool] = [False]


class NetworkError(RuntimeError):
    """A test of the SDK has touched the network."""


def _audit(event: str, _: tuple[Any, ...]) -> None:
    if _guarded[0] and event in _REFUSED:
        raise NetworkError(event)


sys.addaudithook(_audit)  # cannot be taken away again: hence the flag


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest) -> Iterator[None]:
    """Refuse every way to the network while a test of the SDK runs."""
    _guarded[0] = "sdk" in request.path.parts
    yield
    _guarded[0] = False


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
