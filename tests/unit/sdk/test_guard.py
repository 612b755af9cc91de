"""The audit hook that every test runs under finds what there is to find: its positive controls.

The whole-run control stands at the end: pytest itself, over a file whose tests swallow the error.
"""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import guard

CONTROLS: dict[str, Callable[[Path], object]] = {
    "connect": lambda _: socket.socket().connect_ex(("127.0.0.1", 9)),
    "bind": lambda _: socket.socket().bind(("127.0.0.1", 0)),
    "name": lambda _: socket.getaddrinfo("localhost", 9),
    "local": lambda _: socket.socket(socket.AF_UNIX).connect_ex("nothing"),
    "write": lambda outside: outside.write_text("x"),
    "append": lambda outside: outside.open("ab").close(),
    "low level": lambda outside: os.open(outside, os.O_CREAT | os.O_WRONLY),
    "folder": lambda outside: outside.mkdir(),
    "rename": lambda outside: outside.rename(outside.with_suffix(".new")),
    "remove": lambda outside: outside.unlink(missing_ok=True),
    "database": sqlite3.connect,
    "copy": lambda outside: shutil.copyfile(__file__, outside),
}


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # a socket that was refused is left open
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", CONTROLS)
def test_the_hook_refuses(name: str) -> None:
    outside = Path.home() / "nudge-guard-control"
    with guard.expected() as caught, pytest.raises(guard.OutsideError):
        CONTROLS[name](outside)
    assert len(caught) == 1
    assert not outside.exists()


def test_reading_and_the_temporary_folder_are_free(tmp_path: Path) -> None:
    assert Path(__file__).read_bytes()
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_text("x")
    sqlite3.connect(tmp_path / "c").close()
    with guard.expected() as caught:
        Path(os.devnull).write_bytes(b"")
    assert caught == []


SWALLOWS = """
import pathlib, socket

def test_network():
    try:
        with socket.socket() as outside:
            outside.connect(("127.0.0.1", 9))
    except Exception:
        pass

def test_write():
    try:
        (pathlib.Path.home() / "nudge-guard-control").write_text("x")
    except Exception:
        pass

def test_nothing():
    pass
"""


def test_a_test_that_swallows_the_error_fails_all_the_same(root: Path, tmp_path: Path) -> None:
    """Positive control of the whole: the project's own conftest over two tests that misbehave."""
    tests = tmp_path / "tests"
    (tests / "sdk").mkdir(parents=True)
    for name in ("conftest.py", "guard.py"):
        shutil.copy(root / "tests" / name, tests)
    (tests / "sdk" / "test_control.py").write_text(SWALLOWS)
    options = ("-q", "-p", "no:cacheprovider", f"--rootdir={tmp_path}", f"--basetemp={tmp_path}/t")
    done = subprocess.run(  # noqa: S603  what is started is our own
        [sys.executable, "-m", "pytest", *options, "--import-mode=importlib", str(tests)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "2 failed, 1 passed" in done.stdout
    assert "socket.connect: the network" in done.stdout
    assert "open: a write outside" in done.stdout
