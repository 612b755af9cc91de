"""Golden vectors: made from a graph, they hold for it, and for no other."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from nudge_sdk import golden
from nudge_sdk._onnx import SingleModel
from nudge_sdk.bundle import Config
from nudge_sdk.errors import BundleDamagedError, ModelError
from tests import toy

MODEL = SingleModel(toy.single_model(), toy.SPEC)
VECTORS = golden.make(MODEL, toy.STATE)


def config(vectors: list[Any]) -> Config:
    return Config.from_bytes(json.dumps({**toy.config(), "vectors": vectors}).encode())


def test_made_vectors_hold() -> None:
    assert golden.check(MODEL, config(VECTORS)) == len(golden.CHATS) == len(VECTORS)


def test_a_bundle_may_carry_none() -> None:
    assert golden.check(MODEL, config([])) == 0
    assert golden.check(MODEL, Config.from_bytes(json.dumps(toy.config()).encode())) == 0


@pytest.mark.parametrize("field", ["cues", "risk", "state"])
def test_another_result_is_named(field: str) -> None:
    changed = [{**VECTORS[3], field: [value + 2e-4 for value in VECTORS[3][field]]}]
    with pytest.raises(ModelError, match=r"golden vector secret_photo: off by 0\.0002"):
        golden.check(MODEL, config(changed))


def test_a_difference_below_the_tolerance_passes() -> None:
    changed = [{**VECTORS[3], "risk": [value + 5e-5 for value in VECTORS[3]["risk"]]}]
    assert golden.check(MODEL, config(changed)) == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"id": 3}, "id must be a text"),
        ({"steps": []}, "steps must not be empty"),
        ({"steps": ["x"]}, "must be an object"),
        ({"steps": [{"codepoints": [1.5], "context": [0] * 32}]}, "must be code points"),
        ({"steps": [{"codepoints": [0x110000], "context": [0] * 32}]}, "must be code points"),
        ({"steps": [{"codepoints": [], "context": [0] * 31}]}, "context must be 32 numbers"),
        ({"steps": [{"codepoints": [], "context": [0] * 32, "x": 1}]}, "x is unknown"),
        ({"cues": [0.5] * 17}, "cues must be 18 numbers"),
        ({"risk": [True] * 4}, "risk must be 4 numbers"),
        ({"more": 1}, "more is unknown"),
    ],
)
def test_a_malformed_vector_names_its_field(change: dict[str, Any], says: str) -> None:
    with pytest.raises(BundleDamagedError, match=says):
        golden.check(MODEL, config([{**VECTORS[0], **change}]))


def test_vectors_depend_on_every_message() -> None:
    chain = next(vector for vector in VECTORS if vector["id"] == "four_messages")
    shorter = {**chain, "steps": chain["steps"][1:]}
    with pytest.raises(ModelError, match="four_messages"):
        golden.check(MODEL, config([shorter]))


def test_the_state_size_is_the_configuration_s() -> None:
    wrong = replace(config(VECTORS), state_size=7)
    with pytest.raises(BundleDamagedError, match="state must be 7 numbers"):
        golden.check(MODEL, wrong)
