"""Deriving the policy's numbers that depend on the model, on the toy bundle and by hand."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path

import pytest
from nudge_harness import derive
from nudge_harness.cli import main
from nudge_harness.errors import UsageError
from nudge_harness.formats import Conversation, conversation_from, write_conversations
from nudge_harness.model import BundleChoice, opened

from nudge_sdk.bundle import load_bundle, shipped_directory
from nudge_sdk.policy_table import policy_json
from tests import toy
from tests.simulator import PINNED, BundleSimulator

RULES = {"ordinary_share": 0.25, "most_odds": 3.0}


@pytest.fixture(scope="module")
def choice(tmp_path_factory: pytest.TempPathFactory) -> BundleChoice:
    folder = BundleSimulator().write(tmp_path_factory.mktemp("toy"))
    return BundleChoice(folder=folder, key=PINNED[0])


def chat(name: str, *texts: str, relationship: str | None = None) -> Conversation:
    messages = [{"from": "contact", "text": text, "t": 60 * i} for i, text in enumerate(texts)]
    contact = {"relationship": relationship} if relationship else None
    return conversation_from({"id": name, "messages": messages, "contact": contact})


def test_the_largest_factor_within_the_share_is_taken() -> None:
    found = derive.largest([0.9, 1.5, 2.0, math.inf], RULES)
    assert (found.odds, found.share, found.share_at_1) == (1.45, 0.25, 0.25)


def test_the_bound_holds_where_the_share_would_allow_more() -> None:
    assert derive.largest([math.inf] * 4, RULES).odds == 3.0
    assert derive.largest([2.9, math.inf, math.inf, math.inf], RULES).odds == 3.0


def test_nothing_is_lowered_where_the_share_is_used_up() -> None:
    found = derive.largest([0.5, 0.5], RULES)
    assert (found.odds, found.share) == (1.0, 1.0)


def test_what_a_chat_needs_counts_only_messages_with_evidence(choice: BundleChoice) -> None:
    chats = [chat("a", "hello"), chat("b", "!"), chat("c", "O"), chat("d", "hi", "S", "I")]
    needs = list(derive.needed(opened(choice), chats, policy_json()))
    assert needs[:2] == [math.inf, math.inf]  # no risk; every risk, and no word shows why
    risk = 1 - math.exp(-1.5)  # of one letter: tests/toy.py
    assert needs[2] == pytest.approx((1 - risk) / risk, rel=1e-3)
    assert needs[3] < needs[2] < 1


def test_an_own_message_is_no_evidence(choice: BundleChoice) -> None:
    own = conversation_from({"id": "x", "messages": [{"from": "user", "text": "S"}]})
    assert list(derive.needed(opened(choice), [own], policy_json())) == [math.inf]


def test_family_and_friends_say_nothing_about_drafts(choice: BundleChoice) -> None:
    chats = [chat("a", "O", relationship="friend"), chat("b", "hi", relationship="classmate")]
    found = derive.derive(opened(choice), chats, policy_json())
    assert found["draft_odds"].chats == 1
    assert found["adult_outside_contacts_odds"].chats == 2
    with pytest.raises(UsageError, match="no ordinary"):
        derive.derive(opened(choice), chats[:1], policy_json())


def test_the_command_writes_the_line_and_nothing_else(
    tmp_path: Path, choice: BundleChoice, capsys: pytest.CaptureFixture[str]
) -> None:
    target, chats = tmp_path / "policy.json", tmp_path / "chats.jsonl"
    before = json.dumps(policy_json(), indent=2)
    line = json.dumps(policy_json()["derived"])
    head, _, tail = before.partition('"derived": {')
    text = head + f'"derived": {line}' + tail[tail.index("}") + 1 :]
    target.write_text(text, encoding="utf-8")
    write_conversations(chats, [chat("a", "hello"), chat("b", "hi")])
    options = ["--bundle", str(choice.folder), "--key", PINNED[0].hex(), "-o", str(target)]
    assert main(["derive", *options, "--check"]) == 1
    assert main(["derive", *options, str(chats)]) == 0
    written = json.loads(target.read_text(encoding="utf-8"))
    model = written["derived"]["model"]
    assert json.loads(capsys.readouterr().out) == written["derived"]
    assert written["derived"] == {
        "model": model,
        "adult_outside_contacts_odds": written["adult_outside_contacts"]["most_odds"],
        "draft_odds": written["draft"]["most_odds"],
    }
    assert {**written, "derived": 0} == {**policy_json(), "derived": 0}
    assert main(["derive", *options, "--check"]) == 0


def test_a_file_without_the_line_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "policy.json"
    target.write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match="derived"):
        derive.write(target, "{}")


def test_check_needs_a_file_and_measuring_writes_none(tmp_path: Path) -> None:
    assert main(["derive", "--check"]) == 2
    assert main(["derive", "--measure", "-o", str(tmp_path / "policy.json")]) == 2


def test_measuring_takes_the_factors_as_they_are(choice: BundleChoice) -> None:
    chats = [chat("a", "O"), chat("b", "hello")]
    fixed = {"adult_outside_contacts_odds": 1.25, "draft_odds": 2.5}
    found = derive.derive(opened(choice), chats, policy_json(), fixed)
    assert {name: own.odds for name, own in found.items()} == fixed
    assert {own.share for own in found.values()} == {0.5}


def test_options_have_defaults() -> None:
    parser = argparse.ArgumentParser()
    derive.add_arguments(parser)
    assert parser.parse_args([]).ordinary == []


def test_the_shipped_numbers_are_those_of_the_shipped_model() -> None:
    """They are the only ones that a new model makes stale."""
    model = load_bundle(shipped_directory()).spec.model_id.hex()
    assert policy_json()["derived"]["model"] == model, (
        "a new model: run  nudge-harness derive -o nudge_sdk/policy.json"
        "  and  nudge policy > docs/policy.md"
    )
    assert toy.SPEC.model_id.hex() != model
