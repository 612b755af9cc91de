"""Processes of their own: cold starts, resident memory, instructions. They run `child`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nudge_sdk
from nudge_harness.bench import child
from nudge_harness.bench.loops import WARM_UP
from nudge_harness.errors import HarnessError
from nudge_harness.model import BundleChoice


class BenchError(HarnessError):
    """A process that the bench started did not end well."""


class Children:
    """Processes of their own: cold starts, memory, instructions."""

    def __init__(self, choice: BundleChoice, graph: bytes, texts: Sequence[str]) -> None:
        self._choice, self._graph, self._texts = choice, graph, texts

    def engine(self) -> dict[str, Any]:
        """``seconds`` to the first result and ``resident`` bytes at the peak, of the engine."""
        return self._report("engine", WARM_UP)

    def noop(self) -> dict[str, Any]:
        """The same of the reference."""
        return self._report("noop", WARM_UP)

    def instructions(self) -> int | None:
        """Instructions for one message, the difference of two runs; ``None`` without valgrind."""
        valgrind = shutil.which("valgrind")
        if valgrind is None:
            return None
        few, many = 50, 250
        tool = [valgrind, "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
        counts = []
        for messages in (few, many):
            said = self._run("engine", messages, tool).stderr
            found = re.search(r"I\s+refs:\s+([\d,]+)", said)
            if found is None:
                return None
            counts.append(int(found[1].replace(",", "")))
        return round((counts[1] - counts[0]) / (many - few))

    def _report(self, mode: str, messages: int) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self._run(mode, messages, []).stdout)
        return loaded

    def _run(self, mode: str, messages: int, tool: list[str]) -> subprocess.CompletedProcess[str]:
        with tempfile.TemporaryDirectory() as folder:
            noop, texts = Path(folder, "noop.onnx"), Path(folder, "texts.json")
            noop.write_bytes(self._graph)
            texts.write_text(json.dumps(self._texts[:messages]), encoding="utf-8")
            options = {
                "bundle": str(self._choice.folder or ""),
                "key": (self._choice.key or b"").hex(),
                "noop": str(noop),
                "texts": str(texts),
                "calls": messages,
            }
            command = [sys.executable, "-P", child.__file__, mode, json.dumps(options)]
            done = subprocess.run(  # noqa: S603  (our own interpreter and file)
                [*tool, *command], capture_output=True, text=True, check=False, env=_environment()
            )
        if done.returncode:
            raise BenchError(f"the {mode} process ended with code {done.returncode}")
        return done


def _environment() -> dict[str, str]:
    """This process's, with the SDK on the path and a fixed hash seed for equal counts."""
    home = str(Path(nudge_sdk.__file__).parent.parent)
    known = os.environ.get("PYTHONPATH")
    path = home if not known else os.pathsep.join((home, known))
    return {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "0"}
