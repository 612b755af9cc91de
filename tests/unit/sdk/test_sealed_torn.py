"""The power goes: the log ends anywhere or holds junk, and the file is as after some commit."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from tests.sealing import START, got, ledger, open_store, put

COMMITS = 12


@pytest.fixture
def files(tmp_path: Path) -> tuple[bytes, bytes]:
    """A file and its log after 12 swaps, each of one number into a conversation and the ledger."""
    store = open_store(tmp_path / "s")
    store.accept_release(1)
    with contextlib.closing(sqlite3.connect(tmp_path / "s", isolation_level=None)) as reader:
        reader.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for number in range(1, COMMITS + 1):
            put(store, "c", number, nudged=START - COMMITS + number)
        return (tmp_path / "s").read_bytes(), (tmp_path / "s-wal").read_bytes()


def shown(path: Path, file: bytes, log: bytes) -> int:
    """What a store shows after such an end; -1 when it is a mixed state."""
    path.write_bytes(file)
    Path(f"{path}-wal").write_bytes(log)
    store = open_store(path)
    number, times = got(store, "c") or 0, ledger(store).times
    store.close()
    whole = times == tuple(int(START) - COMMITS + n for n in range(1, number + 1))
    return number if whole else -1


def test_the_whole_log_shows_the_last_state(files: tuple[bytes, bytes], tmp_path: Path) -> None:
    assert shown(tmp_path / "whole", *files) == COMMITS
    assert shown(tmp_path / "empty", files[0], b"") == 0


def test_a_log_that_ends_anywhere_shows_an_earlier_state(
    files: tuple[bytes, bytes], tmp_path: Path
) -> None:
    file, log = files
    rng = np.random.default_rng(0)
    ends = sorted(rng.choice(len(log), 60, replace=False).tolist())
    found = [shown(tmp_path / str(end), file, log[:end]) for end in ends]
    assert found == sorted(found)
    assert found[0] >= 0
    assert len(set(found)) > COMMITS / 2


def test_a_log_with_junk_in_it_shows_an_earlier_state(
    files: tuple[bytes, bytes], tmp_path: Path
) -> None:
    file, log = files
    rng = np.random.default_rng(1)
    for at in rng.choice(len(log) - 512, 30, replace=False).tolist():
        torn = log[:at] + rng.bytes(512) + log[at + 512 :]
        assert 0 <= shown(tmp_path / f"junk{at}", file, torn) < COMMITS
