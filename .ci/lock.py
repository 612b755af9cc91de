"""Pin the development environment, with the hash of every file: ``tox -e lock``.

Reads what both ``pyproject.toml`` ask for and writes, by uv, for every platform and Python from
3.11 on:

``requirements/sdk.txt``  the SDK's own three dependencies and what these need: for hosts
``requirements/dev.txt``  that, the harness, tests, lint, fuzzers and build tools

    python -m pip install --require-hashes -r requirements/dev.txt
    python -m pip install --no-deps --no-build-isolation . ./harness
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
GROUPS = ("test", "lint", "fuzz", "build")
OWN = {"nudge-sdk", "nudge-harness"}


def asked_for(root: Path = ROOT) -> tuple[list[str], list[str]]:
    """Requirements of the SDK, and of all the rest; without this project's own distributions."""
    tables = [
        tomllib.loads((root / name).read_text("utf-8"))
        for name in ("pyproject.toml", "harness/pyproject.toml")
    ]
    sdk = list(tables[0]["project"]["dependencies"])
    more: list[str] = []
    for table in tables:
        project = table["project"]
        more += table["build-system"]["requires"] + project["dependencies"]
        for extra in project.get("optional-dependencies", {}).values():
            more += extra
        for name in GROUPS:
            more += _group(table.get("dependency-groups", {}), name)
    names = {re.split(r"[^A-Za-z0-9._-]", item)[0] for item in more} - OWN
    rest = [item for item in dict.fromkeys(more) if re.split(r"[^A-Za-z0-9._-]", item)[0] in names]
    return sdk, rest


def _group(groups: dict[str, list[Any]], name: str) -> list[str]:
    found: list[str] = []
    for item in groups.get(name, []):
        found += _group(groups, item["include-group"]) if isinstance(item, dict) else [item]
    return found


def pin(requirements: list[str], output: Path, *options: str) -> None:
    """Resolve requirements and write them with hashes; what is pinned already stays if it can."""
    command = [
        shutil.which("uv") or "uv", "pip", "compile", "-", "--universal", "--generate-hashes",
        "--python-version", "3.11", "--no-header", "--no-annotate", "--quiet", *options,
        "--output-file", str(output),
    ]  # fmt: skip
    subprocess.run(command, input="\n".join(requirements), text=True, check=True)  # noqa: S603


def main() -> int:
    """Write both files."""
    folder = ROOT / "requirements"
    sdk, rest = asked_for()
    pin(sdk, folder / "sdk.txt")
    pin([*sdk, *rest], folder / "dev.txt", "--constraint", str(folder / "sdk.txt"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
