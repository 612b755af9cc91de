"""Make again what is derived from the weights: `tox -e refresh`; with ``--check``, only look.

    python .ci/refresh.py [--check] [--only NAME ...] [--key PEM]

======================  =====================================================================
step                    what it makes, from what
======================  =====================================================================
``derive``              two numbers of ``nudge_sdk/policy.json``, from the model
``policy page``         ``docs/policy.md``, from the policy
``vectors``             ``tests/vectors/*.json``, from model, policy, copy and formats
``card``                ``models/en_v1/README.md``, from config.json and figures.json
``readme``              the README's block of figures, from figures.json
``demo picture``        ``docs/images/demo.svg``, from the demo's chats as the model hears them
======================  =====================================================================

In that order, each in a process of its own, for each reads what the one before has written. The
same commit gives the same bytes, so the diff is empty in CI. Not here: measured figures
(``models.train`` writes figures.json, with folders of real chats that nobody else has) and timings
(`tox -e figures` prints them), which no machine repeats to the byte.

The card is one of the bundle's signed files: one that has changed needs the release key
(``--key``), or the bundle would no longer verify. Everything is imported from the checkout.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Step:
    """A command, the files that it may write, and whether its output goes into the first."""

    command: tuple[str, ...]
    files: tuple[str, ...]
    captured: bool = False


STEPS: Final = {
    "derive": Step(
        ("-m", "nudge_harness", "derive", "-o", "nudge_sdk/policy.json"), ("nudge_sdk/policy.json",)
    ),
    "policy page": Step(("-m", "nudge_sdk", "policy"), ("docs/policy.md",), captured=True),
    "vectors": Step(("-m", "tests.vectors", "write"), ("tests/vectors/*.json",)),
    "card": Step(("-m", "models.train.again", "card"), ("models/en_v1/README.md",)),
    "readme": Step(("-m", "models.train.figures"), ("README.md",)),
    "demo picture": Step(("docs/images/draw_demo.py",), ("docs/images/demo.svg",)),
}


def main() -> int:
    """Run the steps and name the files that were stale."""
    parser = argparse.ArgumentParser(prog="python .ci/refresh.py", description=__doc__)
    parser.add_argument("--check", action="store_true", help="put everything back as it was")
    parser.add_argument("--only", nargs="+", choices=STEPS, default=list(STEPS), metavar="NAME")
    parser.add_argument("--key", help="release key (PEM), for a card that has changed")
    args = parser.parse_args()
    before = {path: path.read_bytes() for name in STEPS for path in files_of(STEPS[name])}
    try:
        for name in (name for name in STEPS if name in args.only):  # in their order
            sys.stdout.write(f"refresh: {name}\n")
            sys.stdout.flush()
            run(STEPS[name], ("--key", args.key) if name == "card" and args.key else ())
        after = {path: path.read_bytes() for name in args.only for path in files_of(STEPS[name])}
    finally:
        if args.check:
            for path, raw in before.items():
                path.write_bytes(raw)
    stale = sorted(str(path.relative_to(ROOT)) for path in after if after[path] != before.get(path))
    for path in stale:
        sys.stdout.write(f"refresh: {path} {'is stale' if args.check else 'was written'}\n")
    return 1 if args.check and stale else 0


def files_of(step: Step) -> list[Path]:
    """Files that a step may write and that are there."""
    return [path for pattern in step.files for path in sorted(ROOT.glob(pattern))]


def run(step: Step, more: tuple[str, ...]) -> None:
    """One step, with the checkout before whatever is installed."""
    path = os.pathsep.join((str(ROOT), str(ROOT / "harness"), os.environ.get("PYTHONPATH", "")))
    done = subprocess.run(  # noqa: S603  our own interpreter and modules
        [sys.executable, *step.command, *more],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path.rstrip(os.pathsep)},
        stdout=subprocess.PIPE,
        check=True,
    )
    if step.captured:
        (ROOT / step.files[0]).write_bytes(done.stdout)


if __name__ == "__main__":
    sys.exit(main())
