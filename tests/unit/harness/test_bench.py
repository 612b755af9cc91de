"""The bench: its reference graph, its texts, and the contract of its one object."""

from __future__ import annotations

import json
import sqlite3
import statistics
from contextlib import closing
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from nudge_harness.bench.commits import bare, message
from nudge_harness.bench.loops import LENGTH, in_turn, texts_of
from nudge_harness.bench.marks import Marks, possible
from nudge_harness.bench.noop import noop_graph
from nudge_harness.bench.scale import chats
from nudge_harness.bench.stages import PARTS, longest, staged, stages
from nudge_harness.bench.where import table
from nudge_harness.cli import main
from nudge_harness.model import BundleChoice, opened

from nudge_sdk.sealed import HostKey, SealedStore
from nudge_sdk.sealed.layout import sealed_size
from nudge_sdk.store import slot
from tests.simulator import PINNED, BundleSimulator

FIELDS = {
    "engine_us", "noop_us", "ratio_to_noop", "spread_to_noop", "cap_ratio", "cold_start_s",
    "cold_start_ratio", "cold_start_nudged", "rss_added_mb", "bundle_bytes", "state_bytes",
    "graph_state_bytes", "growth", "batched_messages_per_s", "batched_noops_per_message",
    "store_us", "bare_commit_us", "store_ratio_to_bare", "stages_us",
}  # fmt: skip


def test_the_no_op_graph_is_the_identity_of_the_engines_inputs() -> None:
    session = onnxruntime.InferenceSession(noop_graph(32, 20), providers=["CPUExecutionProvider"])
    for n in (0, 1, 60):
        feeds = {
            "codepoints": np.arange(n, dtype=np.int32),
            "context": np.linspace(0, 1, 32, dtype=np.float32),
            "state": np.linspace(0, 1, 20, dtype=np.float32),
        }
        for got, given in zip(session.run(None, feeds), feeds.values(), strict=True):
            assert np.array_equal(got, given)


def test_texts_are_different_and_of_60_code_points() -> None:
    texts = texts_of(100)
    assert {len(text) for text in texts} == {LENGTH} and len(set(texts)) > 20
    assert texts == texts_of(100)


def test_two_functions_are_called_in_turn() -> None:
    order: list[str] = []
    one, other = in_turn(lambda i: order.append(f"a{i}"), lambda i: order.append(f"b{i}"), 3)
    assert order == ["a0", "b0", "a1", "b1", "a2", "b2"] * 2
    assert len(one) == len(other) == 3 and statistics.median(one) > 0


def test_the_stores_side_and_the_bare_side_write_as_much(tmp_path: Path) -> None:
    """Rows of the same size under names of the same size; and each call of the store commits."""
    ready = opened(BundleChoice(folder=BundleSimulator().write(tmp_path / "b"), key=PINNED[0]))
    state = ready.engine.fresh_state()
    store = SealedStore(tmp_path / "s", HostKey(bytes(range(32))))
    call = message(store, [slot(store.salt, "c", "k")], state)
    assert call(0) and call(1)
    with bare(tmp_path / "bare", sealed_size(state)) as write:
        write(0)
    rows = []
    for name in ("s", "bare"):
        with closing(sqlite3.connect(tmp_path / name)) as connection:
            rows.append([tuple(map(len, row)) for row in connection.execute("SELECT * FROM rows")])
    assert rows[0] == rows[1] == [(32, sealed_size(state))]


@pytest.fixture
def toy(tmp_path: Path) -> BundleChoice:
    return BundleChoice(folder=BundleSimulator().write(tmp_path / "toy"), key=PINNED[0])


def test_every_stage_can_be_called_and_has_its_line(toy: BundleChoice) -> None:
    texts = texts_of(20)
    for name, call in stages(toy, texts).items():
        assert name in ("no-op", "receive", *PARTS)
        call(0)
        call(51)
    times = staged(toy, texts, 3)
    assert all(us > 0 for us in times.values())
    rows = table(times, None).splitlines()
    assert [row.split("|")[1].strip() for row in rows[2:]] == [
        "no-op",
        *PARTS,
        "between",
        "receive",
    ]


def test_what_lies_between_the_stages_is_the_rest() -> None:
    times = {"no-op": 2.0, "receive": 20.0, **dict.fromkeys(PARTS, 3.0)}
    counts = {"no-op": 10, "receive": 100, **dict.fromkeys(PARTS, 15)}
    rest = next(row for row in table(times, counts).splitlines() if row.startswith("| between"))
    assert [cell.strip() for cell in rest.split("|")[3:6]] == ["2.0", "1.00", "10"]


def test_texts_at_the_cap_are_different_and_as_long_as_the_cap() -> None:
    texts = longest(texts_of(40), 256)
    assert {len(text) for text in texts} == {256} and len(set(texts)) > 20
    assert {len(text) for text in longest(["short"], 256)} == {256}


@pytest.mark.skipif(not possible(), reason="marks are instructions of x86-64, on Linux")
def test_marks_do_nothing_outside_of_valgrind() -> None:
    marks = Marks()
    assert not marks.heard
    marks.start()
    marks.stop("nothing")


def test_chats_of_a_number_of_messages_end_with_the_chat_that_reaches_it() -> None:
    lengths = [len(chat.messages) for chat in chats(300)]
    assert sum(lengths) >= 300 > sum(lengths[:-1])


@pytest.mark.slow
def test_scale_scores_files_in_processes_of_their_own(
    toy: BundleChoice, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["bench", "--scale", "200", "400", "--workers", "1", "--json"]
    assert main([*words, "--bundle", str(toy.folder), "--key", PINNED[0].hex()]) == 0
    small, large = json.loads(capsys.readouterr().out)
    assert small["messages"] >= 200 and large["messages"] >= 400
    assert small["peak_mb"] > 10 and large["noops_per_message"] > 0


@pytest.mark.slow
def test_bench_prints_one_object_with_every_field(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["bench", "--json", "--calls", "50", "--starts", "1", "--no-instructions"]
    assert (
        main([*words, "--bundle", str(BundleSimulator().write(tmp_path)), "--key", PINNED[0].hex()])
        == 0
    )
    got = json.loads(capsys.readouterr().out)
    assert set(got) == FIELDS
    assert set(got["engine_us"]) == {"p50", "p99"} and set(got["noop_us"]) == {"p50", "p99"}
    assert set(got["stages_us"]) == {"no-op", "receive", *PARTS}
    assert got["state_bytes"] <= 512
    assert set(got["store_us"]) == {"p50", "p99"} and set(got["bare_commit_us"]) == {"p50"}
