"""The shortest whole example: a nudge on one screen, and a relay that holds no word of the chat."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

MOST_LINES = 100


@pytest.fixture(scope="module")
def script(root: Path) -> Path:
    return root / "examples" / "minimal_e2ee" / "chat.py"


@pytest.fixture(scope="module")
def chat(script: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("minimal_e2ee", script)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_sam_is_nudged_and_the_relay_holds_no_word(chat: ModuleType) -> None:
    relay, nudges = chat.play()
    assert nudges
    assert len(relay.boxes) == len(chat.TALK)
    held = b"".join(ciphertext for *_, ciphertext in relay.boxes)
    for words in (*(text for _, text in chat.TALK if len(text) > 4), nudges[0].title):
        assert words.encode() not in held


def test_it_runs_and_is_short(script: Path) -> None:
    assert len(script.read_text("utf-8").splitlines()) < MOST_LINES
    done = subprocess.run(  # noqa: S603  what is started is our own
        [sys.executable, "-P", str(script)],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    assert "On Sam's screen" in done.stdout and "On the relay: 7 boxes" in done.stdout
