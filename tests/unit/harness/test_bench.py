"""The bench: its reference graph, its texts, and the contract of its one object."""

from __future__ import annotations

import json
import statistics
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from nudge_harness.bench.loops import LENGTH, in_turn, texts_of
from nudge_harness.bench.noop import noop_graph
from nudge_harness.cli import main

from tests.simulator import PINNED, BundleSimulator

FIELDS = {
    "engine_us", "noop_us", "ratio_to_noop", "cold_start_s", "cold_start_ratio", "rss_added_mb",
    "bundle_bytes", "state_bytes", "growth", "batched_messages_per_s", "batched_noops_per_message",
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
