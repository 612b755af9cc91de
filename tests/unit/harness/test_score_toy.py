"""From file to file with a real bundle, the toy one: letters are cues (`tests.toy`)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from nudge_harness.cli import main
from nudge_harness.formats import (
    Conversation,
    conversation_from,
    read_scores,
    read_traces,
    schema,
    write_conversations,
)
from nudge_harness.model import BundleChoice, opened
from nudge_harness.replay import START, Settings, contact_of, replay

from nudge_sdk import Client, Contact, Profile
from tests.simulator import PINNED, BundleSimulator


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> BundleChoice:
    """The toy bundle in a folder."""
    folder = BundleSimulator().write(tmp_path_factory.mktemp("toy"))
    return BundleChoice(folder=folder, key=PINNED[0])


def chats(count: int) -> list[Conversation]:
    """Chats of one to nine messages; every third one shows cues."""
    texts = ["hi", "see you", "S", "ok", "M", "no", "V S", "x" * 90 + "T", "", "Z"]
    rows = []
    for i in range(count):
        messages = [
            {"from": "user" if j % 3 == 1 else "contact", "text": texts[(i * j) % 10], "t": 900 * j}
            for j in range(1 + i % 9)
        ]
        facts = {"user_age": 9 + i % 8} if i % 4 else {}
        contact = {"relationship": "stranger", "days_known": i % 5} if i % 3 else None
        rows.append(
            conversation_from({"id": f"c{i}", "messages": messages, "contact": contact, **facts})
        )
    return rows


class Clock:
    """A host's clock that a test sets."""

    now = START

    def __call__(self) -> float:
        return self.now


def command(toy: BundleChoice, *words: object) -> int:
    """Exit code of a command with the toy bundle."""
    assert toy.key is not None
    bundle = ("--bundle", toy.folder, "--key", toy.key.hex())
    return main([str(word) for word in (*words, *bundle)])


def test_scores_are_the_same_for_any_number_of_workers(tmp_path: Path, toy: BundleChoice) -> None:
    write_conversations(tmp_path / "in.jsonl.gz", chats(600))
    for workers in (1, 2):
        out, trace = tmp_path / f"out{workers}.jsonl", tmp_path / f"trace{workers}.jsonl.gz"
        words = ("score", tmp_path / "in.jsonl.gz", "-o", out, "--trace", trace)
        assert command(toy, *words, "--workers", workers) == 0
    for name in ("out{}.jsonl", "trace{}.jsonl.gz"):
        one, two = ((tmp_path / name.format(workers)).read_bytes() for workers in (1, 2))
        assert one == two
    rows = list(read_scores(tmp_path / "out1.jsonl"))
    assert [row.id for row in rows] == [f"c{i}" for i in range(600)]
    assert any(row.nudges for row in rows) and not all(row.nudges for row in rows)
    assert {row.model for row in read_traces(tmp_path / "trace1.jsonl.gz")} == {"toy@0.3.0"}


def test_a_host_app_gets_the_same_nudges(toy: BundleChoice) -> None:
    """Replay in lockstep with the batched graph equals a client that hears message by message."""
    rows = chats(60)
    for row, replayed in zip(rows, replay(opened(toy), rows, Settings()), strict=True):
        clock = Clock()
        client = Client.open(
            Profile(age=row.user_age), bundle=toy.folder, pinned_keys=PINNED, clock=clock
        )
        known = contact_of(row.contact, Settings().assume)
        contact = Contact(id="them", relationship=known.relationship, days_known=known.days_known)
        nudges = []
        for at, turn in enumerate(row.messages):
            clock.now = START + turn.t
            if turn.sender == "user":
                client.sent("chat", turn.text, to=contact)
            elif nudge := client.receive("chat", turn.text, contact):
                nudges.append((at, nudge.risk, nudge.level))
        assert nudges == [(n.message, n.risk, n.level) for n in replayed.score.nudges]


def test_a_bundle_without_a_batched_twin_scores_the_same(tmp_path: Path, toy: BundleChoice) -> None:
    simulator = BundleSimulator()
    del simulator.files["model.batched.onnx"]
    simulator.list_files()
    simulator.sign()
    lone = BundleChoice(folder=simulator.write(tmp_path), key=PINNED[0])
    rows = chats(60)
    alone, packed = (replay(opened(choice), rows, Settings()) for choice in (lone, toy))
    for one, two in zip(alone, packed, strict=True):
        assert one.score.risk == pytest.approx(two.score.risk, abs=1e-5)
        assert [n.message for n in one.score.nudges] == [n.message for n in two.score.nudges]


@pytest.mark.parametrize("signals", ["all", "text", "metadata"])
@pytest.mark.parametrize("policy", ["off", "gentle", "full"])
def test_every_option_writes_valid_lines(
    tmp_path: Path, toy: BundleChoice, signals: str, policy: str
) -> None:
    from jsonschema import Draft202012Validator

    write_conversations(tmp_path / "in.jsonl", chats(30))
    out, trace = tmp_path / "out.jsonl", tmp_path / "trace.jsonl"
    words = ("score", tmp_path / "in.jsonl", "-o", out, "--trace", trace, "--signals", signals)
    assert command(toy, *words, "--policy", policy, "--assume", "relationship=stranger") == 0
    for path, name in ((out, "scores"), (trace, "trace")):
        check = Draft202012Validator(schema(name))
        for line in path.read_text(encoding="utf-8").splitlines():
            check.validate(json.loads(line))


def test_keep_going_scores_the_rest(
    tmp_path: Path, toy: BundleChoice, capsys: pytest.CaptureFixture[str]
) -> None:
    good = [
        json.dumps({"id": str(i), "messages": [{"from": "contact", "text": "S"}]}) for i in (1, 2)
    ]
    path, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    path.write_text("\n".join([good[0], "{broken", good[0], good[1]]), encoding="utf-8")
    assert command(toy, "score", path, "-o", out) == 2
    assert not out.exists()
    assert command(toy, "score", path, "-o", out, "--keep-going") == 0
    assert [row.id for row in read_scores(out)] == ["1", "2"]
    assert "skipped 2 bad lines:" in capsys.readouterr().err


@pytest.mark.parametrize("damage", ["model.onnx", "manifest.sig"])
def test_a_damaged_bundle_is_one_line(
    tmp_path: Path, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = BundleSimulator().write(tmp_path / "bundle")
    raw = bytearray((folder / damage).read_bytes())
    raw[5] ^= 1
    (folder / damage).write_bytes(raw)
    choice = BundleChoice(folder=folder, key=PINNED[0])
    write_conversations(tmp_path / "in.jsonl", chats(1))
    assert command(choice, "score", tmp_path / "in.jsonl", "-o", tmp_path / "out.jsonl") == 2
    err = capsys.readouterr().err
    assert err.startswith("nudge-harness: ") and err.count("\n") == 1
    assert not (tmp_path / "out.jsonl").exists()
