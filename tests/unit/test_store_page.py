"""The page about the store does what it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import nudge_sdk.errors
import nudge_sdk.sealed


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "store.md").read_text("utf-8")


def test_its_example_runs(page: str, tmp_path: Path) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))}
    command = [sys.executable, "-P", "-W", "error", "-c", code]
    subprocess.run(command, cwd=tmp_path, check=True, env=environment)  # noqa: S603  our own
    assert (tmp_path / "nudge.store").stat().st_size > 0


def test_every_name_in_it_is_there(page: str) -> None:
    named = set(re.findall(r"\b(Store\w*(?:Error|Warning)|\w+Key|SealedStore|KeyProvider)\b", page))
    assert named > {"SealedStore", "HostKey", "StoreWarning"}
    for name in named:
        assert hasattr(nudge_sdk.errors, name) or hasattr(nudge_sdk.sealed, name), name
