"""Every peer with its real package, on the same file: the extra ``peers`` is installed by tox."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from nudge_harness.cli import main
from nudge_harness.formats import write_conversations
from nudge_harness.generate import generate
from nudge_harness.peers import blind
from nudge_harness.peers.catalogue import PEERS, Places, make

LESSONS = list(generate("train", 0, n=150))
UNHEARD = [blind(chat) for chat in generate("test", 0, n=6)]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where MiniLM's tokenizer is fetched to, once."""
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("name", list(PEERS))
def test_a_peer_is_causal_and_hears_chats_apart(name: str, cache: Path) -> None:
    detector = make(name, Places(cache=cache))
    detector.learn(LESSONS)
    whole = detector.hear(UNHEARD)
    for chat, scores in zip(UNHEARD, whole, strict=True):
        assert scores.shape == (len(chat.messages), 4) and not np.isnan(scores).any()
        end = len(chat.messages) // 2 + 1
        (early,) = detector.hear([replace(chat, messages=chat.messages[:end])])
        # An int8 encoder rounds by what else is in its batch, a little.
        np.testing.assert_allclose(early, scores[:end], atol=0.05 if "minilm" in name else 1e-6)


def test_one_command_measures_them_all_on_the_same_file(
    tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = tmp_path / "chats.jsonl.gz"
    write_conversations(truth, generate("test", 0, n=60))
    words = [
        "peers",
        truth,
        "-o",
        tmp_path / "out",
        "--lessons",
        150,
        "--cache",
        cache,
        "--budget",
        0.1,
    ]
    assert main(list(map(str, words))) == 0
    found = json.loads((tmp_path / "out" / "peers.json").read_text("utf-8"))
    shipped = {"nudge_all", "nudge_text", "nudge_metadata"}
    assert set(found) == {*shipped, *PEERS}
    assert len({own["counts"]["all"]["conversations"] for own in found.values()}) == 1
    assert all(own["budget_spent_on_training_side"] <= 0.1 for own in map(found.get, PEERS) if own)
    assert "alt-profanity-check" in capsys.readouterr().out
