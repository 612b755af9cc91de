"""Age signals of the platforms, and what a known age of a contact changes."""

from __future__ import annotations

import doctest
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nudge_sdk import Contact, Message, Profile, UsageError, age
from nudge_sdk._context import context_vector
from nudge_sdk.engine import Engine, Request
from nudge_sdk.policy import Policy, shipped_policy
from nudge_sdk.policy_table import Derived
from nudge_sdk.state import UserLedger
from nudge_sdk.values import AGE_BANDS, AgeBand, age_band
from tests import toy

AGES = st.integers(0, 130)


@pytest.mark.parametrize(
    ("lower", "upper", "band"),
    [
        (None, None, None),
        (None, 12, "under_10"),
        (10, 12, "10_12"),
        (13, 15, "13_15"),
        (13, 17, "13_15"),
        (16, None, "16_17"),
        (18, None, "adult"),
    ],
)
def test_apple_and_google_give_the_youngest_band_of_a_range(
    lower: int | None, upper: int | None, band: AgeBand | None
) -> None:
    assert age.from_apple(lower, upper) == band
    assert age.from_google("SUPERVISED", lower, upper) == band


def test_nothing_said_is_nothing_known() -> None:
    assert age.from_apple(declined=True) is None
    assert age.from_google(None) is age.from_google("") is age.from_google("UNKNOWN", 13) is None
    assert age.from_birth_year(None, this_year=2026) is None
    assert Profile(band=None).age_band == "13_15"


def test_verified_means_adult_unless_ages_say_otherwise() -> None:
    assert age.from_google("VERIFIED") == "adult"
    assert age.from_google("VERIFIED", 16, 17) == "16_17"
    assert age.from_google("SUPERVISED_APPROVAL_DENIED", 0, 12) == "under_10"
    assert age.from_google("A_LATER_STATUS", 13, 15) == "13_15"


@given(st.integers(1900, 9999), st.integers(0, 130))
def test_a_birth_year_gives_the_younger_of_two_ages(year: int, years: int) -> None:
    band = age.from_birth_year(year - years, this_year=year)
    assert band == age_band(max(years - 1, 0))


@given(AGES, AGES)
def test_a_range_never_gives_an_older_band_than_its_lower_end(a: int, b: int) -> None:
    low, high = sorted((a, b))
    assert age.from_range(low, high) == age_band(low)


@pytest.mark.parametrize(
    "call",
    [
        lambda: age.from_apple(-1, 3),
        lambda: age.from_apple(16, 13),
        lambda: age.from_apple(13.5, 15),  # type: ignore[arg-type]  # what is tested
        lambda: age.from_google(3),  # type: ignore[arg-type]  # what is tested
        lambda: age.from_birth_year(2027, this_year=2026),
        lambda: age.from_birth_year(1800, this_year=2026),
    ],
)
def test_impossible_ages_are_refused(call: Any) -> None:
    with pytest.raises(UsageError):
        call()


def test_the_examples_run() -> None:
    assert doctest.testmod(age, raise_on_error=True).attempted >= 3


def test_a_band_that_the_platform_knows_counts_for_more_than_a_claim() -> None:
    assert Contact(id="").age is None
    assert Contact(id="", claimed_age=14).age == 14
    assert Contact(id="", claimed_age=14.5, band="13_15").age == 14.5
    assert Contact(id="", claimed_age=14, band="adult").age == 25
    assert Contact(id="", band="10_12").age == 11
    with pytest.raises(UsageError, match="band"):
        Contact(id="", band="old")  # type: ignore[arg-type]  # what is tested


def test_the_graph_sees_the_band_as_an_age() -> None:
    def seen(contact: Contact) -> list[float]:
        vector = context_vector(
            from_contact=True, contact=contact, band="10_12", kind="text", gap=None
        )
        return [round(float(number), 3) for number in vector[11:14]]

    assert seen(Contact(id="", band="adult")) == seen(Contact(id="", claimed_age=25))
    assert seen(Contact(id="")) == [0.0, 0.0, 1.0]


def policy(odds: float, model: bytes = toy.SPEC.model_id) -> Policy:
    derived = Derived(model=model, adult_outside_contacts_odds=odds, draft_odds=1.0)
    return replace(shipped_policy(), derived=derived)


STRICT = replace(
    toy.SPEC, thresholds=replace(toy.THRESHOLDS, gentle=(0.8,) * 4, strong=(0.99,) * 4)
)
"""One letter brings a risk to 0.78: below 0.8, above the same threshold at half the odds (0.67)."""


def outcome(
    contact: Contact | None,
    *,
    odds: float = 2.0,
    band: AgeBand = "10_12",
    text: str = "O",
    model: bytes = toy.SPEC.model_id,
    **how: Any,
) -> str:
    from nudge_sdk._onnx import SingleModel

    engine = Engine(STRICT, policy(odds, model))
    request = engine.prepare(
        Message(text),
        contact=contact,
        state=engine.fresh_state(),
        ledger=UserLedger(),
        now=1.8e9,
        band=band,
        **how,
    )
    assert isinstance(request, Request)
    graph = SingleModel(toy.single_model(), STRICT)
    return engine.conclude(request, graph.run(request)).decision.reason


ADULT = Contact(id="x", relationship="stranger", claimed_age=35)


def test_an_adult_outside_the_contacts_moves_what_the_words_have_to_show() -> None:
    assert outcome(ADULT) == "nudge"
    assert outcome(Contact(id="x", relationship="stranger", band="adult")) == "nudge"


@pytest.mark.parametrize(
    "contact",
    [
        None,
        Contact(id="x"),
        Contact(id="x", relationship="stranger"),
        Contact(id="x", relationship="stranger", claimed_age=17),
        Contact(id="x", relationship="stranger", band="16_17", claimed_age=35),
        Contact(id="x", relationship="family", claimed_age=35),
        Contact(id="x", relationship="school_or_club", claimed_age=35),
        Contact(id="x", claimed_age=35),
    ],
)
def test_nobody_else_does(contact: Contact | None) -> None:
    assert outcome(contact) == "below_threshold"


def test_nor_with_an_adult_user_without_words_or_for_another_model() -> None:
    assert outcome(ADULT, band="adult") == "below_threshold"
    assert outcome(ADULT, text="hello") == "below_threshold"
    assert outcome(ADULT, text="!") == "no_words"  # every risk is up, and no word shows why
    assert outcome(ADULT, model=b"another!") == "below_threshold"
    assert outcome(ADULT, signals="text") == "below_threshold"


@given(st.floats(0.01, 0.99), st.floats(1, 10))
def test_lowered_thresholds_stay_probabilities(limit: float, odds: float) -> None:
    usual = replace(toy.THRESHOLDS, gentle=(limit,) * 4)
    (low, *_) = usual.easier(odds).gentle
    assert 0 < low <= limit + 1e-12
    assert low / (1 - low) * odds == pytest.approx(limit / (1 - limit))
    assert usual.easier(1.0) == usual


def test_every_band_has_an_age_of_its_own() -> None:
    for band in AGE_BANDS:
        assert age_band(int(Contact(id="", band=band).age or -1)) == band
