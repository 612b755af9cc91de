"""The command ``nudge``: what it prints and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from nudge_sdk import cli
from nudge_sdk.bundle import CHECKS
from tests.simulator import KEY, PINNED, BundleSimulator

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    path = tmp_path / "key.pem"
    path.write_bytes(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return str(path)


def test_verify_says_what_was_checked(
    toy_bundle: Path, key_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["verify", str(toy_bundle), "--key", key_file, "--last", "3"]) == 0
    out = capsys.readouterr().out
    assert [line.split()[1] for line in out.splitlines() if line.startswith("  ok")] == list(CHECKS)
    assert "toy 0.3.0 (release 3), made 2026-01-31T12:00:00Z" in out
    assert "signed by sha256:" in out
    assert "model.onnx" in out


def test_verify_without_a_last_release_does_not_claim_that_check(
    toy_bundle: Path, key_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["verify", str(toy_bundle), "--key", key_file]) == 0
    assert " version " not in capsys.readouterr().out


def test_verify_refuses_with_the_name_of_the_check(
    toy_bundle: Path, key_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["verify", str(toy_bundle)]) == 1
    assert "FAILED  signature: no pinned key" in capsys.readouterr().out
    assert cli.main(["verify", str(toy_bundle), "--key", key_file, "--last", "4"]) == 1
    assert "FAILED  version: release 3 is older than 4" in capsys.readouterr().out


def test_verify_refuses_a_graph_that_cannot_run(
    tmp_path: Path, key_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    sim = BundleSimulator()
    sim.files["model.onnx"] = b"?"
    sim.list_files()
    sim.sign()
    folder = sim.write(tmp_path / "b")
    assert cli.main(["verify", str(folder), "--key", key_file]) == 1
    assert "FAILED  graph:" in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"\xff", b"not base64!", b"AAAA", PINNED[0]])
def test_a_file_that_is_no_key_is_wrong_usage(
    content: bytes, toy_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.pem").write_bytes(content)
    assert cli.main(["verify", str(toy_bundle), "--key", str(tmp_path / "bad.pem")]) == 2
    assert "nudge: --key: " in capsys.readouterr().err


def test_a_key_file_that_is_not_there_is_wrong_usage(toy_bundle: Path, tmp_path: Path) -> None:
    assert cli.main(["verify", str(toy_bundle), "--key", str(tmp_path / "no.pem")]) == 2


def test_copy_lists_every_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["copy", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    wanted = {"id", "locale", "audience", "framing", "title", "body", "actions", "reviewed"}
    assert all(wanted <= row.keys() for row in rows)
    assert {row["locale"] for row in rows} == {"en", "cy", "es", "pl", "ur"}
    assert cli.main(["copy"]) == 0
    text = capsys.readouterr().out
    assert all(row["id"] in text and row["title"] in text for row in rows)


def test_copy_lists_one_language_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["copy", "--json", "--locale", "ur", "--region", "gb"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["locale"] for row in rows} == {"ur"}
    assert not any(row["reviewed"] for row in rows)
    assert any("\u20660800 1111\u2069" in row["body"] for row in rows)


def test_without_a_command_the_usage_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main([])
    assert "usage: nudge" in capsys.readouterr().err


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--help"])
    out = capsys.readouterr().out
    assert all(command in out for command in ("demo", "check", "verify", "copy"))


def test_a_closed_pipe_is_no_error() -> None:
    command = [sys.executable, "-m", "nudge_sdk", "copy"]
    with subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
    ) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.read(1)
        running.stdout.close()
        assert running.stderr.read() == b""


def test_the_package_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "nudge_sdk", "verify", "/nowhere"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    assert done.returncode == 1
    assert "FAILED  files: the bundle's folder is not there" in done.stdout
