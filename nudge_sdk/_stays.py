"""Values that carry what somebody wrote, or who wrote it, and stay in the process that made them.

A pickle is a file in waiting: task queues, caches and crash reporters make one without being asked.
So these values refuse. A copy is the value itself, as it is frozen. Who has to hand a message to
another process hands over the text, knowingly.
"""

from __future__ import annotations

from typing import NoReturn, Self, SupportsIndex

from nudge_sdk.errors import UsageError


class Stays:
    """Base of such a value."""

    __slots__ = ()

    def __reduce_ex__(self, _: SupportsIndex) -> NoReturn:
        raise UsageError(f"a {type(self).__name__} is never pickled: it stays in this process")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        return self
