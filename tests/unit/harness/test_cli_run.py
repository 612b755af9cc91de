"""The whole line in one command, on the toy bundle: files, tables, gates, reproducible bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from nudge_harness.cli import main
from nudge_harness.formats import read_conversations, read_scores, read_traces

from tests.simulator import PINNED, BundleSimulator

FILES = {
    "conversations.jsonl.gz", "outcomes.jsonl", "report.html", "results.json", "trace.jsonl.gz",
    "scores.all.jsonl", "scores.metadata.jsonl", "scores.text.jsonl",
}  # fmt: skip


def run(folder: Path, *words: object) -> int:
    """Exit code of a small run into ``folder / "run"``."""
    bundle = BundleSimulator().write(folder / "bundle")
    options = ("--bundle", bundle, "--key", PINNED[0].hex(), "-o", folder / "run", *words)
    return main(["run", "-n", "24", *map(str, options)])


def test_run_writes_everything_and_prints_plain_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path) == 0
    out, err = capsys.readouterr()
    folder = tmp_path / "run"
    assert {path.name for path in folder.iterdir()} == FILES
    assert "Recall before harm" in out and "By signals" in out and "\x1b" not in out
    assert err == f"report: {folder / 'report.html'}\n"
    assert len(list(read_conversations(folder / "conversations.jsonl.gz"))) == 24
    assert len(list(read_scores(folder / "scores.text.jsonl"))) == 24
    assert len(list(read_traces(folder / "trace.jsonl.gz"))) == 24
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert results["provenance"]["bundle"] == "toy@0.3.0"
    assert "recall_before_harm" in results["metrics"]


def test_equal_runs_give_equal_bytes_for_any_number_of_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    for name, workers in (("a", 1), ("b", 2)):
        (tmp_path / name).mkdir()
        assert run(tmp_path / name, "--workers", workers) == 0
    for name in FILES:
        one, two = ((tmp_path / side / "run" / name).read_bytes() for side in "ab")
        assert one == two, name


@pytest.mark.parametrize(("least", "code"), [(0.0, 0), (1.1, 1)])
def test_a_gate_that_is_missed_is_exit_code_1(
    tmp_path: Path, least: float, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    gates = tmp_path / "gates.toml"
    gates.write_text(f'[[gate]]\nmetric = "recall_before_harm"\nmin = {least}\n', encoding="utf-8")
    assert run(tmp_path, "--gate", gates, "--no-trace") == code
    assert ("FAILED" in capsys.readouterr().out) == bool(code)
    assert (tmp_path / "run" / "gates.xml").exists()
    assert not (tmp_path / "run" / "trace.jsonl.gz").exists()


def test_bad_gates_stop_before_anything_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gates = tmp_path / "gates.toml"
    gates.write_text("[[gate]]\nmetric = 5\n", encoding="utf-8")
    assert run(tmp_path, "--gate", gates) == 2
    assert capsys.readouterr().err.startswith("nudge-harness: gates.toml: gate[0].metric")
    assert not (tmp_path / "run").exists()
