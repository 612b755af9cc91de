"""A real disk that is full, a file that may only be read, several processes that write at once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sealing import got, ledger, open_store, put
from tests.simulator import PINNED, BundleSimulator

KEY = PINNED[0].hex()


def start(root: Path, *words: str, before: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    """Start one process of `tests/store_process.py`."""
    command = [*before, sys.executable, str(root / "tests" / "store_process.py"), *words]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen(  # noqa: S603  our own interpreter and file
        command, stdout=subprocess.PIPE, text=True, env=environment
    )


def result(process: subprocess.Popen[str]) -> Any:
    """What it printed."""
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    return json.loads(said)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user may enter, which pytest's own are not."""
    made = Path(tempfile.mkdtemp())
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def bundle(folder: Path) -> Path:
    return BundleSimulator().write(folder / "bundle")


def test_no_update_is_lost_between_processes(tmp_path: Path, root: Path) -> None:
    path = tmp_path / "s"
    processes = [start(root, "add", str(path), "50") for _ in range(4)]
    results = [result(process) for process in processes]
    store = open_store(path, clock=lambda: 0.0)
    assert got(store, "c") == 200
    assert ledger(store).times == (200,)
    assert sum(item["refused"] for item in results) > 0  # they did meet


def test_a_full_disk_costs_no_answer_and_no_state(tmp_path: Path, root: Path, bundle: Path) -> None:
    """A file system of one megabyte, in a mount namespace of its own."""
    place = tmp_path / "small"
    place.mkdir()
    script = (
        'mount -t tmpfs -o size=1m none "$1" && '
        'head -c 400000 /dev/zero > "$1/ballast" && shift && exec "$@"'
    )
    unshare = ["unshare", "-m"] if os.getuid() == 0 else ["unshare", "-rm"]
    before = (*unshare, "sh", "-c", script, "sh", str(place))
    done = result(start(root, "fill", str(place / "s"), str(bundle), KEY, before=before))
    assert 50 < done["before"] < 20_000
    assert done["nudges"] > 0
    assert done["warnings"] == [True]
    assert done["kept"] == done["heard"]
    assert done["last"] == 130


def test_a_file_that_may_only_be_read_costs_no_answer(
    folder: Path, root: Path, bundle: Path
) -> None:
    place = folder / "store"
    place.mkdir()
    store = open_store(place / "s")
    put(store, "c", 3)
    store.close()
    for file in bundle.iterdir():
        file.chmod(0o644)
    (place / "s").chmod(0o444)
    place.chmod(0o555)
    try:
        done = result(start(root, "unprivileged", str(place / "s"), str(bundle), KEY))
    finally:
        place.chmod(0o755)
    assert done == {"nudges": [False, True, False], "warnings": 1, "forgotten": False}
    (place / "s").chmod(0o644)
    assert got(open_store(place / "s"), "c") == 3
