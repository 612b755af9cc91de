"""The edge of the model: the ports are checked, both graphs agree, a failure says nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import onnx.parser
import pytest

from nudge_sdk._onnx import BatchedModel, SingleModel
from nudge_sdk.engine import Engine, Request
from nudge_sdk.errors import BundleDamagedError, ModelError
from nudge_sdk.policy import shipped_policy
from nudge_sdk.state import UserLedger
from nudge_sdk.values import Contact, Message
from tests import toy

ENGINE = Engine(toy.SPEC, shipped_policy())


def request(text: str, *, days: float = 0.0, own: bool = False) -> Request:
    half = ENGINE.prepare(
        Message(text),
        contact=Contact(id="x", days_known=days),
        state=ENGINE.fresh_state(),
        ledger=UserLedger(),
        now=1.8e9,
        band="13_15",
        from_contact=not own,
    )
    assert isinstance(half, Request)
    return half


@pytest.fixture(scope="module")
def single() -> SingleModel:
    return SingleModel(toy.single_model(), toy.SPEC)


@pytest.fixture(scope="module")
def batched() -> BatchedModel:
    return BatchedModel(toy.batched_model(), toy.SPEC)


def test_one_output_for_each_window(single: SingleModel) -> None:
    assert len(single.run(request("hello"))) == 1
    assert len(single.run(request("x" * 65))) == 2
    (output,) = single.run(request("T"))
    assert output.cues.shape == (18,)
    assert output.risk.shape == (4,)
    assert output.next_state.shape == (toy.STATE,)


def test_the_batched_graph_gives_what_the_single_one_gives(
    single: SingleModel, batched: BatchedModel
) -> None:
    texts = ["", "T", "x" * 65, "M S", "", "\ud800\0", "a" * 600, "Z"]
    requests = [request(text, days=i * 10.0, own=i % 3 == 2) for i, text in enumerate(texts)]
    rows = batched.run(requests)
    assert [len(row) for row in rows] == [len(item.windows) for item in requests]
    for item, row in zip(requests, rows, strict=True):
        for got, wanted in zip(row, single.run(item), strict=True):
            np.testing.assert_allclose(got.cues, wanted.cues, atol=1e-5)
            np.testing.assert_allclose(got.risk, wanted.risk, atol=1e-5)
            np.testing.assert_allclose(got.next_state, wanted.next_state, atol=1e-5)


def test_a_batch_of_nothing_is_nothing(batched: BatchedModel) -> None:
    assert batched.run([]) == []


def test_a_failure_of_the_graph_says_nothing_of_the_message(
    single: SingleModel, batched: BatchedModel, capfd: pytest.CaptureFixture[str]
) -> None:
    for run in (lambda: single.run(request("#")), lambda: batched.run([request("#")])):
        with pytest.raises(ModelError, match="the graph failed on this message") as caught:
            run()
        assert caught.value.__context__ is None
    assert capfd.readouterr() == ("", "")


def test_a_graph_of_another_size_is_refused() -> None:
    with pytest.raises(BundleDamagedError, match=r"graph: the graph's state is not .* 9"):
        SingleModel(toy.single_model(), replace(toy.SPEC, state_size=9))
    with pytest.raises(BundleDamagedError, match=r"graph: the graph's state is not .* nx9"):
        BatchedModel(toy.batched_model(), replace(toy.SPEC, state_size=9))


PORTS = """
<ir_version: 8, opset_import: ["": 18]>
ports (int32[n] codepoints, float[32] context, float[8] state)
 => (float[18] cues, float[4] risk, float[8] next_state) {
  where = NonZero(context)
  floats = Cast<to=1>(where)
  cues = Squeeze(floats)
  risk = Squeeze(floats)
  next_state = Squeeze(floats)
}
"""  # of shapes that nobody can infer: what the ports say is all there is to check


def test_right_ports_are_accepted() -> None:
    model = onnx.parser.parse_model(PORTS)
    SingleModel(model.SerializeToString(), toy.SPEC)


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("int32[n] codepoints", "int64[n] codepoints", "codepoints is not tensor(int32) n"),
        ("int32[n] codepoints", "int32[60] codepoints", "codepoints is not tensor(int32) n"),
        ("float[32] context", "float[31] context", "context is not tensor(float) 32"),
        ("float[8] state", "float[9] state", "state is not tensor(float) 8"),
        ("float[18] cues", "float[17] cues", "cues is not tensor(float) 18"),
        ("float[4] risk", "float[r] risk", "risk is not tensor(float) 4"),
        ("float[4] risk", "float[1,4] risk", "risk is not tensor(float) 4"),
        ("float[8] state)", "float[8] state, float[1] more)", "ports are not codepoints, context"),
        (", float[8] next_state)", ")", "ports are not cues, risk, next_state"),
    ],
)
def test_other_ports_are_refused(right: str, wrong: str, says: str) -> None:
    model = onnx.parser.parse_model(PORTS.replace(right, wrong))
    with pytest.raises(BundleDamagedError, match=re.escape(says)) as caught:
        SingleModel(model.SerializeToString(), toy.SPEC)
    assert caught.value.check == "graph"


def test_importing_the_sdk_does_not_import_onnxruntime() -> None:
    code = "import sys, nudge_sdk; sys.exit('onnxruntime' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603
