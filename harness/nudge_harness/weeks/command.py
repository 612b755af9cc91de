"""``nudge-harness weeks``: ordinary weeks of messaging, and risky chats at their end."""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from nudge_harness import console
from nudge_harness.errors import UsageError
from nudge_harness.generate.split import SPLITS
from nudge_harness.model import name_of
from nudge_harness.score import add_bundle_arguments, bundle_from, workers_from
from nudge_harness.weeks.attack import Victim, decoys, hear_attacks, victims
from nudge_harness.weeks.figures import burden, recalls
from nudge_harness.weeks.mix import CONTACTS, LOOKALIKES, MESSAGES_A_DAY
from nudge_harness.weeks.ordinary import Plan, UserWeek, hear_weeks
from nudge_harness.weeks.week import DAYS
from nudge_harness.workers import add_workers_argument, map_ordered
from nudge_sdk.policy import shipped_policy

CHUNK: Final = 64  # users, or risky chats, heard in lockstep
DEFAULT_USERS: Final = 200
DEFAULT_RISKY: Final = 1_000  # risky chats: what headline figures need (DESIGN.md, section 7)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--users", type=int, default=DEFAULT_USERS, help=f"users (default: {DEFAULT_USERS})"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed (default: 0)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--lookalikes",
        type=float,
        default=LOOKALIKES,
        metavar="SHARE",
        help=f"share of episodes that look like a risk and are none (default: {LOOKALIKES})",
    )
    parser.add_argument(
        "--risky",
        type=int,
        default=DEFAULT_RISKY,
        metavar="N",
        help=f"risky chats at the end of a week (default: {DEFAULT_RISKY})",
    )
    parser.add_argument("--days", type=int, default=DAYS, help=f"length of a week ({DAYS})")
    parser.add_argument("--split", choices=SPLITS, default="test", help="side (default: test)")
    add_workers_argument(parser)
    add_bundle_arguments(parser)


def main(args: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    _check(args)
    plan = Plan(
        bundle=bundle_from(args),
        split=args.split,
        seed=args.seed,
        lookalikes=args.lookalikes,
        days=args.days,
    )
    figures = simulate(plan, users=args.users, risky=args.risky, workers=workers_from(args))
    console.result(json.dumps(figures, indent=2) if args.json else "\n".join(as_lines(figures)))
    return 0


def _check(args: argparse.Namespace) -> None:
    if args.users < 1 or args.days < 1:
        raise UsageError("--users and --days must be at least 1")
    if args.seed < 0 or args.risky < 0:
        raise UsageError("--seed and --risky must be at least 0")
    if not 0 <= args.lookalikes <= 1:
        raise UsageError("--lookalikes must be from 0 to 1")


def simulate(plan: Plan, *, users: int, risky: int, workers: int = 1) -> dict[str, Any]:
    """All figures of the command.

    Args:
        plan: see `Plan`.
        users: ordinary weeks, at least 1.
        risky: chats at the end of one, at least 0.
        workers: processes; the result does not depend on them.

    Raises:
        BundleError: the bundle cannot be used.
        ModelError: the graph failed on a message.
    """
    bundle = name_of(plan.bundle.verified())
    with console.steps("users") as begin:
        counted = begin("ordinary weeks", users)
        weeks: list[UserWeek] = []
        ranges = [range(at, min(at + CHUNK, users)) for at in range(0, users, CHUNK)]
        for chunk in map_ordered(partial(hear_weeks, plan), ranges, workers):
            weeks += chunk
            counted(len(chunk))
        counted = begin("risky chats", risky)
        caught = []
        them = victims(plan, risky, _ledgers(weeks))
        work = partial(hear_attacks, plan.bundle, plan.days, decoys(plan) if risky else [])
        for done in map_ordered(work, _chunks(them), workers):
            caught += done
            counted(len(done))
    return {
        "bundle": bundle,
        "policy": shipped_policy().version,
        "split": plan.split,
        "seed": plan.seed,
        "users": users,
        "days": plan.days,
        "messages_a_day": MESSAGES_A_DAY,
        "contacts": CONTACTS,
        "lookalike_share": plan.lookalikes,
        "messages": sum(week.messages for week in weeks),
        "episodes": sum(week.episodes for week in weeks),
        "lookalike_episodes": sum(week.lookalikes for week in weeks),
        **burden(weeks),
        **recalls(caught),
    }


def _ledgers(weeks: list[UserWeek]) -> dict[Any, list[tuple[int, ...]]]:
    found = defaultdict(list)
    for week in weeks:
        found[week.band].append(week.times)
    return dict(found)


def _chunks(items: list[Victim]) -> Iterator[list[Victim]]:
    return (items[at : at + CHUNK] for at in range(0, len(items), CHUNK))


def as_lines(figures: dict[str, Any]) -> Iterator[str]:
    """What the command prints without ``--json``."""
    week = figures["nudges_per_user_week"]
    yield (
        f"{figures['users']:,} users, {figures['messages']:,} messages, "
        f"{figures['lookalike_share']:.0%} of the episodes look-alikes, {figures['bundle']}"
    )
    yield "nudges per user-week: " + ", ".join(f"{name} {value:g}" for name, value in week.items())
    if not figures["risky_chats"]:
        return
    yield f"warned before harm, of {figures['risky_chats']:,} risky chats:"
    for name in ("budgeted", "unlimited", "after_drain"):
        low, high = figures["recall_intervals"][f"recall_{name}"] or (None, None)
        span = "" if low is None else f" ({low:.3f} to {high:.3f})"
        yield f"  {name:<12} {figures[f'recall_{name}']:.3f}{span}"
    yield f"the attack used up the budget of {figures['drained']:.1%} of the users"
