"""Checks of arguments at the border. Each names what is wrong, never the value."""

from __future__ import annotations

from nudge_sdk.errors import UsageError


def check_choice(value: object, choices: tuple[str, ...], name: str) -> None:
    """Raise `UsageError` unless a value is one of some."""
    if not isinstance(value, str) or value not in choices:
        raise UsageError(f"{name} must be one of {', '.join(choices)}")


def check_number(value: object, name: str, low: float, high: float) -> None:
    """Raise `UsageError` unless a value is a number from ``low`` to ``high``; a bool is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise UsageError(f"{name} must be a number")
    if not low <= value <= high:  # false for NaN, too
        raise UsageError(f"{name} must be from {low:g} to {high:g}")


def check_whole(value: object, name: str, low: int, high: int) -> None:
    """Raise `UsageError` unless a value is a whole number from ``low`` to ``high``."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageError(f"{name} must be a whole number")
    check_number(value, name, low, high)


def check_str(value: object, name: str) -> None:
    """Raise `UsageError` unless a value is a str."""
    if not isinstance(value, str):
        raise UsageError(f"{name} must be a str")
