"""The committed vectors are those of today's code, data files and bundle, and hold what they say.

They are made by Python, so that a file which is current is one that Python passes; the browser
passes them in ``tests/e2e/test_web_runtime.py``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from nudge_sdk.bundle import CHECKS
from nudge_sdk.policy import Reason, shipped_policy
from tests.vectors.files import MAKERS, close, committed, made


def table(name: str) -> dict[str, Any]:
    raw = committed(name)
    assert raw is not None
    found: dict[str, Any] = json.loads(raw)
    return found


@pytest.mark.parametrize("name", MAKERS)
def test_a_file_is_current(name: str) -> None:
    same = made(name) == committed(name)  # apart, so that no diff of a megabyte is printed
    assert same, f"{name}: run `python -m tests.vectors write`"


@pytest.mark.parametrize("name", MAKERS)
def test_a_file_fits_the_schema(name: str, root: Path) -> None:
    schema = json.loads((root / "tests/vectors/vectors.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(table(name))
    ids = [vector["id"] for vector in table(name)["vectors"]]
    assert len(ids) == len(set(ids))


def test_every_nudge_fits_its_schema() -> None:
    import importlib.resources

    path = importlib.resources.files("nudge_sdk").joinpath("nudge.schema.json")
    validator = jsonschema.Draft202012Validator(json.loads(path.read_text(encoding="utf-8")))
    for vector in table("copy.json")["vectors"]:
        validator.validate(vector["nudge"])


def test_every_reason_and_floor_rule_is_there() -> None:
    policy = [vector["decision"] for vector in table("policy.json")["vectors"]]
    steps = [step for chat in table("engine.json")["vectors"] for step in chat["steps"]]
    engine = [step["decision"] for step in steps]
    assert {row["reason"] for row in policy} == set(get_args(Reason)) - {"repeat"}
    assert "repeat" in {row["reason"] for row in engine}
    told = [row for row in policy if row["reason"] == "floor"]
    assert {row["rule"] for row in told} == {rule.name for rule in shipped_policy().floor}
    assert {row["presentation"] for row in policy} == {None, "inline", "card", "cover"}


def test_every_check_refuses_a_bundle() -> None:
    refused = {vector.get("refused") for vector in table("bundles.json")["vectors"]}
    assert refused - {None} == set(CHECKS) - {"graph"}
    assert sum("accepted" in vector for vector in table("bundles.json")["vectors"]) > 5


def test_noise_is_no_difference_and_a_change_is() -> None:
    row = {"risk": [0.5, 0.25], "id": "x"}
    assert close(row, {"risk": [0.500004, 0.25], "id": "x"})
    assert not close(row, {"risk": [0.501, 0.25], "id": "x"})
    assert not close(row, {"risk": [0.5], "id": "x"})
    assert not close(row, {"risk": [0.5, 0.25], "id": "y"})
