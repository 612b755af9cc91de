"""Simulated weeks: what is drawn, what users hear, and an attack that must be a real one."""

from __future__ import annotations

import json
from collections import Counter, deque
from pathlib import Path

import numpy as np
import pytest
from nudge_harness.cli import main
from nudge_harness.formats import Conversation, Turn
from nudge_harness.generate import read_split
from nudge_harness.generate.dice import Dice
from nudge_harness.generate.split import Split, shipped
from nudge_harness.lockstep import run_lanes
from nudge_harness.model import SHIPPED, BundleChoice, opened
from nudge_harness.replay import START
from nudge_harness.weeks import attack
from nudge_harness.weeks.attack import Caught, Victim, hear_attacks, unlimited
from nudge_harness.weeks.command import as_lines, simulate
from nudge_harness.weeks.figures import burden, recalls
from nudge_harness.weeks.lanes import UserLane, events_of
from nudge_harness.weeks.mix import CONTACTS, SHARES, draw_partners
from nudge_harness.weeks.ordinary import Plan, UserWeek, hear_weeks
from nudge_harness.weeks.week import DAY, DAYS, draw_week

from nudge_sdk import Client, Contact, Profile
from nudge_sdk.policy import shipped_policy
from tests.simulator import PINNED, BundleSimulator


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> BundleChoice:
    """The toy bundle: letters are cues (`tests.toy`)."""
    folder = BundleSimulator().write(tmp_path_factory.mktemp("toy"))
    return BundleChoice(folder=folder, key=PINNED[0])


@pytest.fixture(scope="module")
def split() -> Split:
    return shipped("test")


def plan(toy: BundleChoice, **changes: object) -> Plan:
    usual = {"bundle": toy, "split": "test", "seed": 3, "lookalikes": 0.1, "days": 1}
    return Plan(**{**usual, **changes})  # type: ignore[arg-type]  # each is of its field's type


def test_a_week_has_a_hundred_messages_a_day_with_eight_contacts(split: Split) -> None:
    week = draw_week(1, 0, split)
    assert len(week.messages) == 100 * DAYS
    assert len(week.partners) == CONTACTS == 8
    times = [heard.turn.t for heard in week.messages]
    assert times == sorted(times) and times[0] >= 0
    assert {heard.turn.sender for heard in week.messages} == {"contact", "user"}
    assert sum(partner.weight for partner in week.partners) == pytest.approx(1)
    weights = [partner.weight for partner in week.partners]
    assert weights == sorted(weights, reverse=True)


def test_a_chat_goes_on_over_days(split: Split) -> None:
    week = draw_week(1, 0, split)
    days = {int(heard.turn.t // DAY) for heard in week.messages if heard.partner == 0}
    assert len(days) >= 5


def test_a_week_depends_on_seed_and_user_alone(split: Split) -> None:
    assert draw_week(1, 4, split) == draw_week(1, 4, split)
    assert draw_week(1, 4, split) != draw_week(2, 4, split)
    assert draw_week(1, 4, split).messages != draw_week(1, 5, split).messages


@pytest.mark.parametrize("share", [0.0, 0.1, 1.0])
def test_lookalikes_come_at_the_stated_share(split: Split, share: float) -> None:
    weeks = [draw_week(5, user, split, lookalikes=share) for user in range(30)]
    found = sum(week.lookalikes for week in weeks) / sum(week.episodes for week in weeks)
    assert found == pytest.approx(share, abs=0.03)


def test_the_mix_of_relationships_is_the_stated_one(split: Split) -> None:
    dice = Dice(np.random.default_rng(0))
    drawn = [p for _ in range(400) for p in draw_partners(13, split, dice)]
    known = Counter(p.contact.relationship for p in drawn if p.contact.relationship)
    for name, share in SHARES.items():
        assert known[name] / sum(known.values()) == pytest.approx(share, abs=0.03)
    assert sum(SHARES.values()) == pytest.approx(1)
    missing = sum(p.contact.relationship is None for p in drawn) / len(drawn)
    assert missing == pytest.approx(0.1, abs=0.03)
    for partner in drawn:
        assert {script.label for script in partner.episodes} <= {"benign"}


def test_a_side_without_families_still_has_contacts(tmp_path: Path) -> None:
    (tmp_path / "slots.txt").write_text("", encoding="utf-8")
    (tmp_path / "a.phrases").write_text("[ordinary]\nhi\n[user ordinary]\nhey\n", encoding="utf-8")
    partners = draw_partners(12, read_split(tmp_path), Dice(np.random.default_rng(0)))
    assert len(partners) == CONTACTS
    assert not any(partner.episodes for partner in partners)


def chat(*texts: str, harm: int | None = None, gap: float = 60.0) -> Conversation:
    turns = tuple(Turn(sender="contact", t=gap * i, text=text) for i, text in enumerate(texts))
    return Conversation(
        id="c", messages=turns, label="coercion", family="f", user_age=13, harm=harm
    )


def test_a_lane_decides_as_a_host_apps_client_does(toy: BundleChoice) -> None:
    """Two chats with one ledger, message by message, against `nudge_sdk.Client`."""
    model = opened(toy)
    contacts = [Contact(id=name, relationship="stranger", days_known=0) for name in "ab"]
    turns = [
        [Turn(sender="contact", t=700.0 * i + 350 * c, text=text) for i, text in enumerate(texts)]
        for c, texts in enumerate((["hi", "S", "S M", "T", "V V"], ["M S", "x", "V T", "S", "M"]))
    ]
    events = [e for c, own in zip(contacts, turns, strict=True) for e in events_of(c.id, c, own)]
    events.sort(key=lambda event: event[2].t)
    now = [0.0]
    client = Client.open(
        Profile(age=13), bundle=toy.folder, pinned_keys=PINNED, clock=lambda: now[0]
    )
    expected = []
    for name, contact, turn, index in events:
        now[0] = START + turn.t
        nudge = client.receive(name, turn.text, contact)
        if nudge is not None:
            expected.append((name, index, nudge.risk, nudge.level))
    lane = UserLane(engine=model.engine, band="13_15", events=deque(events))
    run_lanes(model, [lane])
    assert [(s.conversation, s.message, s.risk, s.level) for s in lane.shown] == expected
    assert expected
    assert lane.heard == len(events)


def test_without_limits_no_nudge_is_held_back_by_time_or_number() -> None:
    free = unlimited(shipped_policy())
    assert free.burst_s == 0
    assert all(rules.cooldown_s == 0 and rules.per_week > 10**6 for rules in free.bands.values())
    assert free.floor == shipped_policy().floor


def test_an_attack_uses_the_budget_up_and_only_the_real_chat_counts(toy: BundleChoice) -> None:
    real = Victim(chat=chat("hi", "S M", "S M", "V", harm=3), times=())
    quiet = Victim(chat=chat("hi", "ok", "see you", harm=2), times=())
    decoys = [chat("S", "M S", "V S", gap=20.0)]
    hit, missed = hear_attacks(toy, 7, decoys, [real, quiet])
    assert hit.budgeted == hit.unlimited
    assert hit.decoys > 0
    assert not (missed.budgeted or missed.unlimited or missed.after_drain)
    without = hear_attacks(toy, 7, [], [real])[0]
    assert without.decoys == 0 and not without.drained
    assert without.after_drain == without.budgeted


def test_figures_count_users_who_saw_nothing() -> None:
    def week(*risks: str) -> UserWeek:
        nudges = tuple((risk, "gentle", "friend") for risk in risks)
        return UserWeek(
            band="13_15", nudges=nudges, times=(), messages=700, episodes=30, lookalikes=3
        )

    figures = burden([week()] * 98 + [week("grooming"), week("grooming", "coercion")])
    assert figures["nudges_per_user_week"] == {
        "mean": 0.03, "median": 0, "p95": 0, "p99": 1, "max": 2,
    }  # fmt: skip
    low, high = figures["mean_interval"]
    assert low <= 0.03 <= high
    assert figures["nudges_by_risk"] == {"coercion": 1, "grooming": 2}
    assert recalls([])["recall_budgeted"] is None


def test_users_do_not_touch() -> None:
    alone = hear_weeks(plan(SHIPPED), range(2, 3))
    assert hear_weeks(plan(SHIPPED), range(4))[2:3] == alone


@pytest.mark.slow
def test_the_result_does_not_depend_on_workers() -> None:
    one, two = (simulate(plan(SHIPPED), users=70, risky=70, workers=w) for w in (1, 2))
    assert one == two
    assert one["drained"] == 1.0
    assert one["risky_chats"] == 70


def test_the_command_prints_what_others_rely_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(attack, "POOL", 30)
    words = ["weeks", "--users", "3", "--days", "1", "--seed", "2", "--risky", "6"]
    assert main([*words, "--workers", "1", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    week = figures["nudges_per_user_week"]
    assert list(week) == ["mean", "median", "p95", "p99", "max"]
    assert all(week[name] <= week["max"] for name in ("median", "p95", "p99"))
    for name in ("recall_budgeted", "recall_unlimited", "recall_after_drain"):
        assert 0 <= figures[name] <= 1
    assert figures["recall_budgeted"] <= figures["recall_unlimited"]
    assert (figures["users"], figures["messages"]) == (3, 300)


def test_the_figures_read_as_lines_too() -> None:
    week = UserWeek(band="13_15", nudges=(), times=(), messages=700, episodes=30, lookalikes=3)
    caught = Caught(
        label="coercion", family="f", budgeted=True, unlimited=True, after_drain=False,
        drained=True, decoys=6,
    )  # fmt: skip
    head = {"users": 1, "messages": 700, "lookalike_share": 0.1, "bundle": "b@1"}
    lines = list(as_lines({**head, **burden([week]), **recalls([caught])}))
    assert "nudges per user-week: mean 0, median 0, p95 0, p99 0, max 0" in lines
    assert "  after_drain  0.000" in lines


@pytest.mark.parametrize(
    "words", [["--users", "0"], ["--days", "0"], ["--seed", "-1"], ["--lookalikes", "2"]]
)
def test_bad_arguments_are_named(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["weeks", *words]) == 2
    assert words[0] in capsys.readouterr().err
