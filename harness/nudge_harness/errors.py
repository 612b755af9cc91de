"""The harness's own errors: one root, a leaf per decision that a caller can take.

No message carries text of a conversation: it names the file, the line, the field and the rule.
"""

from __future__ import annotations


class HarnessError(Exception):
    """Root of every error that the harness raises on purpose. Never raised itself."""


class ScriptError(HarnessError):
    """A script, bank or slot file is malformed; the message names file, line and rule."""


class UsageError(HarnessError, ValueError):
    """An option or argument is wrong; the message names it."""


class FieldError(HarnessError, ValueError):
    """A value breaks the format. ``field`` is its path in the object, ``problem`` the rule."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}" if field else problem)
        self.field, self.problem = field, problem


class FormatError(HarnessError, ValueError):
    """A line of a file breaks the format.

    Attributes:
        file: name of the file, without its folder.
        line: line number from 1; 0 when the file as a whole is meant.
        field: path of the field, empty when the line as a whole is meant.
        problem: the rule that is broken.
    """

    def __init__(self, file: str, line: int, field: str, problem: str) -> None:
        parts = [file, f"line {line}" if line else "", field, problem]
        super().__init__(": ".join(part for part in parts if part))
        self.file, self.line, self.field, self.problem = file, line, field, problem


class WorkerError(HarnessError):
    """A worker process died: killed, or out of memory. Fewer workers need less."""


class UnknownFieldWarning(UserWarning):
    """A file has a field that the format does not know; it is ignored. Once for each field."""
