"""The context vector's layout, field by field, and what "unknown" looks like."""

from __future__ import annotations

from math import log1p
from typing import Any

import numpy as np
import pytest

from nudge_sdk._context import SIZE, context_vector
from nudge_sdk.values import AGE_BANDS, EVENT_KINDS, RELATIONSHIPS, Contact

UNKNOWN = {0: 1.0, 8: 1.0, 10: 1.0, 13: 1.0, 16: 1.0, 25: 1.0, 27: 1.0, 29: 1.0}


def set_fields(**changes: Any) -> dict[int, Any]:
    """Fields that are not 0, by index."""
    arguments: dict[str, Any] = {
        "from_contact": True,
        "contact": None,
        "band": "13_15",
        "kind": None,
        "gap": None,
        **changes,
    }
    vector = context_vector(**arguments)
    assert vector.dtype == np.float32
    assert vector.shape == (SIZE,)
    return {i: pytest.approx(float(v)) for i, v in enumerate(vector) if v}


def without(*fields: int, **more: float) -> dict[int, float]:
    rest = {i: v for i, v in UNKNOWN.items() if i not in fields}
    return {**rest, **{int(k[1:]): v for k, v in more.items()}}


def test_everything_unknown_is_said_to_be_unknown() -> None:
    assert set_fields() == UNKNOWN
    assert set_fields(contact=Contact(id="x")) == UNKNOWN


def test_who_speaks() -> None:
    assert set_fields(from_contact=False) == {**UNKNOWN, 0: -1.0}


@pytest.mark.parametrize("relationship", RELATIONSHIPS)
def test_relationship_is_one_hot(relationship: Any) -> None:
    at = 1 + RELATIONSHIPS.index(relationship)
    contact = Contact(id="x", relationship=relationship)
    assert set_fields(contact=contact) == {**without(8), at: 1.0}


def test_known_for_no_days_differs_from_unknown() -> None:
    assert set_fields(contact=Contact(id="x", days_known=0)) == without(10)
    year = set_fields(contact=Contact(id="x", days_known=365))
    assert year == {**without(10), 9: log1p(365) / 8}


@pytest.mark.parametrize(
    ("age", "scaled", "gap"),
    [(14, 0.7, None), (15, 0.75, 0.1), (44, 2.2, 3.0), (4, 0.2, -1.0), (130, 4.0, 4.0)],
)
def test_claimed_age_and_its_distance(age: float, scaled: float, gap: float | None) -> None:
    wanted = {**without(13), 11: scaled, **({} if gap is None else {12: gap})}
    assert set_fields(contact=Contact(id="x", claimed_age=age)) == wanted


@pytest.mark.parametrize("band", AGE_BANDS)
def test_the_own_age_band_is_always_known(band: Any) -> None:
    assert set_fields(band=band) == {**without(16), 14 + AGE_BANDS.index(band): 1.0}


@pytest.mark.parametrize("kind", EVENT_KINDS)
def test_kind_of_event(kind: Any) -> None:
    assert set_fields(kind=kind) == {**without(25), 19 + EVENT_KINDS.index(kind): 1.0}


def test_time_since_the_message_before() -> None:
    assert set_fields(gap=0.0) == without(27)
    assert set_fields(gap=60.0) == {**without(27), 26: log1p(60) / 12}


def test_group_or_not_or_unknown() -> None:
    assert set_fields(contact=Contact(id="x", in_group=False)) == without(29)
    assert set_fields(contact=Contact(id="x", in_group=True)) == {**without(29), 28: 1.0}
