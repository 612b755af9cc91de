"""Coverage-guided fuzzing of everything that takes input from a contact (atheris, libFuzzer).

::

    python tests/fuzz/run.py --seconds 60                 # all targets, a share each: as CI does
    python tests/fuzz/run.py --runs 1000000 engine state  # some targets, so many executions each
    python tests/fuzz/run.py --seconds 600 --keep found   # and keep the inputs with a new path

Needs the dependency group ``fuzz``. Each target runs in a process of its own and prints one line:
executions, seconds, inputs of the corpus. Exit code 1: a finding; its input is printed in hex and
left under ``--keep``, and belongs into ``tests/fuzz/corpus`` with the fix.
"""

from __future__ import annotations

import argparse
import os
import re
import runpy
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
CORPUS: Final = ROOT / "tests" / "fuzz" / "corpus"
NAMES: Final = (
    "codepoints", "folding", "context", "engine", "manifest", "config", "bundle", "formats",
    "json_lines", "tables", "state", "graph",
)  # fmt: skip
INPUT: Final = 4096  # bytes at most
TIMEOUT: Final = 10  # seconds for one input: bounded time
MEMORY: Final = 2048  # megabytes for a whole run: bounded memory
_DONE: Final = re.compile(r"stat::number_of_executed_units:\s*(\d+)")


def _child(name: str, options: list[str]) -> None:
    """Fuzz one target in this process; ends it."""
    import atheris

    runpy.run_path(str(ROOT / "tests" / "conftest.py"))  # puts the checkout last on the path
    packages = ["nudge_sdk", "nudge_harness", "models.train.fold"]
    with atheris.instrument_imports(include=packages, enable_loader_override=False):
        from tests.fuzz import targets
    target = targets.PARSERS.get(name)
    if target is None:
        with atheris.instrument_imports(include=packages, enable_loader_override=False):
            from tests.fuzz import graph_target
        target = graph_target.graph
    atheris.Setup([sys.argv[0], *options], target)
    atheris.Fuzz()


def fuzz(name: str, *, seconds: float | None, runs: int | None, keep: Path, seed: int) -> bool:
    """Fuzz one target in a child; prints its line; whether nothing was found."""
    found, crashes = keep / name, keep / "findings"
    found.mkdir(parents=True, exist_ok=True)
    crashes.mkdir(parents=True, exist_ok=True)
    limits = [
        f"-max_len={INPUT}", f"-timeout={TIMEOUT}", f"-rss_limit_mb={MEMORY}", f"-seed={seed}",
        "-print_final_stats=1", f"-artifact_prefix={crashes}{os.sep}{name}-",
    ]  # fmt: skip
    if seconds is not None:
        limits.append(f"-max_total_time={max(1, round(seconds))}")
    if runs is not None:
        limits.append(f"-runs={runs}")
    began = time.monotonic()
    command = [sys.executable, __file__, "--child", name, *limits, str(found), str(CORPUS / name)]
    done = subprocess.run(  # noqa: S603  what is started is this file
        command, capture_output=True, text=True, errors="replace", check=False
    )
    executed = _DONE.search(done.stderr)
    well = done.returncode == 0 and executed is not None
    count = int(executed.group(1)) if executed else 0
    kept = sum(1 for _ in found.iterdir())
    took = time.monotonic() - began
    _say(
        f"{'ok' if well else 'FOUND':5} {name:<11} {count:>11,} executions {took:7.1f} s {kept:>5}"
    )
    if not well:
        _say(done.stderr[-4000:])
        for crash in sorted(crashes.glob(f"{name}-*")):
            _say(f"{crash.name}: {crash.read_bytes().hex()}")
    return well


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """All targets, or those that are named."""
    if sys.argv[1:2] == ["--child"]:
        _child(sys.argv[2], sys.argv[3:])
        return 0
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(NAMES))
    parser.add_argument("--seconds", type=float, help="for all targets together")
    parser.add_argument("--runs", type=int, help="executions of each target")
    parser.add_argument("--keep", type=Path, help="folder for what is found; a temporary one else")
    parser.add_argument("--seed", type=int, default=1, help="of libFuzzer (default: 1)")
    options = parser.parse_args()
    names = options.targets or list(NAMES)
    if unknown := set(names) - set(NAMES):
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    if options.seconds is None and options.runs is None:
        options.seconds = 60.0
    share = None if options.seconds is None else options.seconds / len(names)
    with tempfile.TemporaryDirectory() as folder:
        keep = options.keep or Path(folder)
        well = [
            fuzz(name, seconds=share, runs=options.runs, keep=keep, seed=options.seed)
            for name in names
        ]
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main())
