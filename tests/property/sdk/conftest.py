"""The SDK's tests share `tests.fixtures`."""

from tests.fixtures import clock, open_toy, toy_bundle

__all__ = ["clock", "open_toy", "toy_bundle"]
