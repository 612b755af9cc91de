"""onnxruntime's telemetry is off before it is imported, whatever the host's environment says.

Each case is a process of its own: what was decided at the import cannot be undone. That nothing is
written or sent then is seen from outside: ``tests/e2e/test_zero_network.py``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.simulator import PINNED

if TYPE_CHECKING:
    from pathlib import Path

WATCH = """
import importlib.abc, os, sys

class Watch(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == "onnxruntime":
            print("import", os.environ.get("ORT_DISABLE_TELEMETRY"))

sys.meta_path.insert(0, Watch())
"""
OPEN = """
from nudge_sdk import Client, Profile
client = Client.open(Profile(), bundle=sys.argv[1], pinned_keys=[bytes.fromhex(sys.argv[2])])
print(client)
"""


def run(toy_bundle: Path, code: str, setting: str | None) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    environ.pop("ORT_DISABLE_TELEMETRY", None)
    if setting is not None:
        environ["ORT_DISABLE_TELEMETRY"] = setting
    command = [sys.executable, "-c", WATCH + code + OPEN, str(toy_bundle), PINNED[0].hex()]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=True)  # noqa: S603


@pytest.mark.parametrize("setting", [None, "0", "", "1"])
def test_it_is_off_before_the_import(toy_bundle: Path, setting: str | None) -> None:
    done = run(toy_bundle, "", setting)
    assert done.stdout.splitlines() == ["import 1", "<Client bundle=toy switch=full>"]
    assert done.stderr == ""


def test_a_host_that_imports_onnxruntime_after_the_sdk_has_it_off_too(toy_bundle: Path) -> None:
    done = run(toy_bundle, "import nudge_sdk, onnxruntime\n", None)
    assert done.stdout.splitlines()[0] == "import 1"
    assert done.stderr == ""


# An empty module in its place: the real one would write and send, which is what this is about.
EARLY = "import types\nsys.modules['onnxruntime'] = types.ModuleType('onnxruntime')\n"
REAL = "import nudge_sdk\ndel sys.modules['onnxruntime']\n"


@pytest.mark.parametrize(("setting", "warns"), [(None, True), ("0", True), ("1", False)])
def test_a_host_that_was_earlier_is_told(
    toy_bundle: Path, setting: str | None, warns: bool
) -> None:
    done = run(toy_bundle, EARLY + REAL, setting)
    assert done.stdout.endswith("<Client bundle=toy switch=full>\n")
    assert ("TelemetryWarning: onnxruntime was imported before nudge_sdk" in done.stderr) == warns


@pytest.mark.parametrize("package", ["nudge_harness.bench.loops", "models.train.reader"])
def test_the_harness_and_the_training_line_have_it_off_too(root: Path, package: str) -> None:
    path = os.pathsep.join([*filter(None, sys.path), str(root)])
    environ = {**os.environ, "PYTHONPATH": path}
    environ.pop("ORT_DISABLE_TELEMETRY", None)
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", f"{WATCH}\nimport {package}"],
        env=environ, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "import 1\n"
