"""The peers that need no extra, the shared thresholds, and what every detector is held to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from nudge_harness.cli import main
from nudge_harness.errors import UsageError
from nudge_harness.formats import Conversation, read_scores, write_conversations
from nudge_harness.generate import generate
from nudge_harness.peers import Scores, blind, fit
from nudge_harness.peers.catalogue import PEERS, Places, make
from nudge_harness.peers.detector import one_kind
from nudge_harness.peers.fitting import PARTS, nudges_of, part_of, thresholds
from nudge_harness.peers.keywords import cues_in, patterns, plain
from nudge_harness.peers.length import Length
from nudge_harness.peers.measure import scored
from nudge_harness.peers.memory import shown_so_far
from nudge_harness.replay import Assume

from nudge_sdk.values import CUES, RISKS

CHATS = list(generate("train", 0, n=300))


class Oracle:
    """Nudges on a word that only its test knows."""

    name = "oracle"
    title = "Oracle"

    def learn(self, chats: Sequence[Conversation]) -> None:
        self.taught = len(chats)

    def hear(self, chats: Sequence[Conversation]) -> list[Scores]:
        assert all(c.label is None and c.family is None and c.harm is None for c in chats)
        return [
            one_kind(
                np.array([float(len(t.text)) for t in c.messages], dtype=np.float32), "coercion"
            )
            for c in chats
        ]


def test_blind_keeps_what_a_phone_knows_and_nothing_else() -> None:
    risky = next(c for c in CHATS if c.label in RISKS)
    heard = blind(risky, Assume(relationship="stranger", user_age=12))
    assert (heard.label, heard.family, heard.onset, heard.harm, heard.lang) == (None,) * 5
    assert all(turn.cues == () for turn in heard.messages)
    assert [turn.text for turn in heard.messages] == [turn.text for turn in risky.messages]
    bare = Conversation(id="x", messages=risky.messages)
    assert blind(bare, Assume(relationship="stranger")).contact.relationship == "stranger"


def test_thresholds_keep_the_budget_and_lie_just_above_a_benign_score() -> None:
    rng = np.random.default_rng(1)
    benign = rng.normal(size=(500, 4)).astype(np.float32)
    risky = (rng.normal(size=(200, 4)) + 2).astype(np.float32)
    kind = np.arange(200) % 4
    limits = thresholds(benign, risky, kind, 0.02)
    assert (benign >= limits).any(axis=1).mean() <= 0.02
    assert (risky >= limits).any(axis=1).mean() > 0.3
    wider = thresholds(benign, risky, kind, 0.1)
    assert (risky >= wider).any(axis=1).sum() >= (risky >= limits).any(axis=1).sum()


def test_a_kind_that_is_never_named_gets_no_threshold() -> None:
    benign = np.full((50, 4), -np.inf, dtype=np.float32)
    benign[:, 0] = np.linspace(0, 1, 50)
    risky = benign + np.float32(2)
    limits = thresholds(benign, risky, np.zeros(50, dtype=np.int64), 0.1)
    assert np.isfinite(limits[0])
    assert not (risky[:, 1:] >= limits[1:]).any()


def test_nudges_come_on_contact_messages_only_and_each_kind_once() -> None:
    scores = np.zeros((5, 4), dtype=np.float32)
    scores[1:, 2] = 1.0
    scores[3:, 0] = 5.0
    contact = np.array([True, False, True, True, True])
    found = nudges_of(scores, contact, np.full(4, 0.5, dtype=np.float32))
    assert [(n.message, n.risk) for n in found] == [(2, RISKS[2]), (3, RISKS[0])]


def test_fitting_never_cuts_a_family_and_learns_from_all_at_the_end() -> None:
    oracle = Oracle()
    fitted = fit(oracle, CHATS, budget=0.05)
    assert oracle.taught == len(CHATS)
    assert fitted.spent <= 0.05
    assert {part_of(chat) for chat in CHATS} == set(range(PARTS))
    for family in {c.family for c in CHATS}:
        assert len({part_of(c) for c in CHATS if c.family == family}) == 1


@pytest.mark.parametrize("budget", [0.0, 1.0, -1.0])
def test_an_impossible_budget_is_refused(budget: float) -> None:
    with pytest.raises(UsageError, match="budget"):
        fit(Length(), CHATS, budget)


def test_too_little_to_learn_from_is_an_error() -> None:
    with pytest.raises(UsageError, match="too few"):
        fit(Length(), [c for c in CHATS if c.label == "benign"])


def test_length_counts_messages_and_ends_up_under_its_budget() -> None:
    fitted = fit(Length(), CHATS, budget=0.05)
    rows = list(scored(fitted, CHATS))
    assert [row.id for row in rows] == [chat.id for chat in CHATS]
    long = [c for c, row in zip(CHATS, rows, strict=True) if row.nudges]
    least = min(len(c.messages) for c in long)
    assert all(
        row.nudges for c, row in zip(CHATS, rows, strict=True) if len(c.messages) > least + 40
    )


def test_the_memory_is_causal() -> None:
    found = np.random.default_rng(0).random((9, 3)).astype(np.float32)
    contact = np.arange(9) % 2 == 0
    whole = shown_so_far(found, contact)
    for end in range(1, 9):
        np.testing.assert_array_equal(shown_so_far(found[:end], contact[:end]), whole[:end])
    assert whole.shape == (9, 9)


def test_keywords_are_about_140_and_cover_every_cue() -> None:
    assert set(patterns()) == set(CUES)
    assert 120 <= sum(map(len, patterns().values())) <= 160


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("how old r u???", "age_probe"),
        ("Dont tell ur mum", "secrecy"),
        ("this is 0ur secret, our secreeeet", "secrecy"),
        ("lets meeeeet up", "meet_request"),
        ("send me a pic", "image_request"),
        ("add me on snap", "platform_move"),
    ],
)
def test_keywords_see_through_chat_spelling(text: str, cue: str) -> None:
    assert cues_in(text)[CUES.index(cue)] == 1.0


def test_keywords_match_whole_words() -> None:
    assert plain("Ünïcode’s  words!") == "unicodes words"
    assert not cues_in("the otpist sat by the classroom door").any()


def test_other_detectors_are_named_by_module(monkeypatch: pytest.MonkeyPatch) -> None:
    assert make("nudge_harness.peers.length:Length", Places()).name == "length"
    for wrong in ("nothing", "no.such:Thing", "nudge_harness.peers.length:Missing"):
        with pytest.raises(UsageError):
            make(wrong, Places())
    assert list(PEERS) == ["length", "metadata", "keywords", "profanity", "minilm_text", "minilm"]


def test_the_command_measures_a_peer_beside_the_shipped_detector(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = tmp_path / "chats.jsonl"
    write_conversations(truth, generate("test", 0, n=40))
    words = ["peers", truth, "-o", tmp_path / "out", "--only", "length", "--lessons", 200]
    assert main([str(word) for word in (*words, "--workers", 1)]) == 0
    out = capsys.readouterr().out
    assert "nudge-sdk, all signals" in out and "Length only" in out
    assert (tmp_path / "out" / "peers.json").exists()
    assert len(list(read_scores(tmp_path / "out" / "scores.peer.length.jsonl"))) == 40


def test_peers_refuse_bad_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["peers", "chats.jsonl", "-o", str(tmp_path / "o"), "--lessons", "0"]) == 2
    assert main(["peers", "chats.jsonl", "-o", str(tmp_path / "o"), "--only", "nobody"]) == 2
    assert "no such peer" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()
