"""The command on a small stored pair of files must print what is stored, to the last digit.

``expected.json`` and ``expected.txt`` are what ``nudge-harness evaluate truth.jsonl scores.jsonl
--trace trace.jsonl --against other.jsonl`` prints with and without ``--json``. A change of a
definition shows up here as a diff.
"""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path

import pytest
from nudge_harness import evaluate
from nudge_harness.errors import FormatError
from nudge_harness.metrics.join import MismatchError, MissingScoresError

HERE = Path(__file__).parent
PROMISED = (
    "recall_before_harm",
    "right_kind",
    "early_recall",
    "premature",
    "erde_5",
    "erde_50",
    "latency_tp",
    "speed",
    "f_latency",
    "false_per_1000",
)


def run(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    evaluate.add_arguments(parser)
    return evaluate.main(parser.parse_args([str(argument) for argument in arguments]))


def files(*names: str) -> list[Path]:
    return [HERE / name for name in names]


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    truth, scores, trace, other = files("truth.jsonl", "scores.jsonl", "trace.jsonl", "other.jsonl")
    assert run(truth, scores, "--trace", trace, "--against", other, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    expected = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
    assert rounded(found) == rounded(expected)
    for name in PROMISED:
        assert set(found[name]) == {"value", "low", "high", "n"}
    assert found["p"] == 0.0078
    assert set(found["precision_at"]) == {"0.01", "0.001", "0.0001"}


def rounded(value: object) -> object:
    """Numbers to 12 digits: sums may differ in the last one between processors."""
    if isinstance(value, float):
        return float(f"{value:.12g}")
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return value


def test_text(capsys: pytest.CaptureFixture[str]) -> None:
    truth, scores, trace, other = files("truth.jsonl", "scores.jsonl", "trace.jsonl", "other.jsonl")
    assert run(truth, scores, "--trace", trace, "--against", other) == 0
    assert capsys.readouterr().out == (HERE / "expected.txt").read_text(encoding="utf-8")


def test_gzip_and_any_order_of_scores(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    truth, scores = tmp_path / "truth.jsonl.gz", tmp_path / "scores.jsonl"
    truth.write_bytes(gzip.compress((HERE / "truth.jsonl").read_bytes()))
    lines = (HERE / "scores.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    scores.write_text("".join(reversed(lines)), encoding="utf-8")
    run(*files("truth.jsonl", "scores.jsonl"), "--json")
    plain = capsys.readouterr().out
    run(truth, scores, "--json")
    assert capsys.readouterr().out == plain


def test_keep_going_counts_what_was_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "truth.jsonl"
    broken.write_bytes((HERE / "truth.jsonl").read_bytes() + b"{broken\n")
    with pytest.raises(FormatError, match="line 49"):
        run(broken, HERE / "scores.jsonl")
    assert run(broken, HERE / "scores.jsonl", "--keep-going", "--json") == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["skipped"] == 1
    assert "1 malformed" in printed.err


def test_scores_of_another_file_are_refused(tmp_path: Path) -> None:
    short = tmp_path / "scores.jsonl"
    lines = (HERE / "scores.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    short.write_text("".join(lines[:-1]), encoding="utf-8")
    with pytest.raises(MissingScoresError):
        run(HERE / "truth.jsonl", short)
    trace = tmp_path / "trace.jsonl"
    trace.write_text('{"id": "x", "messages": []}\n', encoding="utf-8")
    with pytest.raises(MismatchError, match="trace lacks"):
        run(*files("truth.jsonl", "scores.jsonl"), "--trace", trace)
