"""``nudge-harness derive``: the policy's numbers that depend on the model, for a new model.

Theory of operation
-------------------
Thresholds come with a bundle: training sets them for a budget of false nudges. Two numbers of
``policy.json`` stand on them, each a factor by which the odds of a gentle threshold are divided:

- ``adult_outside_contacts_odds``: an adult who is not among a child's contacts writes. The model
  sees who writes already; this says how much less the words have to show.
- ``draft_odds``: from when on a chat calls for a pause before something private is shared in it.

Both are measured on ordinary chats, and set for the same kind of budget as the thresholds: the
largest factor, on a grid, at which the share of ordinary chats that reach the lowered threshold in
a message with evidence stays within ``ordinary_share``, and no larger than ``most_odds``. For the
first, every ordinary chat is read as if an adult stranger wrote it; for the second, as it stands.
Where even a factor of 1 is over the share, it stays 1: nothing is lowered.

Chats come from files, or from the generator's train side (look-alikes among them). The model has
seen those, so they look a little quieter than life: hence ``most_odds``, and hence files of real
ordinary chats where there are any. The test side is never derived from: ``--measure`` shows there
what the factors in force cost on chats that nothing has seen, and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from nudge_harness import console
from nudge_harness.errors import UsageError
from nudge_harness.formats import ContactInfo, Conversation, read_conversations
from nudge_harness.generate import SplitName, generate
from nudge_harness.model import BundleChoice, Opened, key_from, opened
from nudge_harness.replay import Settings, replay
from nudge_sdk.policy import cue_bits
from nudge_sdk.policy_table import policy_json
from nudge_sdk.values import CUES, RISKS

CHUNK: Final = 512  # conversations heard in lockstep
STEP: Final = 0.05  # of the grid of factors
ADULT: Final = ContactInfo(relationship="stranger", days_known=0.0, claimed_age=35.0)
_LINE: Final = re.compile(r'^  "derived": \{.*\},?$', re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One derived factor, and the share of ``chats`` ordinary chats that reach what it lowers."""

    odds: float
    share: float
    share_at_1: float
    chats: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "ordinary", nargs="*", metavar="FILE", help="ordinary conversations; generated if none"
    )
    parser.add_argument("--n", type=int, default=4_000, help="generated ones (default: 4000)")
    parser.add_argument("--seed", type=int, default=0, help="of the generator (default: 0)")
    parser.add_argument("--bundle", type=Path, metavar="DIR", help="another bundle")
    parser.add_argument("--key", metavar="HEX", help="its public key, or a file that holds it")
    parser.add_argument("-o", type=Path, metavar="POLICY", help="a policy.json to write them into")
    parser.add_argument(
        "--measure", action="store_true", help="what the factors in force cost on the test side"
    )
    parser.add_argument("--check", action="store_true", help="exit code 1 if POLICY names another")


def main(args: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    if args.check and args.o is None:
        raise UsageError("derive: --check needs -o POLICY")
    if args.measure and args.o is not None:
        raise UsageError("derive: --measure writes nothing: leave -o out")
    key = None if args.key is None else key_from(args.key)
    model = opened(BundleChoice(folder=args.bundle, key=key))
    name = model.engine.spec.model_id.hex()
    if args.check:
        current = json.loads(args.o.read_text(encoding="utf-8"))["derived"]["model"] == name
        console.note(f"derive: {args.o.name} is {'' if current else 'not '}for model {name}")
        return 0 if current else 1
    table = policy_json()
    fixed = table["derived"] if args.measure else None
    found = derive(model, _chats(args), table, fixed)
    numbers: dict[str, Any] = {"model": name}
    for key_name, own in found.items():
        numbers[key_name] = own.odds
        console.note(
            f"derive: {key_name} {own.odds:g}: {own.share:.4f} of {own.chats:,} ordinary chats"
            f" reach it, {own.share_at_1:.4f} at 1"
        )
    line = json.dumps(numbers)
    if args.o is not None:
        write(args.o, line)
    console.result(line)
    return 0


def write(path: Path, line: str) -> None:
    """Put the derived numbers into a policy's file, on their own line; all else stays.

    Raises:
        UsageError: the file has no such line, or more than one.
    """
    text = path.read_text(encoding="utf-8")
    if len(_LINE.findall(text)) != 1:
        raise UsageError(f'derive: {path.name}: no single line that begins with   "derived": {{')
    path.write_text(_LINE.sub(lambda _: f'  "derived": {line},', text), encoding="utf-8")


def derive(
    model: Opened,
    chats: Sequence[Conversation],
    table: dict[str, Any],
    fixed: dict[str, Any] | None = None,
) -> dict[str, Found]:
    """Both factors for a model.

    Args:
        model: with its thresholds; what the policy derived before is not looked at.
        chats: ordinary conversations.
        table: ``policy.json``: shares, bounds, evidence and who counts as family or a friend.
        fixed: factors that are given, to be measured only.

    Raises:
        UsageError: there are no chats to measure on.
    """
    outside, draft = table["adult_outside_contacts"], table["draft"]
    as_adult = [replace(chat, contact=ADULT, user_age=_young(chat.user_age)) for chat in chats]
    others = [c for c in chats if c.contact.relationship not in draft["silent_relationships"]]
    if not others:
        raise UsageError("derive: no ordinary conversations to measure on")
    found = {}
    for name, read, rules in (
        ("adult_outside_contacts_odds", as_adult, outside),
        ("draft_odds", others, draft),
    ):
        needs = list(needed(model, read, table))
        found[name] = largest(needs, rules) if fixed is None else at(needs, fixed[name])
    return found


def _young(age: int | None) -> int | None:
    return age if age is None or age < 18 else 17


def needed(model: Opened, chats: Sequence[Conversation], table: dict[str, Any]) -> Iterator[float]:
    """For each chat, the smallest factor at which it would reach a lowered threshold; below 1 when
    it reaches the usual one, infinite when no message holds evidence.
    """
    thresholds = model.engine.spec.thresholds
    evidence = {name: cue_bits(rule["evidence"]) for name, rule in table["risks"].items()}
    holds = dict(zip(CUES, thresholds.cue, strict=True))
    limits = {r: p / (1.0 - p) for r, p in zip(RISKS, thresholds.gentle, strict=True) if p < 1}
    for start in range(0, len(chats), CHUNK):
        for replayed in replay(model, chats[start : start + CHUNK], Settings(trace=True)):
            least = math.inf
            for message in replayed.trace.messages if replayed.trace else ():
                if message.sender != "contact" or not message.cues or not message.risk:
                    continue
                shown = cue_bits(c for c, p in message.cues.items() if p >= holds[c])
                for risk, limit in limits.items():
                    p = min(max(message.risk[risk], 1e-9), 1 - 1e-9)
                    if shown & evidence[risk]:
                        least = min(least, limit * (1.0 - p) / p)
            yield least


def at(needs: Sequence[float], odds: float) -> Found:
    """What one factor reaches; see `needed`."""
    share, share_at_1 = (sum(need <= f for need in needs) / len(needs) for f in (odds, 1.0))
    return Found(odds=odds, share=share, share_at_1=share_at_1, chats=len(needs))


def largest(needs: Sequence[float], rules: dict[str, Any]) -> Found:
    """The largest factor within ``ordinary_share`` and ``most_odds``; see `needed`."""
    steps = int((rules["most_odds"] - 1.0) / STEP + 0.5)
    tried = [at(needs, round(1.0 + STEP * i, 2)) for i in range(steps + 1)]
    within = [found for found in tried if found.share <= rules["ordinary_share"]]
    return within[-1] if within else tried[0]


def _chats(args: argparse.Namespace) -> list[Conversation]:
    if not args.ordinary:
        side: SplitName = "test" if args.measure else "train"
        return list(generate(side, args.seed, n=args.n, benign_share=1.0))
    return [chat for file in args.ordinary for chat in _benign(read_conversations(file))]


def _benign(chats: Iterable[Conversation]) -> Iterator[Conversation]:
    return (chat for chat in chats if chat.label in (None, "benign"))
