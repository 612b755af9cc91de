"""A minute of coverage-guided fuzzing, a share for each target; and that a fault is found."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.fuzz.run import NAMES

SECONDS = float(os.environ.get("NUDGE_FUZZ_SECONDS", "60"))


@pytest.fixture(scope="module")
def python(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with atheris; one is made where it is not installed."""
    if importlib.util.find_spec("atheris"):
        return Path(sys.executable)
    folder = tmp_path_factory.mktemp("fuzz")
    venv.create(folder, with_pip=True)
    own = folder / "bin" / "python"
    needed = (".", "./harness", "atheris>=3", "pytest>=9", "onnx>=1.17")
    subprocess.run([own, "-m", "pip", "install", "--quiet", *needed], cwd=root, check=True)  # noqa: S603
    return own


def fuzz(python: Path, root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  what is started is our own
        [python, root / "tests" / "fuzz" / "run.py", *options],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=20 * SECONDS + 1200,
    )


def test_nothing_is_found(python: Path, root: Path) -> None:
    done = fuzz(python, root, "--seconds", str(SECONDS))
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    counts = dict(re.findall(r"^ok\s+(\w+)\s+([\d,]+) executions", done.stdout, re.MULTILINE))
    assert set(counts) == set(NAMES)
    assert all(int(count.replace(",", "")) > 20 for count in counts.values()), counts


def test_a_fault_is_found(python: Path, root: Path, tmp_path: Path) -> None:
    """Positive control: the same command over a parser that lets one wrong byte through."""
    for name in ("tests", "models"):
        ignored = shutil.ignore_patterns("__pycache__", "*.onnx", "data")
        shutil.copytree(root / name, tmp_path / name, ignore=ignored)
    targets = tmp_path / "tests" / "fuzz" / "targets.py"
    text = targets.read_text("utf-8")
    broken = text.replace(
        '    """Stored bytes are a state or a `StateError`; what reads, writes back the same."""',
        '    hold(raw[:1] != b"\\x07", "a fault was planted")',
    )
    assert broken != text
    targets.write_text(broken, "utf-8")
    done = fuzz(python, tmp_path, "--runs", "200000", "state")
    assert done.returncode == 1, done.stdout
    assert "FOUND state" in done.stdout
    assert re.search(r"state-crash-\w+: 07", done.stdout)
