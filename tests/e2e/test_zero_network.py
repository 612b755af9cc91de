"""Nothing reaches a network, and nothing is written but the store: seen from outside the process.

The audit hook of every test (`tests.guard`) sees Python only. Here the kernel is asked: the whole
of the SDK's suite in a network namespace without an interface, and one long run under strace, with
the count of its network system calls. Each has a control that makes it fail.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Final

import pytest

from tests.programs import program

MINUTES: Final = 20  # at most
SUITE: Final = ("tests/unit/sdk", "tests/property/sdk")
# The pages of the README are not the SDK; they start interpreters, which takes long.
LEFT_OUT: Final = (
    "--ignore=tests/unit/sdk/test_readme.py",
    "--deselect=tests/unit/sdk/test_guard.py",
)
LINGER: Final = 15  # seconds
REPORT: Final = "import pathlib; print(pathlib.Path('/proc/net/dev').read_text())"


def run(command: Sequence[object], cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(cwd), *filter(None, sys.path)])
    inherited = {k: v for k, v in os.environ.items() if k not in ("CI", "ORT_DISABLE_TELEMETRY")}
    return subprocess.run(  # noqa: S603  what is started is our own
        [str(word) for word in command],
        cwd=cwd,
        env={**inherited, "PYTHONPATH": path, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        errors="replace",
        timeout=60 * MINUTES,
    )


def apart(*command: object) -> list[object]:
    """A command in a network namespace of its own, whose one interface, ``lo``, is down."""
    rights = () if os.geteuid() == 0 else ("--map-root-user",)
    return [program("unshare"), "--net", *rights, "--", *command]


def pytest_over(root: Path, *paths: object) -> list[object]:
    options = ("-q", "-p", "no:cacheprovider", "-m", "not slow", f"--rootdir={root}")
    return [sys.executable, "-m", "pytest", *options, *paths]


def test_the_suite_of_the_sdk_passes_without_any_network(root: Path) -> None:
    suite = [item for item in SUITE if (root / item).is_dir()]
    done = run(apart(*pytest_over(root, *suite, *LEFT_OUT)), root)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed.group(1)) > 300


NEEDS_NETWORK: Final = """
import os, socket

def test_the_network_is_there():
    with socket.create_connection(("127.0.0.1", int(os.environ["NUDGE_PORT"])), timeout=5):
        pass
"""


def test_a_suite_that_needs_a_network_fails_in_there_and_passes_out_here(tmp_path: Path) -> None:
    """Positive control: the same way of running, and a server that stands outside."""
    (tmp_path / "test_control.py").write_text(NEEDS_NETWORK)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        command = pytest_over(tmp_path, "test_control.py")
        out_here = run(command, tmp_path, NUDGE_PORT=port)
        in_there = run(apart(*command), tmp_path, NUDGE_PORT=port)
    assert out_here.returncode == 0, out_here.stdout
    assert in_there.returncode == 1
    assert "1 failed" in in_there.stdout


def test_the_namespace_has_no_interface_but_the_loopback_that_is_down(tmp_path: Path) -> None:
    done = run(apart(sys.executable, "-c", REPORT), tmp_path)
    interfaces = re.findall(r"^\s*(\S+):\s*(\d+)", done.stdout, re.MULTILINE)
    assert interfaces == [("lo", "0")]


def traced(what: str, folder: Path, extra: str = "", linger: float = 0) -> list[str]:
    """System calls of one kind that a whole chat makes, children included."""
    log, store = folder / "strace.log", folder / "store"
    script = Path(__file__).with_name("a_chat.py")
    command = [
        program("strace"),
        "-f",
        "-qq",
        "-o",
        log,
        "-e",
        f"trace={what}",
        "-e",
        "signal=none",
    ]
    done = run([*command, sys.executable, "-B", script, store, linger, extra], folder)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 1, "the chat got no nudge, so not all of the SDK has run"
    return [line for line in log.read_text("utf-8", "replace").splitlines() if "(" in line]


def network_calls(lines: Sequence[str]) -> list[str]:
    """All but those on pairs of local sockets within the process, which lead nowhere."""
    local = re.compile(r"socketpair\(AF_UNIX|get\w+name\(\d+, \{sa_family=AF_UNIX\}")
    return [line for line in lines if not local.search(line)]


def test_a_whole_chat_makes_no_network_system_call(tmp_path: Path) -> None:
    """Nor later: onnxruntime's telemetry, were it on, would send after some seconds."""
    assert network_calls(traced("network", tmp_path, linger=LINGER)) == []


def test_onnxruntimes_telemetry_would_be_seen_if_it_were_on(tmp_path: Path) -> None:
    """Positive control: a host that imports onnxruntime itself, without the variable.

    In a namespace of its own: it tries, and reaches nobody.
    """
    if tuple(map(int, metadata.version("onnxruntime").split(".")[:2])) < (1, 29):
        return  # there was none in Linux builds
    code = f"import onnxruntime, time; time.sleep({LINGER})"
    log = tmp_path / "strace.log"
    command = (program("strace"), "-f", "-qq", "-o", log, "-e", "trace=network,openat,mkdir")
    done = run(apart(*command, sys.executable, "-c", code), tmp_path, HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    lines = log.read_text("utf-8", "replace").splitlines()
    assert any("onnxruntime.db" in path for path in changed_paths(lines))
    calls = [line for line in lines if re.search(r"\b(?:socket|connect|sendto)\(", line)]
    assert calls != []


@pytest.mark.parametrize(
    ("extra", "least"),
    [
        ("import socket; socket.socket().connect_ex(('127.0.0.1', 9))", 2),
        # Native code that no audit hook of Python sees.
        ("import ctypes; ctypes.CDLL(None).socket(2, 1, 0)", 1),
        ("import socket, subprocess; subprocess.run(['/bin/true']); socket.socket()", 1),
    ],
)  # fmt: skip
def test_strace_counts_what_there_is(extra: str, least: int, tmp_path: Path) -> None:
    """Positive control."""
    assert len(network_calls(traced("network", tmp_path, extra))) >= least


def test_a_pair_of_local_sockets_is_set_aside(tmp_path: Path) -> None:
    lines = traced("network", tmp_path, "import socket; socket.socketpair()")
    assert lines != []
    assert network_calls(lines) == []


_CHANGE: Final = re.compile(
    r"\b(?:open|openat|creat)\(.*\b(?:O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND)"
    r"|\b(?:mkdir|rename|unlink|link|symlink|truncate|rmdir|chmod|chown|mknod)\w*\("
)
_STORE: Final = re.compile(r'"([^"]*)"')


def changed_paths(lines: Sequence[str]) -> set[str]:
    """Paths that were opened for writing, or made, moved or removed."""
    return {path for line in lines if _CHANGE.search(line) for path in _STORE.findall(line)[:1]}


def test_nothing_is_written_outside_of_the_stores_path(tmp_path: Path) -> None:
    store = str(tmp_path / "store")
    paths = changed_paths(traced("file,openat,creat", tmp_path))
    assert store in paths, "the store was never written, so this shows nothing"
    assert paths <= {store, f"{store}-wal", f"{store}-shm", f"{store}-journal", "/dev/null"}


def test_a_write_elsewhere_is_seen(tmp_path: Path) -> None:
    """Positive control."""
    other = str(tmp_path / "elsewhere")
    lines = traced("file,openat,creat", tmp_path, f"open({other!r}, 'w').close()")
    assert other in changed_paths(lines)
