"""``nudge-harness score``: a file of conversations to a file of scores (DESIGN.md, section 5)."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final, get_args

from nudge_harness import console
from nudge_harness.ablate import FEATURES, features_from
from nudge_harness.errors import UsageError
from nudge_harness.model import BundleChoice, key_from
from nudge_harness.replay import NOTHING, Assume, Settings
from nudge_harness.scoring import score_file
from nudge_harness.workers import add_workers_argument
from nudge_sdk.engine import Signals
from nudge_sdk.values import MAX_AGE, MAX_DAYS_KNOWN, RELATIONSHIPS, SWITCHES

_ASSUMED_NUMBERS: Final = {
    "days_known": MAX_DAYS_KNOWN, "claimed_age": MAX_AGE, "user_age": MAX_AGE,
}  # fmt: skip
_SHOWN: Final = 10  # reasons of skipped lines printed; all are counted


def assume_from(text: str) -> Assume:
    """``relationship=stranger,days_known=0,user_age=12`` as values.

    Raises:
        UsageError: an unknown name, a name given twice, or a value out of range.
    """
    given: dict[str, str] = {}
    for part in text.split(","):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or name in given:
            raise UsageError("--assume reads name=value,name=value, each name once")
        given[name] = value
    relationship = given.pop("relationship", None)
    if relationship is not None and relationship not in RELATIONSHIPS:
        raise UsageError(f"--assume: relationship must be one of {', '.join(RELATIONSHIPS)}")
    numbers = {name: _assumed_number(name, value) for name, value in given.items()}
    age = numbers.pop("user_age", None)
    return Assume(relationship=relationship, user_age=None if age is None else int(age), **numbers)


def _assumed_number(name: str, value: str) -> float:
    if name not in _ASSUMED_NUMBERS:
        known = ", ".join(("relationship", *_ASSUMED_NUMBERS))
        raise UsageError(f"--assume: no such field; there are {known}")
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number <= _ASSUMED_NUMBERS[name] or (name == "user_age" and number % 1):
        raise UsageError(f"--assume: {name} must be a number from 0 to {_ASSUMED_NUMBERS[name]}")
    return number


def add_bundle_arguments(parser: argparse.ArgumentParser) -> None:
    """Options that choose a bundle, the same for every command."""
    parser.add_argument(
        "--bundle", type=Path, metavar="DIR", help="another bundle than the one that ships"
    )
    parser.add_argument(
        "--key", metavar="KEY", help="public key to pin for it: 64 hex digits, or a file"
    )


def add_scale_arguments(parser: argparse.ArgumentParser) -> None:
    """Options for what is too long for one process, or for one day."""
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="Dask scheduler whose workers to use, tcp://..."
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="keep what is done as it goes, and go on where a run like this was killed",
    )


def add_without_argument(parser: argparse.ArgumentParser) -> None:
    """The option of an ablation."""
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="FEATURE",
        help=f"take away, may be repeated: {', '.join(FEATURES)}",
    )


def bundle_from(args: argparse.Namespace) -> BundleChoice:
    """The bundle that the options name."""
    return BundleChoice(folder=args.bundle, key=None if args.key is None else key_from(args.key))


def workers_from(args: argparse.Namespace) -> int:
    """How many processes the options ask for.

    Raises:
        UsageError: fewer than one.
    """
    workers: int = args.workers
    if workers < 1:
        raise UsageError("--workers must be at least 1")
    return workers


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("conversations", metavar="IN", help="conversations, .jsonl or .jsonl.gz")
    parser.add_argument("-o", metavar="OUT", required=True, help="where scores go; - is stdout")
    parser.add_argument(
        "--signals",
        choices=get_args(Signals),
        default="all",
        help="text: words, direction and order only; metadata: no words (default: all)",
    )
    parser.add_argument(
        "--policy", choices=SWITCHES, default="full", help="the user's switch (default: full)"
    )
    parser.add_argument(
        "--assume",
        metavar="FIELDS",
        help="fill what the file lacks: relationship=stranger,days_known=0,user_age=12",
    )
    add_without_argument(parser)
    parser.add_argument("--trace", metavar="TRACE", help="write cues and risk per message, no text")
    parser.add_argument(
        "--keep-going", action="store_true", help="pass over bad lines and count them"
    )
    add_workers_argument(parser)
    add_scale_arguments(parser)
    add_bundle_arguments(parser)


def main(args: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    settings = Settings(
        signals=args.signals,
        switch=args.policy,
        assume=NOTHING if args.assume is None else assume_from(args.assume),
        without=features_from(args.without),
    )
    with console.steps("messages") as begin:
        scored = score_file(
            args.conversations,
            args.o,
            settings=settings,
            bundle=bundle_from(args),
            trace=args.trace,
            keep_going=args.keep_going,
            workers=workers_from(args),
            scheduler=args.scheduler,
            resume=args.resume,
            heard=begin("scoring", None),
        )
    console.note(
        f"scored {scored.conversations:,} conversations, {scored.messages:,} messages;"
        f" {scored.nudged:,} conversations got a nudge"
    )
    report_skipped(scored.skipped, scored.reasons)
    return 0


def report_skipped(skipped: int, reasons: tuple[str, ...]) -> None:
    """Say how many bad lines were passed over, and why."""
    if not skipped:
        return
    console.note(f"skipped {skipped:,} bad lines:")
    for reason in reasons[:_SHOWN]:
        console.note(f"  {reason}")
    if skipped > _SHOWN:
        console.note(f"  ... and {skipped - _SHOWN:,} more")
