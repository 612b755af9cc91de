"""The README's first command, as a newcomer would run it: a fresh copy, Python 3.11 and PyPI."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

MINUTES = 30  # at most; a slow line to PyPI is no failure of ours


@pytest.fixture
def checkout(root: Path, tmp_path: Path) -> Path:
    """What a clone of the working tree would hold."""
    # The owner of a checkout may be another user than the one that tests it.
    git = ("git", "-c", "safe.directory=*", "-C", str(root))
    listed = subprocess.run(  # noqa: S603  what is started is our own
        [*git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=True,
    )
    names = [name for name in listed.stdout.decode("utf-8").split("\0") if name]
    archive = tmp_path / "clone.tar"
    with tarfile.open(archive, "w") as tar:
        for name in names:
            if (root / name).is_file():
                tar.add(root / name, arcname=name)
    clone = tmp_path / "clone"
    with tarfile.open(archive) as tar:
        tar.extractall(clone, filter="data")
    return clone


def first_command(root: Path) -> str:
    readme = (root / "README.md").read_text("utf-8")
    found = re.search(r"^```sh\n(.*?)\n```$", readme, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found.group(1)


def test_the_first_command_installs_and_runs_the_main_job(root: Path, checkout: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(  # noqa: S603  what is started is our own
        [str(shutil.which("bash")), "-c", first_command(root)],
        cwd=checkout,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
        timeout=60 * MINUTES,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "Nothing left this device" in done.stdout
    assert "recall before harm" in done.stdout.lower().replace("_", " ")
