"""The SDK's tests share `tests.fixtures`."""

from tests.fixtures import clock, no_network, open_toy, toy_bundle

__all__ = ["clock", "no_network", "open_toy", "toy_bundle"]
