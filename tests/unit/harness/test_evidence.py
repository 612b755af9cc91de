"""The evidence pack: everything in it comes from the SDK, from checks that ran, or from a run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from nudge_harness.cli import main
from nudge_harness.errors import FormatError
from nudge_harness.evidence import facts
from nudge_harness.evidence.checks import NETWORK, imported, run_checks
from nudge_harness.evidence.figures import read_record
from nudge_harness.evidence.pack import stated
from nudge_harness.model import BundleChoice
from nudge_harness.report import words

from nudge_sdk.state import ConversationState, UserLedger
from nudge_sdk.values import Contact, Message
from tests.simulator import PINNED, BundleSimulator


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> BundleChoice:
    return BundleChoice(
        folder=BundleSimulator().write(tmp_path_factory.mktemp("toy")), key=PINNED[0]
    )


@pytest.fixture(scope="module")
def pack(toy: BundleChoice, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one dated folder that the command makes."""
    assert toy.key is not None
    folder = tmp_path_factory.mktemp("pack")
    words_ = ["evidence", "-o", str(folder), "-n", "60", "--workers", "1"]
    code = main([*words_, "--bundle", str(toy.folder), "--key", toy.key.hex()])
    assert code == 1  # the toy bundle carries no golden vectors: a check that does not hold
    (dated,) = folder.iterdir()
    assert re.fullmatch(r"evidence-\d{4}-\d\d-\d\d", dated.name)
    return dated


def test_every_field_of_the_sdk_is_listed() -> None:
    handed = {(own.owner, own.name) for own in facts.inputs()}
    assert {("Message", name) for name in Message.__slots__} <= handed
    assert {("Contact", name) for name in Contact.__slots__} <= handed
    kept = {(own.owner, own.name): own.says for own in facts.kept()}
    assert {("ConversationState", name) for name in ConversationState.__slots__} <= set(kept)
    assert {("UserLedger", name) for name in UserLedger.__slots__} <= set(kept)
    assert "hashed ids" in kept["ConversationState", "ring"]


def test_sizes_are_those_of_the_bytes(toy: BundleChoice) -> None:
    assert facts.sizes(toy)["bytes kept for each chat partner"] == 212 + 4 * 8  # layout; 8 floats


def test_checks_name_what_breaks_them(tmp_path: Path, toy: BundleChoice) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("def f():\n    import urllib.request\n    from http import client\n", "utf-8")
    assert imported(bad) & NETWORK == {"urllib", "http"}
    held = {check.name: check for check in run_checks(toy)}
    assert sum(check.passed for check in held.values()) == 3


def test_the_page_says_what_the_run_found(pack: Path) -> None:
    page = (pack / "evidence.html").read_text("utf-8")
    record = read_record(pack / "generated")
    recall = record["evaluation"]["recall_before_harm"]["value"]
    assert f"{words.number(recall, 'share')} %" in page
    assert record["provenance"]["inputs"]["conversations.jsonl.gz"] in page
    assert "Not a headline result" in page
    for anchor in ("processed", "measured", "groups", "burden", "tested", "limits"):
        assert f'<section id="{anchor}">' in page
    assert "<script" not in page and "http" not in page.replace("http-equiv", "")


def test_the_facts_lie_beside_the_page(pack: Path) -> None:
    found = json.loads((pack / "evidence.json").read_text("utf-8"))
    assert found["model"]["name"] == "toy@0.3.0"
    assert len(found["runs"]["generated"]["groups"]) > 0
    assert found["policy"]["bands"]["10_12"]["per_week"] > 0
    assert {path.name for path in pack.iterdir()} == {"evidence.html", "evidence.json", "generated"}


def test_the_cards_own_words_are_taken_over(tmp_path: Path) -> None:
    card = tmp_path / "README.md"
    card.write_text("# x\n\n## Thresholds and limits\n\n**Never** y.\n\n## Other\n\nz\n", "utf-8")
    assert stated(card) == {"Thresholds and limits": "Never y."}
    assert stated(tmp_path / "none.md") == {}


def test_a_run_without_a_record_is_a_named_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(FormatError, match=r"results\.json"):
        read_record(tmp_path)
    (tmp_path / "results.json").write_text("{}", "utf-8")
    assert main(["evidence", "-o", str(tmp_path / "o"), "--run", str(tmp_path)]) == 2
    assert "results.json: schema: must be 1" in capsys.readouterr().err
    twice = ["--run", str(tmp_path), "--run", str(tmp_path)]
    assert main(["evidence", "-o", str(tmp_path / "o"), *twice]) == 2
