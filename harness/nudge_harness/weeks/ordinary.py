"""Ordinary weeks through the engine: how often a user is nudged when nothing is wrong."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass

from nudge_harness.generate.split import SplitName, shipped
from nudge_harness.lockstep import run_lanes
from nudge_harness.model import BundleChoice, opened
from nudge_harness.weeks.lanes import Event, UserLane
from nudge_harness.weeks.week import Week, draw_week
from nudge_sdk.values import AgeBand, Profile


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What to simulate. ``lookalikes``: share of episodes, 0..1; ``days``: at least 1."""

    bundle: BundleChoice
    split: SplitName
    seed: int
    lookalikes: float
    days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class UserWeek:
    """What one user saw, and what it left behind.

    Attributes:
        band: the user's age band.
        nudges: risk, level and relationship (``unknown`` when the host does not know it) of each.
        times: of the nudges, whole seconds since the epoch: the ledger at the week's end.
        messages, episodes, lookalikes: how much was said.
    """

    band: AgeBand
    nudges: tuple[tuple[str, str, str], ...]
    times: tuple[int, ...]
    messages: int
    episodes: int
    lookalikes: int


def hear_weeks(plan: Plan, users: range) -> list[UserWeek]:
    """Simulate some users in lockstep; the result for each depends on nobody else.

    Raises:
        BundleError: the bundle cannot be used.
        ModelError: the graph failed on a message.
    """
    split = shipped(plan.split)
    weeks = [
        draw_week(plan.seed, user, split, lookalikes=plan.lookalikes, days=plan.days)
        for user in users
    ]
    model = opened(plan.bundle)
    lanes = [
        UserLane(engine=model.engine, band=Profile(age=week.age).age_band, events=_events(week))
        for week in weeks
    ]
    run_lanes(model, lanes)
    return [_seen(week, lane) for week, lane in zip(weeks, lanes, strict=True)]


def _events(week: Week) -> deque[Event]:
    counts: Counter[int] = Counter()
    events: deque[Event] = deque()
    for heard in week.messages:
        contact = week.partners[heard.partner].contact
        events.append((contact.id, contact, heard.turn, counts[heard.partner]))
        counts[heard.partner] += 1
    return events


def _seen(week: Week, lane: UserLane) -> UserWeek:
    who = {partner.contact.id: partner.contact.relationship for partner in week.partners}
    return UserWeek(
        band=lane.band,
        nudges=tuple(
            (shown.risk, shown.level, who[shown.conversation] or "unknown") for shown in lane.shown
        ),
        times=lane.ledger.times,
        messages=lane.heard,
        episodes=week.episodes,
        lookalikes=week.lookalikes,
    )
