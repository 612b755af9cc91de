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
from nudge_harness.bench.noop import noop_graph
from nudge_harness.cli import main
from nudge_harness.model import BundleChoice, opened

from nudge_sdk.sealed import HostKey, SealedStore
from nudge_sdk.sealed.layout import sealed_size
from nudge_sdk.store import slot
from tests.simulator import PINNED, BundleSimulator

FIELDS = {
    "engine_us", "noop_us", "ratio_to_noop", "cold_start_s", "cold_start_ratio", "rss_added_mb",
    "bundle_bytes", "state_bytes", "growth", "batched_messages_per_s", "batched_noops_per_message",
    "store_us", "bare_commit_us", "store_ratio_to_bare",
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
    assert set(got["engine_us"]) == {"p50", "p99"} and set(got["noop_us"]) == {"p50"}
    assert got["state_bytes"] <= 512
    assert set(got["store_us"]) == {"p50", "p99"} and set(got["bare_commit_us"]) == {"p50"}
