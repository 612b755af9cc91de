"""The frame: what is installed, what it depends on, what has to be in the checkout."""

from __future__ import annotations

import json
import os
import re
import runpy
import tomllib
from importlib import metadata
from pathlib import Path

import jsonschema
import pytest

import nudge_sdk

BUNDLE = {
    "README.md", "config.json", "manifest.json", "manifest.sig", "model.batched.onnx", "model.onnx",
}  # fmt: skip
TOP = {
    "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md",
    "docs", "examples", "harness", "models", "nudge_sdk", "pyproject.toml", "tests", "tox.ini",
}  # fmt: skip
WORKPLACE = r"/(tmp|work|root)/|/home/[a-z]"


def project(root: Path) -> dict[str, object]:
    table = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    found: dict[str, object] = table["project"]
    return found


@pytest.mark.skipif("TOX_ENV_NAME" not in os.environ, reason="only tox installs the wheels")
def test_tests_run_against_the_installed_wheels() -> None:
    import nudge_harness

    for package in (nudge_sdk, nudge_harness):
        assert "site-packages" in Path(str(package.__file__)).parts


def test_the_sdk_depends_on_three_packages(root: Path) -> None:
    dependencies = project(root)["dependencies"]
    assert isinstance(dependencies, list)
    names = sorted(re.split(r"[^a-z]", item)[0] for item in dependencies)
    assert names == ["cryptography", "numpy", "onnxruntime"]


def test_the_lowest_versions_are_those_that_tox_tries(root: Path) -> None:
    dependencies = project(root)["dependencies"]
    assert isinstance(dependencies, list)
    tried = dict(re.findall(r"(\w+)==([\d.]+)", (root / "tox.ini").read_text("utf-8")))
    for item in dependencies:
        name, lowest = item.split(">=")
        assert tried[name].startswith(f"{lowest}."), name


def test_the_wheel_has_the_bundle_and_its_data() -> None:
    home = Path(nudge_sdk.__file__).parent
    bundle = home / "models" / "en_v1"
    folder = bundle if bundle.is_dir() else home.parent / "models" / "en_v1"
    assert {file.name for file in folder.iterdir()} >= BUNDLE
    data = {"policy.json", "policy.schema.json", "nudge.schema.json", "help_contacts.json"}
    data |= {"draft_rules.json", "pause.schema.json"}
    assert {file.name for file in home.iterdir()} >= data | {"py.typed"}


def test_every_bundle_file_is_named_in_the_wheel(root: Path) -> None:
    table = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    included = table["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert set(included) == {f"models/en_v1/{name}" for name in BUNDLE}
    assert all(inside == f"nudge_sdk/{outside}" for outside, inside in included.items())


def test_schemas_are_schemas() -> None:
    for file in Path(nudge_sdk.__file__).parent.glob("*.schema.json"):
        schema = json.loads(file.read_text("utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)


def test_public_names_are_few_and_there() -> None:
    assert len(nudge_sdk.__all__) <= 12
    assert all(hasattr(nudge_sdk, name) for name in nudge_sdk.__all__)
    assert set(dir(nudge_sdk)) == {*nudge_sdk.__all__, "__version__"}


def test_versions_agree(root: Path) -> None:
    version = str(project(root)["version"])
    assert f"version: {version}\n" in (root / "CITATION.cff").read_text("utf-8")
    if "TOX_ENV_NAME" in os.environ:
        assert metadata.version("nudge-sdk") == version == nudge_sdk.__version__


def test_top_level_is_as_designed(root: Path) -> None:
    seen = {item.name for item in root.iterdir() if not item.name.startswith(".")}
    assert seen >= TOP


def test_no_file_names_a_path_of_the_machine_it_was_written_on(root: Path) -> None:
    kinds = {".py", ".md", ".toml", ".ini", ".cff", ".yml", ".json", ".script", ".phrases", ""}
    folders = ("nudge_sdk", "harness", "models", "examples", "docs", ".github", ".ci", "tests")
    files = [file for folder in folders for file in (root / folder).rglob("*")]
    files += [file for file in root.iterdir() if file.is_file()]
    for file in files:
        if not file.is_file() or file.suffix not in kinds or "__pycache__" in file.parts:
            continue
        if file == Path(__file__).resolve():
            continue
        assert not re.search(WORKPLACE, file.read_text("utf-8", "replace")), file.name


def test_the_false_alarm_form_asks_for_the_trace_and_never_the_chat(root: Path) -> None:
    form = (root / ".github" / "ISSUE_TEMPLATE" / "false-alarm.yml").read_text("utf-8")
    assert "trace.jsonl" in form and "do not paste, describe or attach the chat" in form


def test_everything_that_is_asked_for_is_pinned_with_hashes(root: Path) -> None:
    """`tox -e lock` after a change of either pyproject.toml."""
    lock = runpy.run_path(str(root / ".ci" / "lock.py"))
    sdk, rest = lock["asked_for"](root)
    for name, wanted in {"sdk.txt": sdk, "dev.txt": [*sdk, *rest]}.items():
        text = (root / "requirements" / name).read_text("utf-8")
        blocks = re.findall(
            r"^([a-z0-9-]+)==\S+.*((?:\n    --hash=sha256:[0-9a-f]{64}.*)+)", text, re.MULTILINE
        )
        pinned = {pin for pin, _ in blocks}
        assert len(blocks) == len(re.findall(r"^\S", text, re.MULTILINE)), "a pin without a hash"
        asked = {re.split(r"[^A-Za-z0-9._-]", item)[0].lower() for item in wanted}
        assert {re.sub(r"[._]", "-", item) for item in asked} <= pinned
