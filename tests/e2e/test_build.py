"""What is released can be made again byte by byte, in an environment pinned by hashes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

SKIPPED = ("__pycache__", ".*", "dist", "nudge-run", "*.egg-info")
DIRECT = {"cryptography", "numpy", "onnxruntime"}


def start(*command: object, cwd: Path, umask: int = 0o022, **environ: str) -> str:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(  # noqa: S603  what is started is our own
        [str(word) for word in command],
        cwd=cwd,
        env={**inherited, **environ},
        umask=umask,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def python(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with the hashed development environment and nothing else."""
    folder = tmp_path_factory.mktemp("hashed")
    venv.create(folder, with_pip=True)
    own = folder / "bin" / "python"
    pins = root / "requirements" / "dev.txt"
    start(own, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", pins, cwd=folder)
    start(own, "-m", "pip", "check", cwd=folder)
    return own


def copied(root: Path, to: Path, time: int) -> Path:
    """The checkout elsewhere, as of another time."""
    shutil.copytree(root, to, ignore=shutil.ignore_patterns(*SKIPPED))
    shutil.copytree(root / ".ci", to / ".ci", ignore=shutil.ignore_patterns("__pycache__"))
    for path in to.rglob("*"):
        os.utime(path, (time, time))
    return to


@pytest.fixture(scope="module")
def builds(root: Path, python: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two releases: from other folders, of other times, under another umask and hash seed."""
    folder = tmp_path_factory.mktemp("build")
    found = []
    for name, time, umask, seed in (
        ("a", 1_000_000_000, 0o022, "1"),
        ("bb", 1_700_000_000, 0o077, "2"),
    ):
        checkout = copied(root, folder / name / "nudge", time)
        output = folder / f"{name}-out"
        start(
            python, ".ci/build.py", "-o", output,
            cwd=checkout, umask=umask, PYTHONHASHSEED=seed, TZ=f"UTC{len(name)}",
        )  # fmt: skip
        found.append(output)
    return found[0], found[1]


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.suffix == ".whl"
    }


def test_two_builds_give_the_same_bytes(builds: tuple[Path, Path]) -> None:
    one, two = map(hashes, builds)
    assert len(one) == 2
    assert one == two


def test_another_source_gives_other_bytes(
    root: Path, python: Path, builds: tuple[Path, Path], tmp_path: Path
) -> None:
    """Positive control: the comparison sees a space more."""
    checkout = copied(root, tmp_path / "c", 1_000_000_000)
    with (checkout / "nudge_sdk" / "cli.py").open("a", encoding="utf-8") as file:
        file.write(" \n")
    start(
        python, "-m", "build", "--wheel", "--no-isolation", "-o", tmp_path / "o", ".", cwd=checkout
    )
    assert not set(hashes(tmp_path / "o").values()) & set(hashes(builds[0]).values())


def test_the_list_of_hashes_is_that_of_the_files(builds: tuple[Path, Path]) -> None:
    lines = (builds[0] / "SHA256SUMS").read_text("ascii").splitlines()
    listed = {name: digest for digest, name in map(str.split, lines)}
    assert hashes(builds[0]).items() <= listed.items()
    assert set(listed) - set(hashes(builds[0])) == {"nudge-sdk.cdx.json"}


def test_the_sbom_names_all_that_is_installed_and_the_model(
    root: Path, python: Path, builds: tuple[Path, Path]
) -> None:
    table = json.loads((builds[0] / "nudge-sdk.cdx.json").read_text("utf-8"))
    assert (table["bomFormat"], table["metadata"]["component"]["name"]) == (
        "CycloneDX",
        "nudge-sdk",
    )
    wheel = next(name for name in hashes(builds[0]) if name.startswith("nudge_sdk"))
    own = table["metadata"]["component"]["hashes"]
    assert own == [{"alg": "SHA-256", "content": hashes(builds[0])[wheel]}]
    libraries = {
        canonicalize_name(item["name"]): item["version"]
        for item in table["components"]
        if item["type"] == "library"
    }
    pins = (root / "requirements" / "sdk.txt").read_text("utf-8")
    pinned = dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", pins, re.MULTILINE))
    assert DIRECT <= set(libraries) <= set(pinned)
    manifest = json.loads((root / "models" / "en_v1" / "manifest.json").read_text("utf-8"))
    (model,) = (item for item in table["components"] if item["type"] == "machine-learning-model")
    assert {part["name"]: part["hashes"][0]["content"] for part in model["components"]} == {
        name: entry["sha256"] for name, entry in manifest["files"].items()
    }


def test_the_sbom_is_the_same_each_time(builds: tuple[Path, Path]) -> None:
    one, two = ((folder / "nudge-sdk.cdx.json").read_text("utf-8") for folder in builds)
    assert one == two


def test_the_model_in_the_wheel_is_that_of_the_sbom(builds: tuple[Path, Path]) -> None:
    table = json.loads((builds[0] / "nudge-sdk.cdx.json").read_text("utf-8"))
    (model,) = (item for item in table["components"] if item["type"] == "machine-learning-model")
    wheel = next(builds[0].glob("nudge_sdk-*.whl"))
    with zipfile.ZipFile(wheel) as packed:
        for part in model["components"]:
            raw = packed.read(f"nudge_sdk/models/{model['name']}/{part['name']}")
            assert hashlib.sha256(raw).hexdigest() == part["hashes"][0]["content"]


def test_a_package_with_another_hash_is_refused(python: Path, tmp_path: Path) -> None:
    """Positive control of the pins."""
    (tmp_path / "wrong.txt").write_text("iniconfig==2.3.1 --hash=sha256:" + "0" * 64 + "\n")
    command = ("-m", "pip", "download", "--no-deps", "--require-hashes", "-r", "wrong.txt")
    done = subprocess.run(  # noqa: S603  what is started is our own
        [python, *command], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr
