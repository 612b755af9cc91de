"""The folder: one page to read and print, its facts as JSON, and the runs that it rests on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from nudge_harness.errors import FormatError
from nudge_harness.evidence import facts, figures
from nudge_harness.evidence.checks import Check, run_checks
from nudge_harness.model import BundleChoice, name_of
from nudge_harness.results import OUTCOMES, RESULTS, sha256_of, versions
from nudge_sdk.bundle import shipped_directory

PAGE: Final = "evidence.html"
FACTS: Final = "evidence.json"
CARD: Final = "README.md"
_STATED: Final = ("use, and what it is not for", "thresholds and limits")


def write_pack(
    folder: Path, runs: Sequence[tuple[str, Path]], *, made: str, bundle: BundleChoice
) -> list[Check]:
    """Write the pack.

    Args:
        folder: is made.
        runs: name and folder of each stored run; the first one gives the headline figures.
        made: time, ISO 8601.
        bundle: the model that the runs measured.

    Returns:
        The checks that were run.

    Raises:
        FormatError: a run has no record, or the folder cannot be written.
        BundleError: the bundle is missing, damaged or not signed by the pinned key.
    """
    records = {name: figures.read_record(source) for name, source in runs}
    checks = run_checks(bundle)
    found = gathered(records, checks, made, bundle)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FACTS).write_text(
            json.dumps(found, indent=2, sort_keys=True, ensure_ascii=False) + "\n", "utf-8"
        )
        (folder / PAGE).write_text(page(found) + "\n", "utf-8")
        for name, source in runs:
            for part in (RESULTS, OUTCOMES):
                (folder / name).mkdir(exist_ok=True)
                if (folder / name).resolve() != source.resolve():
                    shutil.copyfile(source / part, folder / name / part)
    except OSError as error:
        raise FormatError(folder.name, 0, "", (error.strerror or "").lower()) from None
    return checks


def gathered(
    records: Mapping[str, dict[str, Any]], checks: Sequence[Check], made: str, bundle: BundleChoice
) -> dict[str, Any]:
    """Everything that the page says, as JSON."""
    verified = bundle.verified()
    source = shipped_directory() if bundle.folder is None else bundle.folder
    return {
        "made": made,
        "model": {
            "name": name_of(verified),
            "SHA-256 of the graph": verified.model_sha256,
            "SHA-256 of the manifest": sha256_of(source / "manifest.json"),
            "signed by key": verified.signer,
        },
        "versions": versions(),
        "dependencies": facts.dependencies(),
        "looked_for": {name: list(own) for name, own in facts.looked_for().items()},
        "inputs": [asdict(own) for own in facts.inputs()],
        "kept": [asdict(own) for own in facts.kept()],
        "sizes": facts.sizes(bundle),
        "policy": facts.policy(),
        "checks": [asdict(own) for own in checks],
        "runs": {name: _run(own) for name, own in records.items()},
        "stated": stated(source / CARD),
    }


def _run(record: dict[str, Any]) -> dict[str, Any]:
    own = record["evaluation"]
    return {
        "title": record["title"],
        "provenance": record["provenance"],
        "holds": figures.holds(own),
        "headline": own["enough_for_headline"],
        "rates": figures.rates(own, figures.RATES),
        "burden": figures.rates(own, figures.BURDEN),
        "precision": figures.precision(own),
        "kinds": figures.kinds(own),
        "groups": figures.groups(own),
        "beside": figures.beside(record),
    }


def stated(card: Path) -> dict[str, str]:
    """The model card's own sections on use and limits, word for word; none without a card."""
    if not card.is_file():
        return {}
    sections: dict[str, str] = {}
    for part in card.read_text(encoding="utf-8").split("\n## ")[1:]:
        title, _, body = part.partition("\n")
        if title.strip().lower() in _STATED:
            sections[title.strip()] = body.strip().replace("**", "").replace("`", "")
    return sections


def page(found: Mapping[str, Any]) -> str:
    """The page as HTML: self-contained, without any script."""
    environment = Environment(
        loader=PackageLoader(__package__, ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = resources.files("nudge_harness.report").joinpath("page.css").read_text("utf-8")
    template = environment.get_template("pack.html.j2")
    return template.render(**found, style=Markup(style))  # noqa: S704  (our own file)
