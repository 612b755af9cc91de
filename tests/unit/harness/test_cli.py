"""The command line: exit codes, one clear line on bad input, never a traceback."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
from nudge_harness.cli import COMMANDS, main
from nudge_harness.formats import read_conversations, read_scores, read_traces

CHAT = {"id": "c1", "messages": [{"from": "contact", "text": "see you at training"}]}


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    """A file of one good line, one bad line, one good line."""
    path = tmp_path / "in.jsonl"
    last = {**CHAT, "id": "c3"}
    path.write_text(f'{json.dumps(CHAT)}\n{{"id": 5}}\n{json.dumps(last)}\n', encoding="utf-8")
    return path


def said(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    try:
        code = main([str(word) for word in words])
    except SystemExit as stop:  # argparse's own way out
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def test_generate_writes_the_same_bytes_for_the_same_seed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        code, out, err = said(
            capsys, "generate", "--split", "train", "-n", 20, "--seed", 7, "-o", tmp_path / name
        )
        assert (code, out) == (0, "") and err.startswith("wrote 20 conversations, ")
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    assert len(list(read_conversations(tmp_path / "a.jsonl"))) == 20


def test_generate_benign_share(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.jsonl.gz"
    said(capsys, "generate", "--split", "train", "-n", 40, "--benign-share", "1", "-o", path)
    assert path.read_bytes()[:2] == b"\x1f\x8b"
    assert {row.label for row in read_conversations(path)} == {"benign"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["generate"], "generate: -o OUT is missing"),
        (["generate", "-n", "-3", "-o", "x"], "seed, start and n must be at least 0"),
        (["generate", "--check-split", "--real-train", "no"], "--real-train: no such folder: no"),
        (
            ["score", "none.jsonl", "-o", "out.jsonl", "--policy", "off"],
            "none.jsonl: no such file or directory",
        ),
        (["score", "x", "-o", "y", "--assume", "a=1"], "--assume: no such field"),
        (["score", "x", "-o", "y", "--workers", "0"], "--workers must be at least 1"),
        (["score", "x", "-o", "y", "--key", "12"], "--key: 64 hexadecimal digits"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    words: list[str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = said(capsys, *words)
    assert (code, out) == (2, "") and err.startswith(f"nudge-harness: {says}")
    assert err.count("\n") == 1 and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [[], ["dance"], ["score"], ["generate", "--split", "both"]])
def test_wrong_usage_is_exit_code_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = said(capsys, *words)
    assert code == 2 and "usage:" in err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, command, "--help")
    assert code == 0 and out.startswith(f"usage: nudge-harness {command}")
    assert command in said(capsys, "--help")[1]


def test_off_scores_without_inference(chats: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, trace = chats.parent / "out.jsonl", chats.parent / "trace.jsonl.gz"
    code, _, err = said(
        capsys, "score", chats, "-o", out, "--policy", "off", "--trace", trace, "--keep-going"
    )
    assert code == 0
    assert [(row.id, row.risk, row.nudges) for row in read_scores(out)] == [
        ("c1", None, ()),
        ("c3", None, ()),
    ]
    assert [row.model for row in read_traces(trace)] == [None, None]
    assert "skipped 1 bad lines:\n  in.jsonl: line 2: id: must be a non-empty string" in err


def test_the_first_bad_line_stops_and_leaves_nothing(
    chats: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = chats.parent / "out.jsonl"
    code, _, err = said(capsys, "score", chats, "-o", out, "--policy", "off")
    assert code == 2 and err == "nudge-harness: in.jsonl: line 2: id: must be a non-empty string\n"
    assert list(chats.parent.iterdir()) == [chats]


def test_unknown_fields_are_one_warning_line_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "in.jsonl"
    rows = [{**CHAT, "id": str(i), "mood": 1, "label": "odd"} for i in range(3)]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    code, _, err = said(capsys, "score", path, "-o", tmp_path / "o.jsonl", "--policy", "off")
    assert code == 0
    assert err.count("unknown field mood is ignored") == 1 and "Traceback" not in err


def test_an_empty_file_gives_an_empty_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "in.jsonl.gz"
    path.write_bytes(gzip.compress(b""))
    code, _, _ = said(capsys, "score", path, "-o", tmp_path / "out.jsonl", "--policy", "off")
    assert code == 0 and (tmp_path / "out.jsonl").read_bytes() == b""


def test_a_pipe_gets_lines_and_nothing_else(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "nudge_harness",
            "generate",
            "--split",
            "train",
            "-n",
            "3",
            "-o",
            "-",
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [
        "train-0-0",
        "train-0-1",
        "train-0-2",
    ]
    assert done.stderr.startswith("wrote 3 conversations")


def test_a_missing_bundle_is_named(chats: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = chats.parent / "out.jsonl"
    code, _, err = said(capsys, "score", chats, "-o", out, "--bundle", chats.parent / "none")
    assert code == 2 and "bundle" in err and err.count("\n") == 1 and not out.exists()
