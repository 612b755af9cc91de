"""An audit hook in every test: nothing goes to a network, nothing is written outside.

Theory
------
CPython tells its audit hooks (PEP 578) of every socket that connects and of every file that is
opened. The hook refuses what a test may not do, with a stack trace on the spot, and remembers it:
code under test that swallows every exception does not get away with it, as the test fails when its
call is over (`tests/conftest.py`). What this cannot see, child processes and native code, is what
the namespace and strace are for (`tests/e2e/test_zero_network.py`).

============== ===================================================================================
tests of       may
============== ===================================================================================
the SDK        open no socket at all; write below pytest's own temporary folder
all others     use local sockets (between their processes); write to any temporary folder
``tests/e2e``  reach servers that they started on this machine (loopback), too; so do the tests of
               the examples, which are network clients
============== ===================================================================================

Caches of Python, pytest and Hypothesis may be written anywhere.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_SOCKET: Final = {"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"}
_NAMES: Final = {
    "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo",
}  # fmt: skip
_CHANGES: Final = {
    "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate",
    "os.chmod", "os.utime", "sqlite3.connect",
}  # fmt: skip
_EVENTS: Final = frozenset({"open", *_SOCKET, *_NAMES, *_CHANGES})
_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_TEMPORARY: Final = Path(tempfile.gettempdir())  # the machine's, before tests get one of their own
_LOOPBACK: Final = ("127.", "::1", "localhost")
_CACHES: Final = {"__pycache__", ".hypothesis", ".pytest_cache", ".mypy_cache", ".coverage"}


class OutsideError(RuntimeError):
    """A test has touched the network, or written where it may not."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What one test may do.

    Attributes:
        roots: folders below which it may write.
        local: local (Unix) sockets are fine.
        loopback: so are servers on this machine.
    """

    roots: tuple[Path, ...]
    local: bool = True
    loopback: bool = False


@dataclass
class _Guard:
    rule: Rule | None = None
    broken: list[str] = field(default_factory=list)


_guard: Final = _Guard()


def _audit(event: str, args: tuple[Any, ...]) -> None:
    rule = _guard.rule
    if rule is None or event not in _EVENTS:
        return
    # Whatever is asked here asks the hook again, so it stands aside meanwhile.
    _guard.rule = None
    try:
        problem = _problem(rule, event, args)
    finally:
        _guard.rule = rule
    if problem:
        _guard.broken.append(f"{event}: {problem}")
        raise OutsideError(_guard.broken[-1])


sys.addaudithook(_audit)  # cannot be taken away again: hence the rule that comes and goes


def _problem(rule: Rule, event: str, args: tuple[Any, ...]) -> str | None:
    """What is wrong with an event; ``None`` when it is allowed."""
    if event.startswith("socket"):
        return _network(rule, event, args)
    if event == "open":
        path, _, flags = args
        return _file(rule, [path]) if flags & _WRITES else None
    pair = slice(1, 2) if event in ("os.link", "os.symlink") else slice(2)
    # One path, or from where to where; numbers are passed over. The last is an open folder's.
    return _file(rule, args[pair], None if event == "os.truncate" else _folder(args[-1]))


def _network(rule: Rule, event: str, args: tuple[Any, ...]) -> str | None:
    address = args[0] if event in _NAMES else args[1]
    host = address[0] if isinstance(address, tuple) and address else address
    if event in _SOCKET and isinstance(address, (str, bytes)):
        return None if rule.local else "a local socket"
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if rule.loopback and (host in (None, "") or str(host).startswith(_LOOPBACK)):
        return None
    return "the network"


def _folder(descriptor: Any) -> Path:
    """Where relative paths begin: an open folder, as `shutil.rmtree` works, or where we stand."""
    if isinstance(descriptor, int) and descriptor >= 0:
        return Path(f"/proc/self/fd/{descriptor}").resolve()
    return Path.cwd()


def _file(rule: Rule, paths: Sequence[Any], folder: Path | None = None) -> str | None:
    for path in paths:
        if isinstance(path, (str, bytes, os.PathLike)) and not _allowed(rule, path, folder):
            return f"a write outside of the temporary folder: {os.fsdecode(path)}"
    return None


def _allowed(rule: Rule, path: Any, folder: Path | None) -> bool:
    name = os.fsdecode(path)
    if name in (os.devnull, "", ":memory:"):
        return True
    # Links are not followed: they are ours.
    whole = Path(os.path.normpath((folder or Path.cwd()) / name.removeprefix("file:")))
    return bool(_CACHES & set(whole.parts)) or any(whole.is_relative_to(r) for r in rule.roots)


@contextmanager
def watched(rule: Rule) -> Iterator[None]:
    """Hold a test to its rule.

    Raises:
        OutsideError: when the block is over, if the rule was broken and the code under test has
            swallowed the first error.
    """
    _guard.broken.clear()
    _guard.rule = rule
    try:
        yield
    finally:
        _guard.rule = None
    if _guard.broken:
        raise OutsideError("; ".join(_guard.broken))


@contextmanager
def expected() -> Iterator[list[str]]:
    """For the controls: what is refused in this block does not count against the test."""
    before = list(_guard.broken)
    caught: list[str] = []
    try:
        yield caught
    finally:
        caught.extend(_guard.broken[len(before) :])
        _guard.broken[:] = before


def _reaches(parts: tuple[str, ...]) -> bool:
    return parts[:1] == ("e2e",) or parts[:2] == ("unit", "examples")


def rule_for(path: Path, tests: Path, base: Path) -> Rule:
    """The rule of the test in a file, by its folder."""
    parts = path.relative_to(tests).parts if path.is_relative_to(tests) else ()
    if "sdk" in parts:
        return Rule(roots=(base,), local=False)
    return Rule(roots=(base, _TEMPORARY), loopback=_reaches(parts))
