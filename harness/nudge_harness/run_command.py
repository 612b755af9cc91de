"""The command line of ``nudge-harness run``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from nudge_harness import console
from nudge_harness.ablate import features_from
from nudge_harness.errors import UsageError
from nudge_harness.gates import as_table as gates_table
from nudge_harness.gates import failed, read_gates
from nudge_harness.peers.catalogue import PEERS
from nudge_harness.peers.command import (
    TITLES,
    add_peer_arguments,
    as_columns,
    peers_from,
    teaching_from,
)
from nudge_harness.report.files import REPORT
from nudge_harness.report.terminal import differences_table, summary
from nudge_harness.run import DEFAULT_N, Done, Plan, run
from nudge_harness.run_table import by_signals, drawn
from nudge_harness.score import (
    add_bundle_arguments,
    add_scale_arguments,
    add_without_argument,
    bundle_from,
    workers_from,
)
from nudge_harness.workers import add_workers_argument

DEFAULT_FOLDER: Final = "nudge-run"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "-n", type=int, default=DEFAULT_N, help=f"conversations (default: {DEFAULT_N})"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed (default: 0)")
    parser.add_argument(
        "-o",
        type=Path,
        default=Path(DEFAULT_FOLDER),
        metavar="DIR",
        help=f"folder to write (default: {DEFAULT_FOLDER})",
    )
    add_workers_argument(parser)
    parser.add_argument(
        "--gate", type=Path, metavar="TOML", help="figures to reach; exit code 1 if one is missed"
    )
    parser.add_argument(
        "--against", type=Path, metavar="DIR", help="stored run of the same chats to compare with"
    )
    parser.add_argument(
        "--peers",
        nargs="?",
        const="all",
        metavar="NAMES",
        help=f"measure other detectors too (all, or some of {','.join(PEERS)})",
    )
    parser.add_argument(
        "--no-trace",
        dest="trace",
        action="store_false",
        help="keep no cues and risk per message: quicker and smaller, no calibration",
    )
    add_scale_arguments(parser)
    add_without_argument(parser)
    add_peer_arguments(parser)
    add_bundle_arguments(parser)


def main(args: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    if args.n < 1:
        raise UsageError("-n must be at least 1")
    plan = Plan(
        folder=args.o,
        n=args.n,
        seed=args.seed,
        workers=workers_from(args),
        bundle=bundle_from(args),
        gates=None if args.gate is None else read_gates(args.gate),
        trace=args.trace,
        command=" ".join(_command(args)),
        against=args.against,
        without=features_from(args.without),
        peers=() if args.peers is None else peers_from(args, args.peers),
        teaching=teaching_from(args),
        scheduler=args.scheduler,
        resume=args.resume,
    )
    with console.steps("messages") as begin:
        done = run(plan, begin)
    _show(done)
    console.note(f"report: {plan.folder / REPORT}")
    if done.gates:
        console.result(gates_table(done.gates))
    return 1 if failed(done.gates) else 0


def _command(args: argparse.Namespace) -> list[str]:
    """The command that gives the same figures; paths are left out, they name somebody's machine."""
    words = ["nudge-harness", "run", "-n", f"{args.n}", "--seed", f"{args.seed}"]
    words += [f"--without {feature}" for feature in sorted(features_from(args.without))]
    if args.peers is not None:
        words += [f"--peers {args.peers}", f"--lessons {args.lessons}", f"--budget {args.budget:g}"]
    return words


def _show(done: Done) -> None:
    evaluations = {name: own.evaluation for name, own in done.results.items()}
    if console.is_terminal():
        console.show(drawn(evaluations))
    else:
        console.result(f"{summary(done.main, done.differences)}\n{by_signals(evaluations)}")
    if console.is_terminal() and done.differences is not None:
        console.result(differences_table(done.differences))
    if done.peers:
        named = {TITLES[name]: own for name, own in done.results.items()}
        peers = {own.title: own.evaluated for own in done.peers.values()}
        console.result(as_columns({**named, **peers}))
