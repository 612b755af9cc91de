"""Made again from the same commit, everything derived is what stands in the checkout."""

from __future__ import annotations

import json
import runpy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from models.train.again import card_text, rows, within, write_card
from nudge_sdk.bundle import load_bundle
from nudge_sdk.errors import BundleDamagedError


@pytest.fixture
def bundle(root: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    shutil.copytree(root / "models/en_v1", folder)
    return folder


def test_a_card_that_is_current_is_left_alone(bundle: Path) -> None:
    before = (bundle / "README.md").stat().st_mtime_ns
    assert not write_card(None, bundle)
    assert (bundle / "README.md").stat().st_mtime_ns == before
    load_bundle(bundle)


def test_a_stale_card_is_written_and_needs_a_signature(bundle: Path, tmp_path: Path) -> None:
    fresh = card_text(bundle)
    (bundle / "README.md").write_text("stale", encoding="utf-8")
    assert write_card(None, bundle)
    assert (bundle / "README.md").read_text("utf-8") == fresh
    figures = json.loads((bundle / "figures.json").read_text("utf-8"))
    figures["generated"]["all"]["recall_before_harm"]["value"] = 0.125
    (bundle / "figures.json").write_text(json.dumps(figures), encoding="utf-8")
    assert write_card(None, bundle)
    with pytest.raises(BundleDamagedError, match=r"README\.md has another SHA-256|README\.md is "):
        load_bundle(bundle)
    key = Ed25519PrivateKey.generate()
    pem = tmp_path / "key.pem"
    pem.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (bundle / "README.md").write_text("stale", encoding="utf-8")
    assert write_card(pem, bundle)
    load_bundle(bundle, pinned_keys=[key.public_key().public_bytes_raw()])


def test_every_row_names_a_figure_of_the_card(root: Path) -> None:
    said = json.loads((root / "models/en_v1/figures.json").read_text("utf-8"))
    found = list(rows(said, said))
    assert len({name for name, _, _ in found}) == len(found) > 40
    assert all(within(before, now) for _, before, now in found)


@pytest.mark.parametrize(
    ("now", "inside"), [(0.4, True), (0.5, True), (0.39, False), (0.51, False), (None, False)]
)
def test_a_figure_has_to_stay_within_its_interval(now: float | None, inside: bool) -> None:
    assert within({"value": 0.45, "low": 0.4, "high": 0.5}, {"value": now}) == inside
    assert within({"value": None}, {"value": now}) == (now is None)


def refresh(root: Path) -> dict[str, Any]:
    return runpy.run_path(str(root / ".ci/refresh.py"))


def test_files_of_every_step_are_there(root: Path) -> None:
    script = refresh(root)
    files_of: Callable[[Any], list[Path]] = script["files_of"]
    assert all(files_of(step) for step in script["STEPS"].values())


def test_a_look_leaves_nothing_behind(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On two files of its own: one step finds its file current, the other one does not."""
    script = refresh(root)
    main, step = script["main"], script["Step"]
    for name in ("same", "other"):
        (tmp_path / name).write_text("as it was", encoding="utf-8")
    said = {"same": "as it was", "other": "as it is"}
    steps = {
        name: step(("-c", f"print({words!r}, end='')"), (name,), captured=True)
        for name, words in said.items()
    }
    monkeypatch.setitem(main.__globals__, "ROOT", tmp_path)
    monkeypatch.setitem(main.__globals__, "STEPS", steps)
    monkeypatch.setattr("sys.argv", ["refresh", "--check"])
    assert main() == 1
    assert "other is stale" in (out := capsys.readouterr().out) and "same is" not in out
    assert (tmp_path / "other").read_text("utf-8") == "as it was"
    monkeypatch.setattr("sys.argv", ["refresh"])
    assert main() == 0
    assert (tmp_path / "other").read_text("utf-8") == "as it is"
