"""The search for floods finds what there is to find, and says nothing where there is nothing."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

import numpy as np
import pytest
from nudge_harness import washout
from nudge_harness.errors import UsageError
from nudge_harness.formats import ContactInfo, Conversation
from nudge_harness.formats.conversation import Turn
from nudge_harness.model import SHIPPED, Opened, opened
from nudge_harness.replay import Settings, replay
from nudge_harness.washout import Lab, Steps, command, pool_of, search, study

from nudge_sdk._onnx import BatchedModel
from nudge_sdk.engine import Engine, Output, Request
from nudge_sdk.policy import shipped_policy
from tests import toy

FEW = Steps(length=5, width=4, rounds=4, sweeps=1)
POOL = ("abc", "-", "efg", "hello", "one more")


def chat(name: str, *texts: str, harm: int | None = None) -> Conversation:
    return Conversation(
        id=name,
        messages=tuple(
            Turn(sender="contact", text=text, t=60.0 * at) for at, text in enumerate(texts)
        ),
        label="coercion" if harm is not None else "benign",
        contact=ContactInfo(relationship="stranger"),
        user_age=13,
        onset=harm,
        harm=harm,
    )


RISKY = chat("risky", "b", "T", "e T", harm=2)
ORDINARY = chat("ordinary", "b", "c", "efg")


class Washable:
    """A detector that a flood can blind: a hyphen lowers its one number without end but for -9."""

    def run(self, requests: Sequence[Request]) -> list[list[Output]]:
        return [[self._output(request)] for request in requests]

    def _output(self, request: Request) -> Output:
        text = "".join(map(chr, request.windows[0].tolist()))
        state = request.graph_state.copy()
        state[0] = np.clip(state[0] + 3.0 * ("T" in text) - 1.0 * ("-" in text), -9, 9)
        cues = np.zeros(18, dtype=np.float32)
        cues[11] = "T" in text  # threat
        risk = np.zeros(4, dtype=np.float32)
        risk[2] = 1 / (1 + np.exp(-state[0]))
        return Output(cues=cues, risk=risk, next_state=state)


def held_by(model: Washable | BatchedModel) -> Opened:
    return Opened(name="toy@1", engine=Engine(toy.SPEC, shipped_policy()), model=model)


@pytest.fixture(scope="module")
def toys() -> Opened:
    return held_by(BatchedModel(toy.batched_model(), toy.SPEC))


def test_the_search_finds_the_message_that_hides() -> None:
    """Positive control: five hyphens take five from the log odds, and nothing takes more."""
    found = search(Lab(held_by(Washable()), RISKY), POOL, FEW, np.random.default_rng(1))
    assert found.flood == ("-",) * 5
    assert found.before == pytest.approx(6.0, abs=1e-3)
    assert found.after == found.repeated == pytest.approx(1.0, abs=1e-3)
    assert found.any_state == pytest.approx(found.after)  # the bounds are what floods have reached


def test_who_is_hidden_is_read_from_the_policy() -> None:
    steps = Steps(length=12, width=4, rounds=1, sweeps=1)
    report = study(held_by(Washable()), pool=POOL, risky=[RISKY], ordinary=[ORDINARY], steps=steps)
    assert (report.chats, report.warned, report.warned_or_earlier) == (1, 0, 0)
    assert (report.above_from_any_state, report.ordinary, report.ordinary_nudged) == (0, 1, 0)
    assert report.as_dict()["worst"]["flood"] == ("-",) * 12


def test_a_flood_that_is_risky_itself_counts_as_a_warning_before() -> None:
    report = study(held_by(Washable()), pool=("T",), risky=[RISKY], ordinary=[], steps=FEW)
    assert (report.chats, report.warned_or_earlier) == (1, 1)


def test_where_evidence_cannot_be_lowered_nothing_is_hidden(toys: Opened) -> None:
    """The toy graph's evidence is never below 0, so no flood of innocent letters takes any away."""
    report = study(toys, pool=POOL, risky=[RISKY], ordinary=[ORDINARY], steps=FEW)
    assert (report.chats, report.warned, report.above_from_any_state) == (1, 1, 1)
    assert report.before == pytest.approx(report.after)
    assert report.ordinary_nudged == 0


def test_the_search_is_the_same_again_and_counts_its_runs(toys: Opened) -> None:
    one, two = (search(Lab(toys, RISKY), POOL, FEW, np.random.default_rng(3)) for _ in range(2))
    assert one == two
    assert one.runs > len(POOL) * FEW.length
    assert one.any_state <= one.after <= min(one.repeated, one.greedy)
    assert one.after <= one.before + 1e-9


def test_chats_that_are_not_warned_about_anyway_are_left_out(toys: Opened) -> None:
    missed = chat("missed", "a", "b", harm=1)
    loud = chat("loud", "T")
    report = study(toys, pool=POOL, risky=[missed], ordinary=[loud], steps=FEW)
    assert (report.chats, report.ordinary, report.before) == (0, 0, None)
    assert report.as_dict()["worst"] is None


def test_pools_are_drawn_by_seed_and_tell_apart() -> None:
    innocent, adversarial = (pool_of(name, 1, 100) for name in washout.POOLS)
    assert len(innocent) == len(adversarial) == 100
    assert "" in adversarial
    assert "" not in innocent
    assert pool_of("innocent", 1, 100) == innocent != pool_of("innocent", 2, 100)


@pytest.mark.parametrize("field", ["length", "width", "rounds", "sweeps"])
def test_a_search_without_steps_is_refused(field: str) -> None:
    with pytest.raises(UsageError, match="at least 1"):
        Steps(**{field: 0})


def test_no_pool_and_no_harm_are_refused(toys: Opened) -> None:
    with pytest.raises(UsageError, match="pool is empty"):
        search(Lab(toys, RISKY), (), FEW, np.random.default_rng(1))
    with pytest.raises(UsageError, match="needs harm"):
        study(toys, pool=POOL, risky=[ORDINARY], ordinary=[])
    with pytest.raises(UsageError, match="pool must be one of"):
        pool_of("no", 1)  # type: ignore[arg-type]  # on purpose


def test_the_shipped_graphs_memory_is_bounded_whatever_is_said() -> None:
    """The structural bound: each number stays within -1 and 1, from the corners of that box too."""
    model = opened(SHIPPED)
    lab = Lab(model, RISKY)
    size = model.engine.spec.state_size
    rng = np.random.default_rng(5)
    states = np.concatenate(
        [np.ones((1, size)), -np.ones((1, size)), rng.choice([-1.0, 1.0], (10, size))]
    ).astype(np.float32)
    pool = pool_of("adversarial", 1, 60)
    for _ in range(20):
        texts = [pool[at] for at in rng.integers(len(pool), size=len(states)).tolist()]
        states = lab.after(states, texts)
        assert np.abs(states).max() <= 1 + 1e-5


@pytest.mark.slow
def test_ordinary_chats_stay_quiet_behind_the_floods_that_hide_most(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The command on the shipped bundle, with few steps; how much is hidden is its to say."""
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    few = ["--chats", "8", "--ordinary", "10", "--length", "8", "--rounds", "2", "--sweeps", "1"]
    assert command.main(parser.parse_args([*few, "--pool", "adversarial"])) == 0
    row = json.loads(capsys.readouterr().out)
    assert row["ordinary"] > 0
    assert row["ordinary_nudged"] == 0
    assert row["any_state"] <= row["after"] <= row["before"]


def test_a_lab_reads_a_chat_as_the_engine_does(toys: Opened) -> None:
    """Its margin is that of the risk that a replay shows."""
    (replayed,) = replay(toys, [RISKY], Settings())
    assert replayed.score.risk is not None
    highest = replayed.score.risk["coercion"]
    margin = Lab(toys, RISKY).margins(toys.engine.fresh_state().graph[None])[0]
    assert margin == pytest.approx(np.log(highest / (1 - highest)), abs=1e-4)
