"""The card written again, and its figures measured again: for `tox -e refresh` and `-e figures`.

::

    python -m models.train.again card [--key PEM]    # the card, from config.json and figures.json
    python -m models.train.again measure [-n 4000]   # a table: what the card says, what is now

The second prints every figure of the README and the card that can be measured without folders of
real chats, which are not ours to hand on: those rows say so. Graphs round differently from
processor to processor, so a chat on the edge of a threshold may fall to the other side; a figure
that leaves the interval on the card makes the exit code 1.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from nudge_harness.model import BundleChoice

from models.train import measure
from models.train.card import card
from models.train.card_parts import figure
from models.train.export import load_key
from nudge_sdk.bundle.manifest import FileEntry, Manifest

ROOT: Final = Path(__file__).parents[2]
BUNDLE: Final = ROOT / "models/en_v1"
CARD: Final = "README.md"
HEADINGS: Final = (*measure.HEADLINES, "erde_5", "erde_50", "latency_tp", "speed", "f_latency")
_TINY: Final = 1e-9


def card_text(folder: Path = BUNDLE) -> str:
    """The card of a bundle, from its configuration and the figures beside it."""
    config = _json(folder / "config.json")
    manifest = Manifest.from_bytes((folder / "manifest.json").read_bytes())
    figures = _json(folder / "figures.json")
    return card(
        name=config["name"],
        version=manifest.version.text,
        size=manifest.files["model.onnx"].size,
        state=config["state_size"],
        record=config["training"],
        thresholds=config["thresholds"],
        generated=figures["generated"],
        real=figures["real"],
        more=figures["more"],
    )


def write_card(key: Path | None, folder: Path = BUNDLE) -> bool:
    """Write the card where it has changed, and sign the bundle again with it.

    Args:
        key: PEM file of the release key; without one the card alone is written, and the bundle
            does not verify until it is signed.

    Returns:
        Whether it had changed.
    """
    raw = card_text(folder).encode()
    if raw == (folder / CARD).read_bytes():
        return False
    (folder / CARD).write_bytes(raw)
    if key is not None:
        old = Manifest.from_bytes((folder / "manifest.json").read_bytes())
        entry = FileEntry(sha256=hashlib.sha256(raw).hexdigest(), size=len(raw))
        signed = replace(old, files={**old.files, CARD: entry}).to_bytes()
        (folder / "manifest.json").write_bytes(signed)
        (folder / "manifest.sig").write_bytes(load_key(key).sign(signed))
    return True


def rows(
    said: Mapping[str, Any], found: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """Name, what the card says and what was found, for each figure that both hold."""
    for signals in measure.SIGNALS:
        for name in HEADINGS:
            yield (
                f"generated, {signals}: {name}",
                said["generated"][signals][name],
                found["generated"][signals][name],
            )
    for rate, own in said["generated"]["all"]["precision_at"].items():
        yield f"precision at {rate}", own, found["generated"]["all"]["precision_at"][rate]
    more, again = said["more"] or {}, found["more"]
    for chats, figures in more.get("by_hand", {}).items():
        for name in HEADINGS:
            if name in figures:
                yield f"by hand, {chats}: {name}", figures[name], again["by_hand"][chats][name]
    for rewriting, own in more.get("rewritings", {}).items():
        for name, value in own.items():
            yield f"rewritten, {rewriting}: {name}", value, again["rewritings"][rewriting][name]


def measured(n: int, seed: int, work: Path, workers: int) -> dict[str, Any]:
    """The same figures, of the bundle in the checkout, with the pinned release key."""
    from models.train.stress import Stress

    bundle = BundleChoice(folder=BUNDLE)
    stress = Stress(bundle=bundle, work=work, seed=seed, workers=workers)
    return {
        "generated": measure.generated(bundle, work, n, seed, workers),
        "more": {"by_hand": stress.by_hand(), "rewritings": stress.rewritings(n // 3)},
    }


def within(said: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether a figure lies in the card's interval; one that is not measured has none."""
    if said.get("value") is None or now.get("value") is None:
        return bool(said.get("value") == now.get("value"))
    low, high = (said["value"] if said.get(end) is None else said[end] for end in ("low", "high"))
    return bool(low - _TINY <= now["value"] <= high + _TINY)


def main(argv: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m models.train.again", description=__doc__)
    parser.add_argument("what", choices=("card", "measure"))
    parser.add_argument("--key", type=Path, metavar="PEM", help="release key, for a new card")
    parser.add_argument("-n", type=int, default=4_000, help="generated chats (the card's: 4000)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--work", type=Path, default=Path("build/figures"), metavar="DIR")
    parser.add_argument("--workers", type=int, default=1)
    args = parser.parse_args(argv)
    if args.what == "card":
        write_card(args.key)
        return 0
    said = _json(BUNDLE / "figures.json")
    found = measured(args.n, args.seed, args.work, args.workers)
    outside = 0
    sys.stdout.write("| figure | on the card | now |\n|---|---|---|\n")
    for name, before, now in rows(said, found):
        mark = "" if within(before, now) else " (outside)"
        outside += bool(mark)
        sys.stdout.write(f"| {name} | {figure(before)} | {figure(now)}{mark} |\n")
    sys.stdout.write("| real chats, single messages, chained chats | on the card | needs --dev |\n")
    return 1 if outside else 0


def _json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    raise SystemExit(main())
