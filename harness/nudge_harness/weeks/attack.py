"""Risky chats at the end of an ordinary week: with the budget, without, and after an attack on it.

Theory of operation
-------------------
Each risky conversation of the generator happens to a user of its age band who has an ordinary week
behind them, so the ledger holds that week's nudges. It is heard three times:

* **budgeted**: under the shipped policy;
* **unlimited**: the same policy with no cooldown, no burst rule and no budget;
* **after drain**: under the shipped policy, after an attacker has burnt the budget. The attacker
  holds the open weights and has tried out beforehand which short chats get a nudge: each of these
  *decoys* is a risky conversation of another seed, cut right behind its first nudge. Fresh accounts
  send decoys to the user, one after another, until the budget of the week is used up (or `TRIES`
  times the budget have been sent); then the real chat begins, from one more account.

Only nudges in the real chat count, before or at its ``harm``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from nudge_harness.formats import Conversation, Turn
from nudge_harness.generate import generate
from nudge_harness.lockstep import run_lanes
from nudge_harness.model import BundleChoice, Opened, opened
from nudge_harness.replay import NOTHING, Settings, contact_of, replay
from nudge_harness.weeks.lanes import Event, UserLane, events_of
from nudge_harness.weeks.ordinary import Plan
from nudge_harness.weeks.week import DAY
from nudge_sdk.engine import Engine
from nudge_sdk.policy import Policy
from nudge_sdk.state import UserLedger
from nudge_sdk.values import AgeBand, Profile

POOL: Final = 400  # risky conversations that the attacker tries out
LONGEST: Final = 30  # messages of a decoy: the attacker takes the short ones
TRIES: Final = 3  # decoys for each nudge of the budget
_BETWEEN: Final = 60.0  # seconds between two decoys
_HURRY: Final = 20.0  # seconds between two messages of a decoy
_REAL: Final = "the real one"
_WITHOUT: Final = 10**9  # nudges: no budget


@dataclass(frozen=True, kw_only=True, slots=True)
class Victim:
    """A risky conversation and the ledger of the user whom it happens to (times of nudges)."""

    chat: Conversation
    times: tuple[int, ...]

    @property
    def band(self) -> AgeBand:
        """The user's age band; an unknown age means 13 to 15."""
        return Profile(age=self.chat.user_age).age_band


@dataclass(frozen=True, kw_only=True, slots=True)
class Caught:
    """Whether a nudge came before harm, three ways, and whether the attack used the budget up.

    ``drained``: when the real chat began. ``decoys``: how many of them got a nudge.
    """

    label: str
    family: str
    budgeted: bool
    unlimited: bool
    after_drain: bool
    drained: bool
    decoys: int


def victims(
    plan: Plan, n: int, ledgers: Mapping[AgeBand, Sequence[tuple[int, ...]]]
) -> list[Victim]:
    """Draw ``n`` risky conversations and give each to a user of its band, in turn.

    Args:
        ledgers: times of nudges of each user by band, from `hear_weeks`; a band without a user
            gets an empty ledger.
    """
    found, used = [], dict.fromkeys(ledgers, 0)
    for chat in generate(plan.split, plan.seed, n=n, benign_share=0.0):
        band = Profile(age=chat.user_age).age_band
        times: tuple[int, ...] = ()
        if ledgers.get(band):
            times = ledgers[band][used[band] % len(ledgers[band])]
            used[band] += 1
        found.append(Victim(chat=chat, times=times))
    return found


def decoys(plan: Plan) -> list[Conversation]:
    """Short chats of which the attacker knows that they get a nudge.

    Raises:
        BundleError: the bundle cannot be used.
    """
    drawn = generate(plan.split, plan.seed + 1, n=POOL, benign_share=0.0)
    pool = [
        replace(chat, messages=_hurried(chat.messages), onset=None, harm=None) for chat in drawn
    ]
    scores = [own.score for own in replay(opened(plan.bundle), pool, Settings())]
    return [
        replace(chat, messages=chat.messages[: score.nudges[0].message + 1])
        for chat, score in zip(pool, scores, strict=True)
        if score.nudges and score.nudges[0].message < LONGEST
    ]


def _hurried(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """The attacker does not wait: the week of the budget must not pass during the attack."""
    return tuple(replace(turn, t=i * _HURRY) for i, turn in enumerate(turns))


def unlimited(policy: Policy) -> Policy:
    """The same policy without cooldown, burst rule and budgets."""
    bands = {
        name: replace(rules, cooldown_s=0.0, per_conversation_week=_WITHOUT, per_week=_WITHOUT)
        for name, rules in policy.bands.items()
    }
    return replace(policy, bands=bands, burst_s=0.0)


def hear_attacks(
    bundle: BundleChoice, days: int, decoy: Sequence[Conversation], them: Sequence[Victim]
) -> list[Caught]:
    """Let risky chats happen, three ways each.

    Args:
        days: length of the week behind the users.
        decoy: see `decoys`; none means that no attack works, and nothing is drained.
    """
    model = opened(bundle)
    free = Engine(model.engine.spec, unlimited(model.engine.policy))
    ways = [
        _heard(model, model.engine, them, [() for _ in them], days),
        _heard(model, free, them, [() for _ in them], days),
        _heard(
            model,
            model.engine,
            them,
            [_attack(at, decoy, v, model) for at, v in enumerate(them)],
            days,
        ),
    ]
    return [
        Caught(
            label=str(victim.chat.label),
            family=str(victim.chat.family),
            budgeted=_in_time(victim, budgeted),
            unlimited=_in_time(victim, without),
            after_drain=_in_time(victim, drained),
            drained=bool(drained.begun_spent),
            decoys=len({shown.conversation for shown in drained.shown} - {_REAL}),
        )
        for victim, budgeted, without, drained in zip(them, *ways, strict=True)
    ]


def _heard(
    model: Opened,
    engine: Engine,
    them: Sequence[Victim],
    before: Sequence[Sequence[Conversation]],
    days: int,
) -> list[UserLane]:
    lanes = []
    for victim, sent in zip(them, before, strict=True):
        names = [f"decoy {i}" for i in range(len(sent))]
        lanes.append(
            UserLane(
                engine=engine,
                band=victim.band,
                events=_events(victim, names, sent, days * DAY),
                ledger=UserLedger(times=victim.times),
                until_spent=frozenset(names),
                per_week=engine.policy.bands[victim.band].per_week,
            )
        )
    run_lanes(replace(model, engine=engine), lanes)
    return lanes


def _events(
    victim: Victim, names: Sequence[str], sent: Sequence[Conversation], start: float
) -> deque[Event]:
    events: deque[Event] = deque()
    for name, chat in zip([*names, _REAL], [*sent, victim.chat], strict=True):
        turns = [_later(turn, start) for turn in chat.messages]
        events += events_of(name, contact_of(chat.contact, NOTHING), turns)
        start = turns[-1].t + _BETWEEN
    return events


def _later(turn: Turn, seconds: float) -> Turn:
    return replace(turn, t=turn.t + seconds)


def _attack(
    at: int, decoy: Sequence[Conversation], victim: Victim, model: Opened
) -> Sequence[Conversation]:
    """The decoys for one victim: each user gets other ones."""
    if not decoy:
        return ()
    count = TRIES * model.engine.policy.bands[victim.band].per_week
    return [decoy[(at * count + i) % len(decoy)] for i in range(count)]


def _in_time(victim: Victim, lane: UserLane) -> bool:
    harm = victim.chat.harm
    return harm is not None and any(
        shown.conversation == _REAL and shown.message <= harm for shown in lane.shown
    )
