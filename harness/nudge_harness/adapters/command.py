"""``nudge-harness convert``: data in other formats as conversations that the harness reads."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from nudge_harness import console
from nudge_harness.adapters.convokit import read_convokit
from nudge_harness.adapters.csv_table import read_csv
from nudge_harness.adapters.matrix import read_matrix
from nudge_harness.adapters.options import Options
from nudge_harness.adapters.pan12 import read_pan12
from nudge_harness.adapters.whatsapp import read_whatsapp
from nudge_harness.errors import UsageError
from nudge_harness.formats import Conversation, write_conversations

Adapter = Callable[[Path, Options], Iterator[Conversation]]

ADAPTERS: Final[Mapping[str, Adapter]] = {
    "pan12": read_pan12,
    "convokit": read_convokit,
    "csv": read_csv,
    "matrix": read_matrix,
    "whatsapp": read_whatsapp,
}
"""Kind to adapter. To add one, write a file beside this one and list it here."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("kind", choices=ADAPTERS, help="what IN is")
    parser.add_argument(
        "source", type=Path, metavar="IN", help="file, or a ConvoKit corpus' folder"
    )
    parser.add_argument("-o", metavar="OUT", required=True, help=".jsonl or .jsonl.gz; - is stdout")
    parser.add_argument("--user", metavar="NAME", help="whose side is the young person's")
    parser.add_argument("--label", help="of every conversation, where the data has none")
    parser.add_argument("--lang", help="language tag of every conversation")
    parser.add_argument("--flagged", metavar="FILE", help="pan12: ids of flagged authors")
    parser.add_argument(
        "--columns", metavar="OURS=THEIRS", help="csv: id=chat,from=who,...; convokit: label=NAME"
    )
    parser.add_argument("--names", metavar="SIDES", help="csv: user=child,contact=adult")


def main(args: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    options = Options(
        user=args.user,
        label=args.label,
        lang=args.lang,
        columns=pairs(args.columns, "--columns"),
        names=pairs(args.names, "--names"),
        flagged=args.flagged,
    )
    written = write_conversations(args.o, ADAPTERS[args.kind](args.source, options))
    console.note(f"wrote {written:,} conversations to {args.o}")
    return 0


def pairs(text: str | None, option: str) -> dict[str, str]:
    """``a=b,c=d`` as a mapping.

    Raises:
        UsageError: not of this form, or a name that stands twice.
    """
    found: dict[str, str] = {}
    for part in (text or "").split(",") if text else []:
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not (name and equals and value) or name in found:
            raise UsageError(f"{option} reads name=value,name=value, each name once")
        found[name] = value
    return found
