"""A bundle is trusted or refused with the error that names the broken check.

Every attack is one change of the simulator. ``ATTACKS`` are made without the key or on the way, or
by whoever holds the key and errs; none of them ever gives a bundle.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import onnx
import onnxruntime
import pytest

from nudge_sdk import errors
from nudge_sdk._onnx import SingleModel
from nudge_sdk.bundle import (
    CHECKS,
    RELEASE_FINGERPRINT,
    RELEASE_KEYS,
    Manifest,
    fingerprint,
    load_bundle,
    verify,
)
from nudge_sdk.bundle.manifest import MAX_FILE
from tests import toy
from tests.simulator import KEY, OTHER_KEY, PINNED, BundleSimulator, raw_public

if TYPE_CHECKING:
    from pathlib import Path

Attack = Callable[[BundleSimulator], object]


class Case(NamedTuple):
    """An attack, the error that it must end in, and words of its message."""

    attack: Attack
    error: type[errors.BundleError]
    check: str
    says: str


def signed_table(change: Callable[[dict[str, Any]], object]) -> Attack:
    """The holder of the key signs a wrong manifest."""

    def attack(sim: BundleSimulator) -> None:
        change(sim.table)
        sim.sign()

    return attack


def signed_config(change: Callable[[dict[str, Any]], object]) -> Attack:
    """The holder of the key signs a wrong configuration."""

    def attack(sim: BundleSimulator) -> None:
        change(sim.config)
        sim.list_files()
        sim.sign()

    return attack


def signed_file(name: str, raw: bytes) -> Attack:
    """The holder of the key signs a wrong file."""

    def attack(sim: BundleSimulator) -> None:
        sim.files[name] = raw
        sim.list_files()
        sim.sign()

    return attack


def flipped(raw: bytes, at: int = -1) -> bytes:
    changed = bytearray(raw)
    changed[at] ^= 1
    return bytes(changed)


def other_file(name: str, change: Callable[[bytes], bytes]) -> Attack:
    """Somebody changes a file on the way."""
    return lambda sim: sim.files.update({name: change(sim.files[name])})


def put(name: str) -> Attack:
    """A manifest that names a file which is no plain name."""
    return signed_table(lambda table: table["files"].update({name: table["files"]["README.md"]}))


def outside(place: str) -> Attack:
    """The holder of the key signs a graph whose weights lie in a file that nobody has signed."""

    def attack(sim: BundleSimulator) -> None:
        model = onnx.load_from_string(sim.files["model.onnx"])
        (weights,) = (item for item in model.graph.initializer if item.name == "weights")
        length = str(len(weights.raw_data))
        weights.ClearField("raw_data")
        weights.data_location = onnx.TensorProto.EXTERNAL
        for key, value in {"location": place, "offset": "0", "length": length}.items():
            weights.external_data.add(key=key, value=value)
        signed_file("model.onnx", model.SerializeToString())(sim)

    return attack


def infinite(sim: BundleSimulator) -> None:
    """1e999 is valid JSON and reads as infinity."""
    strong = '"strong": {"grooming": '
    raw = json.dumps(sim.config).replace(f"{strong}0.9", f"{strong}1e999").encode()
    sim.files["config.json"] = raw
    entry = {"sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)}
    sim.table["files"]["config.json"] = entry
    sim.sign()


damaged, missing = errors.BundleDamagedError, errors.BundleMissingError
untrusted, schema = errors.BundleUntrustedError, errors.BundleSchemaError

ATTACKS = {
    # Before anything is read for its meaning.
    "manifest of a megabyte": Case(
        lambda sim: sim.sign_bytes(sim.manifest + b" " * 2**20),
        damaged, "length", "manifest.json is over 65536 bytes",
    ),
    "signature too short": Case(
        lambda sim: setattr(sim, "signature", sim.signature[:-1]),
        damaged, "length", "manifest.sig is not 64 bytes",
    ),
    "signature too long": Case(
        lambda sim: setattr(sim, "signature", sim.signature + b"\0"),
        damaged, "length", "manifest.sig is not 64 bytes",
    ),
    # Without the key.
    "signature with a flipped bit": Case(
        lambda sim: setattr(sim, "signature", flipped(sim.signature)),
        untrusted, "signature", "no pinned key",
    ),
    "manifest with a space more": Case(
        lambda sim: setattr(sim, "manifest", sim.manifest + b" "),
        untrusted, "signature", "no pinned key",
    ),
    "signed by somebody else": Case(
        lambda sim: sim.sign(OTHER_KEY), untrusted, "signature", "no pinned key"
    ),
    "signature of another file": Case(
        lambda sim: setattr(sim, "signature", KEY.sign(sim.files["config.json"])),
        untrusted, "signature", "no pinned key",
    ),
    "signature of the manifest's hash": Case(
        lambda sim: setattr(sim, "signature", KEY.sign(hashlib.sha256(sim.manifest).digest())),
        untrusted, "signature", "no pinned key",
    ),
    # Signed, and not what this SDK accepts.
    "manifest that is no JSON": Case(
        lambda sim: sim.sign_bytes(b"{"), damaged, "manifest", "is not JSON"
    ),
    "manifest that is no UTF-8": Case(
        lambda sim: sim.sign_bytes(b'{"name": "\xff"}'), damaged, "manifest", "is not JSON"
    ),
    "manifest nested 10,000 deep": Case(
        lambda sim: sim.sign_bytes(b"[" * 10_000), damaged, "manifest", "is not JSON"
    ),
    "manifest that is a list": Case(
        lambda sim: sim.sign_bytes(b"[]"), damaged, "manifest", "document must be an object"
    ),
    "key given twice": Case(
        lambda sim: sim.sign_bytes(sim.manifest[:-1] + b', "name": "toy"}'),
        damaged, "manifest", "has a key twice",
    ),
    "not a number": Case(
        lambda sim: sim.sign_bytes(sim.manifest.replace(b'"schema": 1', b'"schema": NaN')),
        damaged, "manifest", "has NaN or infinity",
    ),
    "manifest of a later format": Case(
        signed_table(lambda table: table.update(schema=2, novelty={})),
        schema, "schema", "schema is 2, this SDK reads up to 1",
    ),
    "manifest without a schema": Case(
        signed_table(lambda table: table.pop("schema")), damaged, "manifest", "schema is missing"
    ),
    "unknown key": Case(
        signed_table(lambda table: table.update(remote="list")),
        damaged, "manifest", "remote is unknown",
    ),
    "unknown key of a file": Case(
        signed_table(lambda table: table["files"]["model.onnx"].update(url="x")),
        damaged, "manifest", "files.'model.onnx'.url is unknown",
    ),
    "unknown key of the version": Case(
        signed_table(lambda table: table["version"].update(channel="x")),
        damaged, "manifest", "version.channel is unknown",
    ),
    "name that is a path": Case(
        signed_table(lambda table: table.update(name="../toy")),
        damaged, "manifest", "name must be 1 to 32",
    ),
    "release that is true": Case(
        signed_table(lambda table: table["version"].update(release=True)),
        damaged, "manifest", "version.release must be a whole number",
    ),
    "release that is a text": Case(
        signed_table(lambda table: table["version"].update(release="3")),
        damaged, "manifest", "version.release must be a whole number",
    ),
    "release below one": Case(
        signed_table(lambda table: table["version"].update(release=0)),
        damaged, "manifest", "version.release must be from 1",
    ),
    "version with a line break": Case(
        signed_table(lambda table: table["version"].update(text="1\n2")),
        damaged, "manifest", "version.text must be 1 to 64",
    ),
    "created last Tuesday": Case(
        signed_table(lambda table: table.update(created="last Tuesday")),
        damaged, "manifest", "created must be a time",
    ),
    "path to the parent": Case(
        put("../../etc/passwd"), damaged, "manifest", "'../../etc/passwd' is not a plain file name"
    ),
    "absolute path": Case(
        put("/etc/passwd"), damaged, "manifest", "'/etc/passwd' is not a plain file name"
    ),
    "path into a folder": Case(
        put("a/b"), damaged, "manifest", "'a/b' is not a plain file name"
    ),
    "path of another system": Case(
        put("..\\model"), damaged, "manifest", "is not a plain file name"
    ),
    "path of a drive": Case(put("C:model"), damaged, "manifest", "'C:model' is not a plain"),
    "parent itself": Case(put(".."), damaged, "manifest", "'..' is not a plain"),
    "hidden file": Case(put(".model"), damaged, "manifest", "'.model' is not a plain"),
    "empty file name": Case(put(""), damaged, "manifest", "'' is not a plain"),
    "file name in look-alike letters": Case(
        put("mоdel.onnx"), damaged, "manifest", "'mоdel.onnx' is not a plain"
    ),
    "file name with NUL": Case(put("a\0b"), damaged, "manifest", "is not a plain"),
    "manifest that vouches for itself": Case(
        put("manifest.json"), damaged, "manifest", "'manifest.json' cannot vouch for itself"
    ),
    "a thousand files": Case(
        signed_table(
            lambda table: table["files"].update(
                {f"f{i}": table["files"]["README.md"] for i in range(1000)}
            )
        ),
        damaged, "length", "manifest.json is over",
    ),
    "seventeen files": Case(
        signed_table(
            lambda table: table["files"].update(
                {f"f{i}": table["files"]["README.md"] for i in range(13)}
            )
        ),
        damaged, "manifest", "has more than 16 files",
    ),
    "no model": Case(
        signed_table(lambda table: table["files"].pop("model.onnx")),
        damaged, "manifest", "'model.onnx' is missing",
    ),
    "file of many gigabytes": Case(
        signed_table(lambda table: table["files"]["model.onnx"].update(bytes=MAX_FILE + 1)),
        damaged, "manifest", "'model.onnx'.bytes must be from 0",
    ),
    "hash that is too short": Case(
        signed_table(lambda table: table["files"]["model.onnx"].update(sha256="ab")),
        damaged, "manifest", "'model.onnx'.sha256 must be 64",
    ),
    # Signed, and older than what this device has accepted.
    "older release": Case(
        signed_table(lambda table: table["version"].update(release=2)),
        errors.BundleRollbackError, "version", "release 2 is older than 3",
    ),
    "older release, sold as another bundle": Case(
        signed_table(lambda table: table.update(name="toy2", version={"release": 2, "text": "9"})),
        errors.BundleRollbackError, "version", "release 2 is older than 3",
    ),
    "signature of the release before": Case(
        lambda sim: setattr(sim, "signature", BundleSimulator(release=2).signature),
        untrusted, "signature", "no pinned key",
    ),
    # Files changed on the way.
    "file missing": Case(
        lambda sim: sim.files.pop("model.onnx"), missing, "files", "model.onnx cannot be read"
    ),
    "card missing": Case(
        lambda sim: sim.files.pop("README.md"), missing, "files", "README.md cannot be read"
    ),
    "file truncated": Case(
        other_file("model.onnx", lambda raw: raw[:-1]),
        damaged, "size", "model.onnx is shorter",
    ),
    "file emptied": Case(
        other_file("config.json", lambda _: b""), damaged, "size", "config.json is shorter"
    ),
    "file with more at its end": Case(
        other_file("model.onnx", lambda raw: raw + b"\0"),
        damaged, "size", "model.onnx is longer",
    ),
    "file with a flipped bit": Case(
        other_file("model.onnx", flipped), damaged, "hash", "model.onnx has another SHA-256"
    ),
    "batched file with a flipped bit": Case(
        other_file("model.batched.onnx", flipped),
        damaged, "hash", "model.batched.onnx has another SHA-256",
    ),
    "threshold raised on the way": Case(
        other_file("config.json", lambda raw: raw.replace(b"0.5", b"1.0", 1)),
        damaged, "hash", "config.json has another SHA-256",
    ),
    "model of another signed bundle": Case(
        other_file("model.onnx", lambda _: toy.batched_model()), damaged, "size", "model.onnx is"
    ),
    "card rewritten": Case(
        other_file("README.md", lambda _: b"# t0y\n"), damaged, "hash", "README.md has another"
    ),
    # Signed, and a configuration that would fail silently.
    "configuration of a later format": Case(
        signed_config(lambda config: config.update(schema=9)),
        schema, "schema", "schema is 9, this SDK reads up to 1",
    ),
    "configuration with an unknown key": Case(
        signed_config(lambda config: config.update(server="x")),
        damaged, "config", "server is unknown",
    ),
    "one risk more": Case(
        signed_config(lambda config: config["risks"].append("politics")),
        damaged, "config", "risks are not the ones that this SDK reads",
    ),
    "cues in another order": Case(
        signed_config(lambda config: config["cues"].reverse()),
        damaged, "config", "cues are not the ones",
    ),
    "threshold of a cue missing": Case(
        signed_config(lambda config: config["thresholds"]["cue"].pop("threat")),
        damaged, "config", "thresholds.cue.threat must be a number",
    ),
    "threshold of zero": Case(
        signed_config(lambda config: config["thresholds"]["gentle"].update(grooming=0)),
        damaged, "config", "thresholds.gentle.grooming must be above 0",
    ),
    "threshold out of reach": Case(
        signed_config(lambda config: config["thresholds"]["gentle"].update(coercion=1.5)),
        damaged, "config", "thresholds.gentle.coercion must be above 0",
    ),
    "threshold with 400 digits": Case(
        signed_config(lambda config: config["thresholds"]["cue"].update(threat=10**400)),
        damaged, "config", "thresholds.cue.threat must be above 0",
    ),
    "threshold that is infinite": Case(
        infinite, damaged, "config", "thresholds.strong.grooming must be above 0"
    ),
    "strong below gentle": Case(
        signed_config(lambda config: config["thresholds"]["strong"].update(scam_lure=0.1)),
        damaged, "config", "thresholds.strong.scam_lure is below the gentle",
    ),
    "threshold of an unknown risk": Case(
        signed_config(lambda config: config["thresholds"]["strong"].update(politics=0.5)),
        damaged, "config", "thresholds.strong.politics is unknown",
    ),
    "threshold of an unknown kind": Case(
        signed_config(lambda config: config["thresholds"].update(report=0.5)),
        damaged, "config", "thresholds.report is unknown",
    ),
    "state that is too large": Case(
        signed_config(lambda config: config.update(state_size=65)),
        damaged, "config", "state_size must be from 1 to 64",
    ),
    "windows that do not move": Case(
        signed_config(lambda config: config.update(overlap=toy.CAP)),
        damaged, "config", "overlap must be from 0 to 63",
    ),
    "windows without a tail": Case(
        signed_config(lambda config: config.update(windows=1)),
        damaged, "config", "windows must be from 2",
    ),
    "configuration of another bundle": Case(
        signed_config(lambda config: config.update(name="toy2")),
        damaged, "config", "name is not the manifest's",
    ),
    # Signed, and no graph that this SDK can run.
    "graph that is no graph": Case(
        signed_file("model.onnx", b"not a graph"), damaged, "graph", "cannot read the graph"
    ),
    "batched graph in place of the single one": Case(
        signed_file("model.onnx", toy.batched_model()), damaged, "graph", "ports are not"
    ),
    "graph with weights beside the process": Case(
        outside("weights.bin"), damaged, "graph", "asks for a file outside of the bundle"
    ),
    "graph with weights elsewhere": Case(
        outside("../../weights.bin"), damaged, "graph", "asks for a file outside of the bundle"
    ),
    "graph with another state": Case(
        signed_config(lambda config: config.update(state_size=7)),
        damaged, "graph", "state is not tensor(float) 7",
    ),
}  # fmt: skip


def opened(folder: Path) -> SingleModel:
    bundle = load_bundle(folder, pinned_keys=PINNED, last_version=3)
    return SingleModel(bundle.files["model.onnx"], bundle.spec)


@pytest.mark.parametrize("name", ATTACKS)
def test_every_attack_ends_in_its_own_error(name: str, tmp_path: Path) -> None:
    case = ATTACKS[name]
    sim = BundleSimulator()
    case.attack(sim)
    with pytest.raises(errors.BundleError) as caught:
        opened(sim.write(tmp_path / "bundle"))
    assert type(caught.value) is case.error
    assert caught.value.check == case.check
    assert case.says in str(caught.value)


def test_the_attacks_are_many_and_told_apart() -> None:
    """At least 20 different errors, counted by their whole words; every name of `CHECKS` occurs."""
    told = {(case.error, case.check, case.says) for case in ATTACKS.values()}
    assert len(told) >= 40
    assert {case.check for case in ATTACKS.values()} == set(CHECKS)


def test_the_bundle_that_nobody_touched_is_accepted(tmp_path: Path) -> None:
    sim = BundleSimulator()
    bundle = load_bundle(sim.write(tmp_path / "b"), pinned_keys=PINNED, last_version=3)
    assert (bundle.manifest.name, bundle.manifest.version.release) == ("toy", 3)
    assert bundle.signer == fingerprint(PINNED[0])
    assert bundle.files == {"model.onnx": sim.files["model.onnx"]}
    assert bundle.spec.thresholds == toy.THRESHOLDS
    assert bundle.spec.model_id == hashlib.sha256(sim.files["model.onnx"]).digest()[:8]
    assert "letters" not in repr(bundle)  # no bytes of the graph


def test_a_newer_release_and_a_first_one_are_accepted() -> None:
    sim = BundleSimulator(release=9)
    for last in (None, 1, 9):
        verify(sim.manifest, sim.signature, sim.read, pinned_keys=PINNED, last_version=last)


def test_any_of_several_pinned_keys_may_have_signed() -> None:
    sim = BundleSimulator()
    keys = (raw_public(OTHER_KEY), *PINNED)
    bundle = verify(sim.manifest, sim.signature, sim.read, pinned_keys=keys)
    assert bundle.signer == fingerprint(PINNED[0])


@pytest.mark.parametrize("keys", [(), (b"short",), ("x" * 32,), (PINNED[0], b"")])
def test_pinning_nothing_or_no_key_is_wrong_usage(keys: Any) -> None:
    sim = BundleSimulator()
    with pytest.raises(errors.UsageError, match="pinned_keys"):
        verify(sim.manifest, sim.signature, sim.read, pinned_keys=keys)


def test_every_file_is_read_once_and_what_was_hashed_is_what_is_used() -> None:
    """A file that changes between check and use cannot be had."""
    sim = BundleSimulator()
    read: list[str] = []

    def changing(name: str, most: int) -> bytes:
        read.append(name)
        return sim.read(name, most) if read.count(name) == 1 else b"evil"

    bundle = verify(sim.manifest, sim.signature, changing, pinned_keys=PINNED)
    assert sorted(read) == sorted(sim.files)
    assert bundle.files["model.onnx"] == sim.files["model.onnx"]


def test_no_more_is_asked_for_than_the_manifest_says_and_one_byte() -> None:
    sim = BundleSimulator()
    asked: dict[str, int] = {}

    def counting(name: str, most: int) -> bytes:
        asked[name] = most
        return sim.read(name, most)

    verify(sim.manifest, sim.signature, counting, pinned_keys=PINNED)
    assert asked == {name: len(raw) + 1 for name, raw in sim.files.items()}


MENDS: dict[str, Attack] = {
    "length": lambda sim: setattr(sim, "signature", sim.signature[:-1]),
    "signature": lambda sim: sim.sign(),
    "manifest": signed_table(lambda table: table.pop("remote")),
    "files": lambda sim: sim.files.update({"model.onnx": b""}),
    "size": lambda sim: sim.files.update({"model.onnx": flipped(toy.single_model())}),
    "hash": lambda sim: sim.files.update({"model.onnx": toy.single_model()}),
    "version": signed_table(lambda table: table["version"].update(release=3)),
    "schema": signed_config(lambda config: config.update(schema=1, cap=0)),
    "config": signed_config(lambda config: config.update(cap=toy.CAP, state_size=7)),
    "graph": signed_config(lambda config: config.update(state_size=toy.STATE)),
}


def checked(sim: BundleSimulator) -> SingleModel:
    bundle = verify(sim.manifest, sim.signature, sim.read, pinned_keys=PINNED, last_version=3)
    return SingleModel(bundle.files["model.onnx"], bundle.spec)


def test_the_checks_run_in_their_order() -> None:
    """DESIGN.md, section 5: a bundle with every fault, mended one by one from the first check."""
    sim = BundleSimulator(release=2)
    sim.config["schema"] = 9
    sim.list_files()
    sim.table["remote"] = "list"
    sim.sign(OTHER_KEY)
    sim.signature += b"\0"
    del sim.files["model.onnx"]
    for check in CHECKS:
        with pytest.raises(errors.BundleError) as caught:
            checked(sim)
        assert caught.value.check == check
        MENDS[check](sim)
    checked(sim)


def test_bytes_reach_onnxruntime_after_every_other_check_and_from_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sim = BundleSimulator()
    folder = sim.write(tmp_path / "b")
    given: list[object] = []
    real = onnxruntime.InferenceSession

    def opens(model: object, *args: Any, **kwargs: Any) -> Any:
        given.append(model)
        return real(model, *args, **kwargs)

    monkeypatch.setattr(onnxruntime, "InferenceSession", opens)
    for name, case in ATTACKS.items():
        if case.check != "graph":
            attacked = BundleSimulator()
            case.attack(attacked)
            with pytest.raises(errors.BundleError):
                opened(attacked.write(tmp_path / str(len(name)) / name.replace(" ", "_")))
    assert given == []
    bundle = load_bundle(folder, pinned_keys=PINNED)
    for path in folder.iterdir():
        path.write_bytes(b"changed after the check")
    SingleModel(bundle.files["model.onnx"], bundle.spec)
    assert given == [sim.files["model.onnx"]]


def test_nothing_is_read_before_the_signature_holds() -> None:
    sim = BundleSimulator()

    def never(name: str, most: int) -> bytes:
        raise AssertionError(name, most)

    with pytest.raises(errors.BundleUntrustedError):
        verify(sim.manifest, bytes(64), never, pinned_keys=PINNED)


def test_a_part_that_the_bundle_does_not_have_is_missing() -> None:
    sim = BundleSimulator()
    with pytest.raises(errors.BundleMissingError, match=r"extra.onnx is not part"):
        verify(sim.manifest, sim.signature, sim.read, pinned_keys=PINNED, keep=("extra.onnx",))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(errors.BundleMissingError, match="folder is not there"):
        load_bundle(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig"])
def test_a_folder_without_manifest_or_signature(name: str, tmp_path: Path) -> None:
    folder = BundleSimulator().write(tmp_path / "b")
    (folder / name).unlink()
    with pytest.raises(errors.BundleMissingError, match=f"{name} cannot be read"):
        load_bundle(folder, pinned_keys=PINNED)


@pytest.mark.parametrize("name", ["model.onnx", "manifest.json"])
def test_a_pipe_in_place_of_a_file_does_not_hang(name: str, tmp_path: Path) -> None:
    folder = BundleSimulator().write(tmp_path / "b")
    (folder / name).unlink()
    os.mkfifo(folder / name)
    with pytest.raises(errors.BundleMissingError, match=f"{name} cannot be read"):
        load_bundle(folder, pinned_keys=PINNED)


def test_a_link_to_an_endless_device_is_not_followed(tmp_path: Path) -> None:
    folder = BundleSimulator().write(tmp_path / "b")
    (folder / "model.onnx").unlink()
    (folder / "model.onnx").symlink_to("/dev/zero")
    with pytest.raises(errors.BundleMissingError, match=r"model\.onnx cannot be read"):
        load_bundle(folder, pinned_keys=PINNED)


def test_a_file_that_the_manifest_does_not_name_is_never_read(tmp_path: Path) -> None:
    folder = BundleSimulator().write(tmp_path / "b")
    (folder / "more.json").write_text("{")
    assert "more.json" not in load_bundle(folder, pinned_keys=PINNED).manifest.files


def test_the_toy_key_is_not_trusted_by_default(tmp_path: Path) -> None:
    with pytest.raises(errors.BundleUntrustedError):
        load_bundle(BundleSimulator().write(tmp_path / "b"))


def test_a_written_manifest_reads_back_and_is_the_same_each_time() -> None:
    manifest = Manifest.from_bytes(BundleSimulator().manifest)
    raw = manifest.to_bytes()
    assert Manifest.from_bytes(raw) == manifest
    assert Manifest.from_bytes(raw).to_bytes() == raw


def test_the_pinned_release_key_is_the_published_one() -> None:
    published = "MCowBQYDK2VwAyEAaMVRYLCH84fDjM6NiJ/O18Yu10fr+Qf5faPQAMngJNc="
    assert base64.b64decode(published)[-32:] == RELEASE_KEYS[0]
    assert fingerprint(RELEASE_KEYS[0]) == RELEASE_FINGERPRINT
    assert len(RELEASE_KEYS) == 1


def test_errors_survive_a_process_border() -> None:
    """The harness's workers hand them on; nothing of them is lost."""
    error = errors.BundleDamagedError("x is y", "hash")
    again = type(error)(*error.args)
    assert (str(again), again.check) == ("hash: x is y", "hash")
