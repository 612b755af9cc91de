"""The parts of a study: memory, precision, heads, thieves, and what the frontier draws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nudge_harness.generate import generate
from nudge_harness.metrics.statistic import Figure
from nudge_harness.studies import thief
from nudge_harness.studies.frontier_page import charts, says, unbeaten
from nudge_harness.studies.labels import Room
from nudge_harness.studies.logistic import fit
from nudge_harness.studies.memory import HORIZONS, PRECISIONS, Memory, states_of
from nudge_harness.studies.pictures import Row, dots, ticks
from nudge_harness.studies.study import Point

DAY = 86_400.0


def states(horizon: str, precision: str, shown: list[float], gap: list[float]) -> list[list[float]]:
    """States of one chat that shows one number."""
    found = states_of(
        np.array(shown, dtype=np.float32)[:, None],
        np.array(gap, dtype=np.float32),
        np.ones(len(shown), dtype=np.bool_),
        np.array([0, len(shown)]),
        Memory(horizon, precision),
        np.random.default_rng(0),
    )
    return [[float(entry) for entry in row] for row in found]


def test_horizons_forget_as_they_say() -> None:
    assert states("none", "32", [1.0], [0.0]) == [[]]
    for horizon, gap, left in (
        ("for_ever", 90 * DAY, 1.0),
        ("one_day", DAY, np.exp(-1)),
        ("thirty_days", 30 * DAY, np.exp(-1)),
        ("last_10", 90 * DAY, 0.9),
    ):
        first, second = states(horizon, "32", [1.0, 0.0], [0.0, gap])
        assert first == pytest.approx([1.0, 0.2])
        assert second == pytest.approx([left, 0.2 * left])


def test_accumulators_rise_and_saturate_and_weak_cues_add_nothing() -> None:
    flood = [row[1] for row in states("for_ever", "32", [1.0] * 60, [0.0] * 60)]
    assert flood == sorted(flood) and 0.99 < flood[-1] <= 1.0
    assert states("for_ever", "32", [0.05] * 9, [0.0] * 9)[-1][1] == 0.0


@given(
    st.sampled_from([name for name in HORIZONS if name != "none"]),
    st.sampled_from(list(PRECISIONS)),
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 9e6)), min_size=1, max_size=12),
)
def test_states_stay_in_range_and_on_their_grid(
    horizon: str, precision: str, turns: list[tuple[float, float]]
) -> None:
    found = np.array(states(horizon, precision, [a for a, _ in turns], [b for _, b in turns]))
    assert (found >= 0).all() and (found <= 1).all()
    if precision in ("8", "4", "1"):
        steps = found * (2 ** int(precision) - 1)
        assert np.allclose(steps, np.round(steps), atol=1e-3)


def test_stochastic_rounding_forgets_on_average() -> None:
    chats = 4_000
    found = states_of(
        np.tile(np.array([[1.0], [0.0]], dtype=np.float32), (chats, 1)),
        np.tile(np.array([0.0, DAY], dtype=np.float32), chats),
        np.ones(2 * chats, dtype=np.bool_),
        np.arange(0, 2 * chats + 1, 2),
        Memory("one_day", "1"),
        np.random.default_rng(0),
    )
    assert found[1::2, 0].mean() == pytest.approx(np.exp(-1), abs=0.03)


def test_chats_do_not_touch_and_unheard_messages_change_nothing() -> None:
    shown = np.array([[1.0], [0.0], [0.3], [0.9]], dtype=np.float32)
    heard = np.array([True, True, True, False])
    found = states_of(
        shown, np.zeros(4, dtype=np.float32), heard, np.array([0, 2, 4]),
        Memory("for_ever", "32"), np.random.default_rng(0),
    )  # fmt: skip
    assert found[2:, 0].tolist() == pytest.approx([0.3, 0.3])


def test_a_fitted_line_has_no_slope_left() -> None:
    rng = np.random.default_rng(1)
    drawn = rng.normal(size=(400, 3)) * [1.0, 5.0, 0.2] + [0.0, 9.0, 1.0]
    features = drawn.astype(np.float32)
    target = rng.random(400) < 1 / (1 + np.exp(-features[:, 0] + 0.3 * features[:, 1] - 2.7))
    line = fit(features, target, penalty=1e-3)
    error = target - 1 / (1 + np.exp(-line(features)))
    scaled = (features - features.mean(axis=0)) / features.std(axis=0)
    assert np.abs(scaled.T @ error).max() < 0.2 and abs(error.sum()) < 0.2
    assert fit(features, np.zeros(400, dtype=np.bool_))(features).max() == -20.0


CHATS = list(generate("test", 1, n=160))


@pytest.mark.parametrize("sort", thief.SORTS)
def test_a_thief_with_the_answer_is_certain_and_one_with_nothing_is_at_chance(sort: str) -> None:
    asked, quarter = thief.questions(CHATS, sort), thief.quarters(CHATS)
    ones = np.ones((1, len(CHATS)))
    if not asked.names:
        pytest.fail("no question is asked")
    knows = thief.advantage(asked, asked.answers, quarter).under(ones)
    blank = np.zeros((len(CHATS), 0), dtype=np.float32)
    guesses = thief.guesses(blank, asked, quarter)
    assert thief.advantage(asked, guesses, quarter).under(ones).tolist() == [0.0]
    assert knows.tolist() in ([1.0], pytest.approx([float("nan")], nan_ok=True))


def test_attackers_learn_from_other_families_only() -> None:
    quarter = thief.quarters(CHATS)
    assert 0.2 < (quarter % 2).mean() < 0.8
    by_family: dict[str, set[int]] = {}
    for chat, side in zip(CHATS, quarter.tolist(), strict=True):
        by_family.setdefault(chat.family or chat.id, set()).add(side)
    assert all(len(sides) == 1 for sides in by_family.values())
    asked = thief.questions(CHATS, "word")
    told = asked.answers.astype(np.float32)  # a state that holds the answers themselves
    said = thief.guesses(told, asked, quarter)
    assert (said == asked.answers).mean() > 0.95


def test_a_question_needs_yes_and_no_in_both_halves() -> None:
    rare = thief.Questions(names=("a",), answers=np.zeros((len(CHATS), 1), dtype=np.bool_))
    quarter = thief.quarters(CHATS)
    assert np.isnan(thief.advantage(rare, rare.answers, quarter).under(np.ones((1, len(CHATS)))))


def point(leak: float | None, recall: float | None, **cell: str) -> Point:
    usual = {"signals": "both", "sides": "both", "memory": "one_day", "precision": "8"}
    return Point(
        cell={**usual, **cell},
        figures={
            "leak": Figure(value=leak, low=leak, high=leak, n=9),
            "recall_at_budget": Figure(value=recall, low=recall, high=recall, n=9),
            "false_per_1000": Figure(value=9.0, low=4.0, high=20.0, n=9),
            "budget": Figure(value=16.0, low=None, high=None, n=9),
        },
    )


def test_the_unbeaten_are_those_that_no_other_beats() -> None:
    points = [point(0.1, 0.5), point(0.2, 0.4), point(0.2, 0.6), point(None, 0.9), point(-0.1, 0.1)]
    assert unbeaten(points) == [points[4], points[0], points[2]]


FOUND = [
    point(0.0, 0.2, signals="metadata", memory="none", precision="32"),
    point(0.1, 0.6, signals="text"),
    point(0.3, 0.8),
    point(0.05, 0.79, precision="1"),
    point(0.2, None, signals="length", memory="none"),
    point(0.9, None, signals="plaintext", memory="none"),
]


def test_the_frontier_draws_its_names_and_its_references() -> None:
    ((chart, caption),) = charts(FOUND)
    for said in (
        "words and metadata",
        "one day, 1 bit",
        "number of messages alone",
        "0.90 reading",
    ):
        assert said in chart.picture and said in chart.figure
    assert "Up and to the left" in caption and len(chart.rows) == 4
    assert charts([point(None, None)]) == [] and says([]) == []


def test_the_frontier_tells_what_was_measured_and_how_the_budget_was_kept() -> None:
    told = says(FOUND)
    assert told[0].startswith("Metadata only: with no memory 20.0 %")
    near = next(own for own in told if "least to steal" in own)
    assert "1 bit" in near and "79.0 %" in near
    assert "0.300; the number of messages alone gives 0.200, the chat itself 0.900" in told[-2]
    assert "The budget was 16" in told[-1] and "nudged 9 to 9" in told[-1]
    assert "0 of 4 nudged more" in told[-1]


def test_names_in_a_drawing_cover_neither_each_other_nor_lines() -> None:
    room = Room(200)
    room.steps([(0, 50), (100, 50)])
    assert room.place((10, 50), "name", [(0, 3), (0, -8)]) == (0, -8)  # the first lies on the line
    assert room.place((10, 50), "name", [(0, -8)]) is None
    assert room.place((190, 90), "too long", [(0, 0)]) is None
    assert room.place((190, 90), "too long", [(0, 0)], ends=True) == (0, 0)


def test_dots_leave_out_what_was_not_measured() -> None:
    nothing = Figure(value=None, low=None, high=None, n=0)
    known = Figure(value=0.4, low=0.3, high=0.6, n=9)
    assert dots([Row(name="a", figure=nothing)], unit="share", title="t") is None
    chart = dots(
        [Row(name="a", figure=nothing), Row(name="b", figure=known)], unit="share", title="t"
    )
    assert chart is not None and chart.rows == (("b", "40.0 %", "30.0 to 60.0", "9"),)


@given(st.floats(-1e3, 1e3), st.floats(0.01, 1e3))
def test_ticks_lie_between_the_ends(low: float, span: float) -> None:
    found = ticks(low, low + span)
    assert len(found) <= 10
    assert all(low - 1e-6 <= tick <= low + span + 1e-6 for tick in found)
