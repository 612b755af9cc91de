"""Kill -9 at random points of writing: the last acknowledged state or the next, never a mixed one.

`NUDGE_KILLS=10000 pytest tests/e2e/test_store_kills.py` kills more often.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

KILLS: Final = int(os.environ.get("NUDGE_KILLS", "1000"))
MEMORY: Final = Path("/dev/shm")  # noqa: S108  a file system without a disk: more swaps a second


@pytest.fixture(params=["disk", "memory"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """On disk a kill mostly hits the wait for it, in memory all the rest."""
    if request.param == "disk" or not MEMORY.is_dir():
        yield tmp_path
        return
    made = Path(tempfile.mkdtemp(dir=MEMORY))
    yield made
    shutil.rmtree(made)


def test_nothing_is_lost_and_nothing_is_mixed(folder: Path, root: Path) -> None:
    count = (KILLS + 1) // 2
    script = root / "tests" / "store_writer.py"
    command = [sys.executable, str(script), str(folder / "store"), str(count), "1", "5"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(  # noqa: S603  our own interpreter and file
        command, check=True, capture_output=True, text=True, env=environment
    )
    result: dict[str, Any] = json.loads(done.stdout)
    assert result["wrong"] == []
    assert result["kills"] == count
    assert result["swaps"] > count / 2  # they did write
    assert result["unheard"] > 0  # and some died between a commit and its acknowledgement
