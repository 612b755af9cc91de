"""Put a frontier's picture and sentences into the documents: ``take_frontier.py DIR``.

``DIR`` is what ``nudge-harness study frontier -o DIR`` wrote. Its picture becomes
``docs/images/frontier.svg``, its sentences stand in ``docs/studies.md`` between two markers, with
the bundle, the size and the command that they come from. Nothing is typed by hand.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

DOCS: Final = Path(__file__).resolve().parents[1]
BEGIN: Final = "<!-- frontier: written by docs/images/take_frontier.py -->"
END: Final = "<!-- end of frontier -->"


def block(results: Mapping[str, Any]) -> str:
    """The sentences and where they come from, as Markdown."""
    provenance = results["provenance"]
    told = "\n".join(f"* {sentence}" for sentence in results["says"])
    tested = max(cell["figures"]["leak"]["n"] for cell in results["cells"])
    return (
        f"{told}\n\n"
        f"Measured with {provenance['bundle']} (manifest `{provenance['bundle_hash'][:12]}`) on "
        f"{tested:,} test-side chats, in brackets 95 % intervals; `{provenance['command']}`.\n"
    )


def put(page: str, inside: str) -> str:
    """The page with other words between the markers.

    Raises:
        ValueError: the page has no such place.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("docs/studies.md lacks the markers of the frontier")
    return f"{before}{begin}\n{inside}{end}{after}"


def main(folder: Path, docs: Path = DOCS) -> None:
    """Copy the picture and write the sentences."""
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    shutil.copyfile(folder / "picture.svg", docs / "images" / "frontier.svg")
    page = docs / "studies.md"
    page.write_text(put(page.read_text(encoding="utf-8"), block(results)), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
