"""Ablation: each feature is really gone, nothing else is; a run is compared with the whole."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from nudge_harness.ablate import FEATURES, features_from, taken_away
from nudge_harness.cli import main
from nudge_harness.errors import UsageError
from nudge_harness.formats import Conversation, conversation_from, read_scores
from nudge_harness.model import BundleChoice, opened
from nudge_harness.replay import Settings, replay

from tests.simulator import PINNED, BundleSimulator

WHOLE = conversation_from(
    {
        "id": "c",
        "user_age": 11,
        "contact": {"relationship": "stranger", "days_known": 2, "claimed_age": 15},
        "messages": [
            {"from": "contact", "t": 0, "text": "hi"},
            {"from": "user", "t": 5, "text": "hello"},
            {"from": "contact", "t": 4000, "text": "", "kind": "image"},
            {"from": "contact", "t": 4100, "text": "S"},
            {"from": "contact", "t": 9000, "text": "ok"},
        ],
    }
)


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> BundleChoice:
    return BundleChoice(
        folder=BundleSimulator().write(tmp_path_factory.mktemp("toy")), key=PINNED[0]
    )


def risks(toy: BundleChoice, chat: Conversation, *without: str) -> list[dict[str, float] | None]:
    settings = Settings(trace=True, without=frozenset(without))
    (found,) = replay(opened(toy), [chat], settings)
    assert found.trace is not None
    return [None if m.risk is None else dict(m.risk) for m in found.trace.messages]


def test_fields_become_unknown_and_nothing_else_changes() -> None:
    assert taken_away(WHOLE, frozenset()) is WHOLE
    for name in ("relationship", "days_known", "claimed_age"):
        cut = taken_away(WHOLE, frozenset((name,)))
        assert getattr(cut.contact, name) is None
        assert replace(cut, contact=WHOLE.contact) == WHOLE
    assert taken_away(WHOLE, frozenset(("user_age",))) == replace(WHOLE, user_age=None)
    kinds = {turn.kind for turn in taken_away(WHOLE, frozenset(("kind",))).messages}
    assert kinds == {"text"}
    assert taken_away(WHOLE, frozenset(("sent", "memory", "time"))) == WHOLE


def test_without_memory_evidence_is_gone_with_the_next_message(toy: BundleChoice) -> None:
    whole, forgetful = risks(toy, WHOLE), risks(toy, WHOLE, "memory")
    assert whole[3] is not None and forgetful[3] is not None
    assert whole[4] is not None and forgetful[4] is not None
    assert whole[4]["grooming"] > 0.3 > forgetful[4]["grooming"]
    assert forgetful[0] == whole[0]


def test_without_sent_the_young_person_is_not_heard(toy: BundleChoice) -> None:
    found = risks(toy, WHOLE, "sent")
    assert found[1] is None and all(risk is not None for i, risk in enumerate(found) if i != 1)


def test_every_feature_can_be_taken_away(toy: BundleChoice) -> None:
    for name in FEATURES:
        assert len(risks(toy, WHOLE, name)) == len(WHOLE.messages)


def test_features_are_named_and_unknown_ones_refused() -> None:
    assert features_from(["memory,time", "sent"]) == {"memory", "time", "sent"}
    with pytest.raises(UsageError, match="no feature 'smell'"):
        features_from(["smell"])


def test_an_ablation_is_compared_with_the_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = BundleSimulator().write(tmp_path / "bundle")
    options = ["run", "-n", "24", "--no-trace", "--workers", "1"]
    options += ["--bundle", str(bundle), "--key", PINNED[0].hex()]
    gates = tmp_path / "gates.toml"
    gates.write_text('[[regression]]\nmetric = "recall_before_harm"\nallow = 1.0\n', "utf-8")
    assert main([*options, "-o", str(tmp_path / "whole")]) == 0
    words = ["--without", "memory", "--against", str(tmp_path / "whole"), "--gate", str(gates)]
    assert main([*options, *words, "-o", str(tmp_path / "less")]) == 0
    out = capsys.readouterr().out
    assert "Less the other detector" in out and "recall_before_harm (change)" in out
    results = json.loads((tmp_path / "less" / "results.json").read_text("utf-8"))
    assert results["provenance"]["without"] == ["memory"]
    assert "--without memory" in results["provenance"]["command"]
    assert set(results["beside"]) == {"nudge-sdk, text only", "nudge-sdk, metadata only"}
    assert "Change" in (tmp_path / "less" / "report.html").read_text("utf-8")


def test_score_takes_features_away_too(tmp_path: Path, toy: BundleChoice) -> None:
    chats = tmp_path / "chats.jsonl"
    chats.write_text('{"id": "a", "messages": [{"from": "contact", "text": "S"}]}\n', "utf-8")
    assert toy.key is not None
    words = ["score", str(chats), "-o", str(tmp_path / "s.jsonl"), "--without", "time,sent"]
    words += ["--bundle", str(toy.folder), "--key", toy.key.hex()]
    assert main(words) == 0
    assert len(list(read_scores(tmp_path / "s.jsonl"))) == 1


def test_a_stored_run_that_is_missing_stops_before_the_long_part(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "-o", str(tmp_path / "r"), "--against", str(tmp_path / "none")]) == 2
    assert "outcomes.jsonl" in capsys.readouterr().err
    assert not (tmp_path / "r").exists()
