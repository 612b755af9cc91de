"""Build what is released: two wheels, an SBOM, and a list of hashes: ``tox -e build``.

Nothing is fetched while building: run it where ``requirements/dev.txt`` is installed. The wheels
are the same bytes wherever and whenever they are built (hatchling takes times from
``SOURCE_DATE_EPOCH`` or a fixed date). The SBOM (CycloneDX, JSON) lists what stands in an
environment with the SDK's wheel and ``requirements/sdk.txt``, nothing else, and the model in the
wheel with the SHA-256 of each of its files.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SBOM = "nudge-sdk.cdx.json"


def run(*command: object) -> None:
    """Run a command; its output is shown when it fails."""
    environ = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(  # noqa: S603  what is started is named below
        [str(word) for word in command],
        env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)


def wheels(root: Path, output: Path) -> None:
    """Build both wheels from a checkout."""
    for folder in (root, root / "harness"):
        run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", output, folder)


def sbom(root: Path, output: Path) -> None:
    """Write the SBOM of the SDK's wheel that stands in ``output``."""
    (wheel,) = output.glob("nudge_sdk-*.whl")
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=False)
        python = Path(folder) / ("Scripts" if os.name == "nt" else "bin") / "python"
        pip = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet")
        run(*pip, "--require-hashes", "-r", root / "requirements" / "sdk.txt")
        run(*pip, "--no-deps", "--no-index", wheel)
        run(
            sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible",
            "--pyproject", root / "pyproject.toml", "--mc-type", "library",
            "-o", output / SBOM, python,
        )  # fmt: skip
    table = json.loads((output / SBOM).read_text("utf-8"))
    table["components"] = [
        item
        for item in table["components"]
        if item["name"] != table["metadata"]["component"]["name"]
    ]
    table["components"].append(model(root))
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    table["metadata"]["component"]["hashes"] = [{"alg": "SHA-256", "content": digest}]
    (output / SBOM).write_text(json.dumps(table, indent=2, sort_keys=True) + "\n", "utf-8")


def model(root: Path) -> dict[str, Any]:
    """The bundle as a component, by its manifest."""
    manifest = json.loads((root / "models" / "en_v1" / "manifest.json").read_text("utf-8"))
    return {
        "type": "machine-learning-model",
        "bom-ref": f"model-{manifest['name']}",
        "name": manifest["name"],
        "version": manifest["version"]["text"],
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "components": [
            {
                "type": "data",
                "bom-ref": f"model-{manifest['name']}-{name}",
                "name": name,
                "hashes": [{"alg": "SHA-256", "content": entry["sha256"]}],
            }
            for name, entry in sorted(manifest["files"].items())
        ],
    }


def main() -> int:
    """Build everything into a folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "dist")
    output = parser.parse_args().output
    output.mkdir(parents=True, exist_ok=True)
    for old in (*output.glob("nudge_*.whl"), *output.glob(SBOM)):
        old.unlink()
    wheels(ROOT, output)
    sbom(ROOT, output)
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in (*sorted(output.glob("nudge_*.whl")), output / SBOM)
    ]
    (output / "SHA256SUMS").write_text("".join(lines), "utf-8")
    sys.stdout.write("".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
