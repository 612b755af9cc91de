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
from nudge_harness.bench import child, counted, marks
from nudge_harness.bench.loops import WARM_UP
from nudge_harness.errors import HarnessError
from nudge_harness.model import BundleChoice

_RISKY = ("2_new_friend.jsonl", "3_held_video.jsonl")  # the demo's, heard to the first nudge


_COUNTED = 150  # texts in valgrind, where each takes the graph a hundred times as long


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

    def instructions(self) -> dict[str, int] | None:
        """Instructions of one call of each stage; see `counted`. ``None`` where nothing counts."""
        valgrind = shutil.which("valgrind")
        if valgrind is None or not marks.possible():
            return None
        with tempfile.TemporaryDirectory() as folder:
            texts = Path(folder, "texts.json")
            texts.write_text(json.dumps(self._texts[:_COUNTED]), encoding="utf-8")
            options = {**self._named(), "texts": str(texts)}
            tool = [valgrind, "--tool=callgrind", "--instr-atstart=no"]
            tool.append(f"--callgrind-out-file={folder}/counts")
            ended([*tool, sys.executable, "-P", counted.__file__, json.dumps(options)], "counted")
            totals = dict(map(_count, Path(folder).glob("counts*")))
        empty = totals.pop(counted.EMPTY)
        totals.pop("", None)  # what callgrind writes at the end, of nothing
        return {name: round((n - empty) / counted.TIMES) for name, n in totals.items()}

    def _named(self) -> dict[str, str]:
        key = self._choice.key or b""
        return {"bundle": str(self._choice.folder or ""), "key": key.hex()}

    def _report(self, mode: str, messages: int) -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as folder:
            noop, texts = Path(folder, "noop.onnx"), Path(folder, "texts.json")
            noop.write_bytes(self._graph)
            demo = Path(nudge_sdk.__file__).with_name("demo_chats")
            texts.write_text(json.dumps(self._texts[:messages]), encoding="utf-8")
            options = {
                **self._named(),
                "noop": str(noop),
                "texts": str(texts),
                "chats": [str(demo / name) for name in _RISKY],
                "calls": messages,
            }
            command = [sys.executable, "-P", child.__file__, mode, json.dumps(options)]
            loaded: dict[str, Any] = json.loads(ended(command, mode))
        return loaded


def ended(command: list[str], name: str) -> str:
    """Run a command to its end; return what it printed.

    Raises:
        BenchError: it did not end well; ``name`` is what it is called there.
    """
    done = subprocess.run(  # noqa: S603  (our own interpreter and file)
        command, capture_output=True, text=True, check=False, env=_environment()
    )
    if done.returncode:
        raise BenchError(f"the {name} process ended with code {done.returncode}")
    return done.stdout


def _count(path: Path) -> tuple[str, int]:
    """The name that a file of callgrind was dumped under, empty for the last, and its total."""
    text = path.read_text(encoding="utf-8", errors="replace")
    name = re.search(r"^desc: Trigger: Client Request: (.*)$", text, re.MULTILINE)
    total = re.search(r"^(?:totals|summary): (\d+)", text, re.MULTILINE)
    return (name[1] if name else ""), (int(total[1]) if total else 0)


def _environment() -> dict[str, str]:
    """This process's, with the SDK on the path and a fixed hash seed for equal counts."""
    home = str(Path(nudge_sdk.__file__).parent.parent)
    known = os.environ.get("PYTHONPATH")
    path = home if not known else os.pathsep.join((home, known))
    return {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "0"}
