"""``nudge-harness generate``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from nudge_harness import console
from nudge_harness.errors import UsageError
from nudge_harness.formats import Conversation, write_conversations
from nudge_harness.generate.datasheet import datasheet
from nudge_harness.generate.leaks import Ordinary, find_leaks, ordinary_in, wordings
from nudge_harness.generate.split import SPLITS, shipped
from nudge_harness.generate.stream import BENIGN_SHARE, generate

LISTED = 50  # leaks printed; all are counted


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--split", choices=SPLITS, default="test", help="side (default: test)")
    parser.add_argument("--n", "-n", type=int, default=1_000, help="conversations (default: 1000)")
    parser.add_argument("--seed", type=int, default=0, help="seed (default: 0)")
    parser.add_argument(
        "--benign-share",
        type=float,
        default=BENIGN_SHARE,
        metavar="SHARE",
        help=f"share of benign conversations (default: {BENIGN_SHARE})",
    )
    parser.add_argument("-o", metavar="OUT", help="file to write, .jsonl or .jsonl.gz; - is stdout")
    parser.add_argument(
        "--datasheet", type=Path, metavar="FILE", help="write the datasheet of these chats, instead"
    )
    parser.add_argument(
        "--check-split",
        action="store_true",
        help="show that train and test share no wording, instead; exit code 1 if they do",
    )
    parser.add_argument(
        "--real-train",
        type=Path,
        metavar="DIR",
        help="with --check-split: real conversations; what two of them hold is ordinary",
    )


def main(args: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    if args.check_split:
        return _check_split(args.real_train)
    if args.datasheet is not None:
        args.datasheet.write_text(datasheet(args.split, args.seed, args.n), encoding="utf-8")
        console.note(f"written: {args.datasheet}")
        return 0
    if args.o is None:
        raise UsageError("generate: -o OUT is missing")
    counted = _Counted(generate(args.split, args.seed, n=args.n, benign_share=args.benign_share))
    written = write_conversations(args.o, counted)
    console.note(f"wrote {written:,} conversations, {counted.messages:,} messages, to {args.o}")
    return 0


class _Counted:
    """Counts messages as conversations pass."""

    def __init__(self, rows: Iterator[Conversation]) -> None:
        self._rows, self.messages = rows, 0

    def __iter__(self) -> Iterator[Conversation]:
        for row in self._rows:
            self.messages += len(row.messages)
            yield row


def _check_split(real: Path | None) -> int:
    train, test = shipped("train"), shipped("test")
    if real is not None and not real.is_dir():
        raise UsageError(f"--real-train: no such folder: {real.name}")
    leaks = find_leaks(train, test, Ordinary() if real is None else ordinary_in(real))
    for leak in leaks[:LISTED]:
        console.result(str(leak))
    if len(leaks) > LISTED:
        console.result(f"... and {len(leaks) - LISTED} more")
    console.result(
        f"{len(wordings(train)):,} phrases in train, {len(wordings(test)):,} in test,"
        f" {len(leaks):,} shared"
    )
    return 1 if leaks else 0
