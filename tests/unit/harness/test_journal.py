"""Work that is kept: whatever instant it is killed at, going on gives the same bytes."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nudge_harness import scoring
from nudge_harness.cli import main
from nudge_harness.errors import FormatError
from nudge_harness.formats import write_conversations
from nudge_harness.formats.raw import RawLine
from nudge_harness.generate import generate
from nudge_harness.journal import Journal
from nudge_harness.model import BundleChoice
from nudge_harness.replay import Settings
from nudge_harness.scoring import ChunkScores, Scored, score_file, score_lines

from tests.simulator import PINNED, BundleSimulator

PARTS = [(b"a\n", b"AA\n"), (b"bb\n", b""), (b"", b"C\n"), (b"ddd\n", b"D\n")]


def work(folder: Path, key: str = "k", stop: int | None = None) -> Journal:
    """Keep what is missing of `PARTS`; ``stop`` leaves off before that chunk."""
    with Journal([folder / "one.jsonl", folder / "two.jsonl.gz"], key) as journal:
        for at, parts in enumerate(PARTS):
            if at == stop:
                return journal
            if at >= journal.chunks and not journal.done:
                journal.keep(parts, {"seen": at + 1})
        if not journal.done:
            journal.finish({"seen": len(PARTS)})
    return journal


def made(folder: Path) -> tuple[bytes, bytes]:
    return (folder / "one.jsonl").read_bytes(), (folder / "two.jsonl.gz").read_bytes()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 3), st.binary(max_size=9), st.binary(max_size=9), st.integers(0, 12))
def test_torn_files_never_show(
    tmp_path_factory: pytest.TempPathFactory, stop: int, torn: bytes, half: bytes, cut: int
) -> None:
    whole, folder = tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("torn")
    work(whole)
    work(folder, stop=stop)
    for name in ("one.jsonl.work", "two.jsonl.gz.work"):  # bytes that no journal line speaks of
        with (folder / name).open("ab") as file:
            file.write(torn)
    journal = folder / "one.jsonl.journal"
    raw = journal.read_bytes()
    journal.write_bytes(raw[: max(len(raw) - cut, 0)] if cut else raw + half)
    work(folder)
    assert made(folder) == made(whole)
    assert not list(folder.glob("*.work"))


def test_another_key_starts_anew_and_the_same_one_has_nothing_to_do(tmp_path: Path) -> None:
    assert work(tmp_path, "a", stop=2).chunks == 0
    assert work(tmp_path, "b", stop=1).chunks == 0
    assert work(tmp_path, "b").chunks == 1
    again = work(tmp_path, "b")
    assert again.done and again.counts == {"seen": 4}
    (tmp_path / "one.jsonl").unlink()
    assert not work(tmp_path, "b", stop=0).done


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"one\.jsonl\.journal: no such file"):
        Journal([tmp_path / "no" / "one.jsonl"], "k")


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> BundleChoice:
    return BundleChoice(
        folder=BundleSimulator().write(tmp_path_factory.mktemp("toy")), key=PINNED[0]
    )


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "CHUNK_LINES", 7)


class Killed(BaseException):
    """What `kill -9` leaves behind: nobody cleans up."""


def killing(after: int) -> Callable[..., ChunkScores]:
    """`score_lines`, until the process is killed."""
    left = iter(range(after))

    def scored(bundle: BundleChoice, settings: Settings, lines: list[RawLine]) -> ChunkScores:
        if next(left, None) is None:
            raise Killed
        return score_lines(bundle, settings, lines)

    return scored


def scored(folder: Path, source: Path, toy: BundleChoice, *, resume: bool) -> Scored:
    target, trace = folder / "s.jsonl", folder / "t.jsonl.gz"
    return score_file(source, target, bundle=toy, trace=trace, keep_going=True, resume=resume)


@pytest.mark.usefixtures("small_chunks")
def test_scores_after_a_kill_are_those_of_one_go(
    tmp_path: Path, toy: BundleChoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, plain, kept = (tmp_path / name for name in ("chats.jsonl", "plain", "kept"))
    plain.mkdir()
    kept.mkdir()
    write_conversations(source, generate("test", 3, n=30))
    source.write_bytes(source.read_bytes() + b'{"id": 5}\n')
    whole = scored(plain, source, toy, resume=False)
    with monkeypatch.context() as patch:
        patch.setattr(scoring, "score_lines", killing(2))
        with pytest.raises(Killed):
            scored(kept, source, toy, resume=True)
    assert not (kept / "s.jsonl").exists() and (kept / "s.jsonl.work").exists()
    heard: list[list[RawLine]] = []

    def counting(bundle: BundleChoice, settings: Settings, lines: list[RawLine]) -> ChunkScores:
        heard.append(lines)
        return score_lines(bundle, settings, lines)

    with monkeypatch.context() as patch:
        patch.setattr(scoring, "score_lines", counting)
        assert scored(kept, source, toy, resume=True) == whole
        assert len(heard) == 3  # of five chunks, two were kept
        assert scored(kept, source, toy, resume=True) == whole
        assert len(heard) == 3
    assert whole.skipped == 1
    for name in ("s.jsonl", "t.jsonl.gz"):
        assert (plain / name).read_bytes() == (kept / name).read_bytes()
    assert gzip.decompress((kept / "t.jsonl.gz").read_bytes()).count(b"\n") == 30


def test_the_command_refuses_to_resume_to_a_pipe(
    tmp_path: Path, toy: BundleChoice, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "chats.jsonl"
    write_conversations(source, generate("test", 3, n=2))
    pin = ["--bundle", str(toy.folder), "--key", PINNED[0].hex()]
    assert main(["score", str(source), "-o", "-", "--resume", *pin]) == 2
    assert "--resume needs a file" in capsys.readouterr().err


def test_a_resumed_run_leaves_the_same_files(tmp_path: Path, toy: BundleChoice) -> None:
    pin = ["--bundle", str(toy.folder), "--key", PINNED[0].hex(), "--workers", "1"]
    for name, options in (("a", []), ("b", ["--resume"]), ("b", ["--resume"])):
        assert main(["run", "-n", "12", "-o", str(tmp_path / name), *pin, *options]) == 0
    names = {path.name for path in (tmp_path / "a").iterdir()}
    assert {path.name for path in (tmp_path / "b").iterdir()} == names
    for name in names - {"results.json", "report.html"}:  # these two carry the time of day
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
