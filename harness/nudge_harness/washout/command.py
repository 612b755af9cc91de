"""``study washout``: the search as a command; prints one JSON object for each pool."""

from __future__ import annotations

import argparse
import json
import sys
from itertools import islice
from pathlib import Path

from nudge_harness import console
from nudge_harness.formats import Conversation
from nudge_harness.generate.stream import generate
from nudge_harness.model import BundleChoice, key_from, name_of, opened
from nudge_harness.washout.pool import POOLS, pool_of
from nudge_harness.washout.search import Steps
from nudge_harness.washout.study import study


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    usual = Steps()
    parser.add_argument("--bundle", type=Path, help="a bundle's folder (default: the shipped one)")
    parser.add_argument("--key", help="public key that signed it, 64 hexadecimal digits or a file")
    parser.add_argument("--pool", choices=POOLS, action="append", help="what to flood with")
    parser.add_argument("--chats", type=int, default=12, help="risky chats (default: 12)")
    parser.add_argument("--ordinary", type=int, default=40, help="ordinary chats (default: 40)")
    parser.add_argument("--length", type=int, default=usual.length, help="messages in a flood")
    parser.add_argument("--width", type=int, default=usual.width, help="messages tried at a step")
    parser.add_argument("--rounds", type=int, default=usual.rounds, help="of coordinate descent")
    parser.add_argument("--sweeps", type=int, default=usual.sweeps, help="over the state's numbers")
    parser.add_argument("--seed", type=int, default=1, help="of chats and search (default: 1)")


def main(args: argparse.Namespace) -> int:
    """Run the study and print it."""
    choice = BundleChoice(args.bundle, None if args.key is None else key_from(args.key))
    model = opened(choice)
    steps = Steps(length=args.length, width=args.width, rounds=args.rounds, sweeps=args.sweeps)
    for name in args.pool or POOLS:
        report = study(
            model,
            pool=pool_of(name, args.seed),
            risky=chats(args.seed, args.chats, risky=True),
            ordinary=chats(args.seed, args.ordinary, risky=False),
            steps=steps,
            seed=args.seed,
        )
        bundle = name_of(choice.verified())
        row = {"bundle": bundle, "flood": name, "seed": args.seed, **report.as_dict()}
        sys.stdout.write(json.dumps(row, indent=2, ensure_ascii=True) + "\n")
        console.note(f"{name}: {report.warned} of {report.chats} still warned in the chat")
    return 0


def chats(seed: int, n: int, *, risky: bool) -> list[Conversation]:
    """Test-side chats of one sort."""
    stream = generate("test", seed, n=n, benign_share=0.0 if risky else 1.0)
    return list(islice(stream, n))
