"""The bundle's folder: it loads under its key and no other; same input, same bytes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from nudge_harness.model import BundleChoice, opened

from models.train.export import created, load_key, write_bundle
from models.train.shape import STATE
from nudge_sdk import Client, Contact, Profile
from nudge_sdk.bundle import load_bundle
from nudge_sdk.errors import BundleDamagedError, BundleUntrustedError
from tests import toy
from tests.simulator import KEY, OTHER_KEY, PINNED, raw_public
from tests.unit.train.little import graph

KAI = Contact(id="kai", relationship="stranger", days_known=0)


LOWEST = 1e-6  # a threshold that everything reaches


def config(gentle: float = LOWEST) -> dict[str, Any]:
    """Numbers of the little model: every cue holds, and every contact's message is a risk."""
    made = {**toy.config(), "name": "little", "state_size": STATE, "cap": 512, "overlap": 64}
    made["thresholds"] = {
        **made["thresholds"],
        "gentle": dict.fromkeys(made["risks"], gentle),
        "cue": dict.fromkeys(made["cues"][:-1], LOWEST),
        "other_language": 1.0,
    }
    return made


def write(folder: Path, key: Ed25519PrivateKey = KEY, **changes: Any) -> str:
    settings: dict[str, Any] = {
        "name": "little",
        "release": 4,
        "version": "0.4.0",
        "single": graph(batched=False),
        "twin": graph(batched=True),
        "config": config(),
        "card": "# little\n",
        "key": key,
        **changes,
    }
    return write_bundle(folder, **settings)


def pem(key: Any) -> bytes:
    raw = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert isinstance(raw, bytes)
    return raw


def test_it_verifies_with_its_key_and_no_other(tmp_path: Path) -> None:
    digest = write(tmp_path / "b")
    bundle = load_bundle(tmp_path / "b", pinned_keys=PINNED)
    assert (bundle.manifest.name, bundle.manifest.version.release) == ("little", 4)
    assert digest == hashlib.sha256((tmp_path / "b/manifest.json").read_bytes()).hexdigest()
    with pytest.raises(BundleUntrustedError):
        load_bundle(tmp_path / "b", pinned_keys=[raw_public(OTHER_KEY)])
    with pytest.raises(BundleUntrustedError):
        load_bundle(tmp_path / "b")


def test_a_changed_byte_is_seen(tmp_path: Path) -> None:
    write(tmp_path)
    path = tmp_path / "model.onnx"
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    with pytest.raises(BundleDamagedError, match="SHA-256"):
        load_bundle(tmp_path, pinned_keys=PINNED)


def test_a_host_and_the_harness_open_it(tmp_path: Path) -> None:
    write(tmp_path)
    client = Client.open(Profile(age=13), bundle=tmp_path, pinned_keys=PINNED)
    assert client.receive("c", "can you keep a secret", KAI) is not None
    choice = BundleChoice(folder=tmp_path, key=PINNED[0])
    assert opened(choice).name == "little@0.4.0"


def test_without_a_key_a_throw_away_one_is_made(tmp_path: Path) -> None:
    one, two = load_key(None), load_key(None)
    assert raw_public(one) != raw_public(two)
    write(tmp_path, one)
    assert load_bundle(tmp_path, pinned_keys=[raw_public(one)]).manifest.name == "little"
    with pytest.raises(BundleUntrustedError):
        load_bundle(tmp_path, pinned_keys=[raw_public(two)])


def test_a_key_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(pem(KEY))
    assert raw_public(load_key(path)) == PINNED[0]


def test_a_file_without_such_a_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.pem"
    path.write_bytes(pem(generate_private_key(SECP256R1())))
    with pytest.raises(ValueError, match="is no Ed25519 key"):
        load_key(path)
    path.write_bytes(b"hello")
    with pytest.raises(ValueError):  # noqa: PT011  cryptography's own words, which change
        load_key(path)
    with pytest.raises(FileNotFoundError):
        load_key(tmp_path / "nowhere.pem")


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    assert write(one) == write(two)
    names = sorted(path.name for path in one.iterdir())
    assert names == [
        "README.md",
        "config.json",
        "manifest.json",
        "manifest.sig",
        "model.batched.onnx",
        "model.onnx",
    ]
    for name in names:
        assert (one / name).read_bytes() == (two / name).read_bytes(), name


def test_writing_again_replaces_what_was_there(tmp_path: Path) -> None:
    first = write(tmp_path)
    second = write(tmp_path, config=config(0.5))
    assert first != second
    assert load_bundle(tmp_path, pinned_keys=PINNED).spec.thresholds.gentle == (0.5,) * 4


def test_the_date_is_the_one_that_reproducible_builds_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert created() == "1970-01-01T00:00:00Z"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    assert created() == "2027-01-15T08:00:00Z"
    write(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_bytes())
    assert manifest["created"] == "2027-01-15T08:00:00Z"


def test_the_twin_brings_no_table_of_its_own(tmp_path: Path) -> None:
    write(tmp_path)
    sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert sizes["model.batched.onnx"] < sizes["model.onnx"] / 2
