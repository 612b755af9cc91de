"""``python -m translations update`` or ``build``: see `translations.catalogs`."""

from __future__ import annotations

import argparse
import sys

from translations.catalogs import (
    COPY,
    HERE,
    LANGUAGES,
    TEMPLATE,
    built,
    json_bytes,
    merged,
    po_bytes,
    read,
    source,
    template,
)


def update() -> None:
    """From the English catalog to the translators' files."""
    texts = source()
    (HERE / TEMPLATE).write_bytes(po_bytes(template(texts)))
    for language in LANGUAGES:
        catalog = merged(texts, read(language), language)
        (HERE / f"{language.code}.po").write_bytes(po_bytes(catalog))
        open_ = sum(1 for m in catalog if m.id and not all(m.string or ("",)))
        fuzzy = sum(1 for m in catalog if m.id and m.fuzzy)
        sys.stdout.write(f"{language.code}.po: {open_} to translate, {fuzzy} to review\n")


def build() -> None:
    """From the translators' files to the catalogs that ship."""
    texts = source()
    for language in LANGUAGES:
        catalog = read(language)
        if catalog is None:
            raise ValueError(f"{language.code}.po is missing; run `python -m translations update`")
        path = COPY / f"{language.code}.json"
        path.write_bytes(json_bytes(built(catalog, texts, language)))
        sys.stdout.write(f"{path.name}: {len(texts)} texts\n")


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m translations", description=__doc__)
    parser.add_argument("step", choices=("update", "build"))
    try:
        {"update": update, "build": build}[parser.parse_args().step]()
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
