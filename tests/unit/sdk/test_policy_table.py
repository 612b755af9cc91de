"""The table: every number has a unit and a source, the page says what runs, floor rules lead on."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from nudge_sdk import Client, Contact, policy_page
from nudge_sdk.cli import main
from nudge_sdk.policy import shipped_policy
from nudge_sdk.policy_table import policy_json
from nudge_sdk.values import RISKS
from tests.fixtures import OpenToy

KAI = Contact(id="kai", relationship="stranger", days_known=0)


@pytest.fixture
def client(open_toy: OpenToy) -> Client:
    return open_toy()


def unexplained(table: dict[str, Any]) -> set[str]:
    """Numbers that not exactly one entry of the section ``numbers`` speaks of."""
    return {
        path
        for path in policy_page.numbers_of(table)
        if sum(policy_page.matches(path, pattern) for pattern in table["numbers"]) != 1
    }


def test_every_number_has_one_unit_and_one_source() -> None:
    assert unexplained(policy_json()) == set()


def test_every_source_speaks_of_a_number_that_is_there() -> None:
    table = policy_json()
    found = policy_page.numbers_of(table)
    for pattern in table["numbers"]:
        assert any(policy_page.matches(path, pattern) for path in found), pattern


@pytest.mark.parametrize("where", [("timing", "new_s"), ("bands", "adult", "new_s")])
def test_a_number_without_a_source_is_noticed(where: tuple[str, ...]) -> None:
    table = copy.deepcopy(policy_json())
    inner = table
    for key in where[:-1]:
        inner = inner[key]
    inner[where[-1]] = 7
    assert unexplained(table) == {".".join(where)}


def test_the_page_in_the_docs_is_what_the_command_prints(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy"]) == 0
    printed = capsys.readouterr().out
    there = (root / "docs" / "policy.md").read_text(encoding="utf-8")
    assert there == printed, "run: nudge policy > docs/policy.md"


def test_the_page_follows_the_table() -> None:
    table = copy.deepcopy(policy_json())
    table["bands"]["13_15"]["cooldown_s"] = 5400
    assert "| 13-15 | 90 minutes |" in policy_page.page(table)
    assert "90 minutes" not in policy_page.page()


def test_every_number_stands_on_the_page() -> None:
    page = policy_page.page()
    for pattern, about in policy_json()["numbers"].items():
        assert f"| `{pattern}` | " in page
        assert about["source"] in page


def test_a_copy_names_a_kind_in_which_its_evidence_counts() -> None:
    policy = shipped_policy()
    for rule in policy.floor:
        assert set(rule.risks) == set(RISKS), "the floor holds whichever risk is up"
        for risk in rule.risks:
            about = rule.copy.get(risk, risk)
            assert rule.now & ~policy.evidence[about] == 0, rule.name


@pytest.mark.parametrize(
    ("first", "threat"), [("S A", "T"), ("G", "T"), ("X", "T"), ("V", "T and more")]
)
def test_a_threat_gets_the_texts_about_coercion_whichever_risk_is_up(
    client: Client, first: str, threat: str
) -> None:
    client.receive("c", first, KAI)
    nudge = client.receive("c", threat, KAI)
    assert nudge is not None
    assert (nudge.risk, nudge.level) == ("coercion", "strong")
    said = nudge.body.lower() + nudge.title.lower()
    assert "not your fault" in said and "don't pay" in said and "stop replying" in said
    assert "They said something bad would happen" in nudge.reasons
    assert nudge.actions[0].id == "get_help"


def test_a_threat_is_told_once_until_there_is_more(client: Client) -> None:
    assert client.receive("c", "T", KAI)
    assert client.receive("c", "T", KAI) is None
    more = client.receive("c", "U", KAI)
    assert more is not None
    assert (more.risk, more.level) == ("coercion", "strong")


def test_a_meeting_in_a_chat_with_adult_content_is_about_the_meeting(client: Client) -> None:
    client.receive("c", "X", KAI)
    nudge = client.receive("c", "M", KAI)
    assert nudge is not None
    assert (nudge.risk, nudge.level) == ("grooming", "strong")


def test_a_nudge_carries_its_neutral_title(client: Client) -> None:
    nudge = client.receive("c", "T", KAI)
    assert nudge is not None
    assert nudge.discreet
    assert nudge.neutral_title == "A tip for you"
    assert nudge.neutral_title not in (nudge.title, nudge.body)
