"""From a decision to what the young person reads."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nudge_sdk import nudges
from nudge_sdk.errors import UsageError
from nudge_sdk.policy import Decision
from nudge_sdk.values import (
    AGE_BANDS,
    RELATIONSHIPS,
    RISK_CUES,
    RISKS,
    AgeBand,
    Contact,
    Level,
    Nudge,
    Profile,
    Relationship,
    RiskKind,
)

KNOWN_REGIONS = ("GB", "US", "DE", None)


def decided(
    risk: RiskKind = "grooming",
    level: Level = "gentle",
    cues: tuple[str, ...] = ("secrecy", "image_request"),
    discreet: bool = True,
) -> Decision:
    return Decision(
        reason="nudge",
        risk=risk,
        confidence=0.9,
        cues=cues,
        level=level,
        presentation="card",
        discreet=discreet,
    )


def shown(
    decision: Decision | None = None,
    *,
    band: AgeBand = "13_15",
    region: str | None = "GB",
    relationship: Relationship | None = None,
) -> Nudge:
    profile = Profile(band=band, region=region)
    contact = Contact(id="c", relationship=relationship)
    return nudges.render(decision or decided(), profile, contact, "m1")


def action_text(nudge: Nudge, name: str) -> str | None:
    return next(action.text for action in nudge.actions if action.id == name)


def schema() -> dict[str, Any]:
    text = resources.files("nudge_sdk").joinpath("nudge.schema.json").read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(text)
    return table


decisions = st.builds(
    decided,
    risk=st.sampled_from(RISKS),
    level=st.sampled_from(("gentle", "strong")),
    cues=st.lists(st.sampled_from(RISK_CUES), unique=True, max_size=5).map(tuple),
    discreet=st.booleans(),
)
profiles = st.builds(
    Profile,
    band=st.sampled_from(AGE_BANDS),
    region=st.sampled_from((*KNOWN_REGIONS, "FR", "gb", "ZZ")),
    locale=st.sampled_from(("en", "en-GB", "en_US", "EN", "xx", "")),
)
contacts = st.none() | st.builds(
    Contact, id=st.text(), relationship=st.none() | st.sampled_from(RELATIONSHIPS)
)


@given(decisions, profiles, contacts, st.none() | st.text())
def test_every_decision_that_nudges_renders_to_the_schema(
    decision: Decision, profile: Profile, contact: Contact | None, message_id: str | None
) -> None:
    nudge = nudges.render(decision, profile, contact, message_id)
    plain = json.loads(json.dumps(nudges.to_dict(nudge)))
    jsonschema.validate(plain, schema())
    assert "{" not in nudge.title + nudge.body + nudge.accessibility_label
    assert len(nudge.reasons) == len(decision.cues)
    assert nudge.message_id == message_id


@given(decisions, profiles, contacts)
def test_the_same_inputs_give_the_same_nudge(
    decision: Decision, profile: Profile, contact: Contact | None
) -> None:
    first = nudges.render(decision, profile, contact, "m")
    assert nudges.render(decision, profile, contact, "m") == first


def test_a_decision_that_does_not_nudge_is_refused() -> None:
    quiet = Decision(reason="cooldown", risk="grooming", confidence=0.9)
    with pytest.raises(UsageError, match="decision"):
        nudges.render(quiet, Profile(), None, None)


@pytest.mark.parametrize("band", AGE_BANDS)
def test_reading_level_goes_by_the_age_band(band: AgeBand) -> None:
    audience = "under13" if band in ("under_10", "10_12") else "13to17"
    assert shown(band=band).copy_id == f"grooming.gentle.{audience}"


@pytest.mark.parametrize("relationship", RELATIONSHIPS)
def test_who_the_contact_is_picks_the_wording(relationship: Relationship) -> None:
    close = relationship in ("family", "school_or_club")
    assert (".close." in shown(relationship=relationship).copy_id) is close


def test_reasons_come_in_the_order_of_the_decision() -> None:
    assert shown().reasons == (
        "They asked you to keep it secret",
        "They asked for a picture or video",
    )


def test_the_suggested_reply_answers_the_most_telling_cue() -> None:
    assert action_text(shown(), "what_to_say") == "I don't want to keep secrets."
    bare = shown(decided(cues=("threat",)))
    assert action_text(bare, "what_to_say") == "No thanks, I'd rather not."


def test_help_goes_by_country_and_falls_back_to_the_directory() -> None:
    coercion = decided(risk="coercion", cues=("threat",))
    assert "0800 1111" in shown(coercion).body
    assert "0800 1111" in (action_text(shown(coercion), "get_help") or "")
    assert "741741" in shown(coercion, region="us").body
    assert "116 111" in shown(coercion, region="DE").body
    for region in ("FR", "ZZ", None):
        assert "findahelpline.com" in shown(coercion, region=region).body


def test_a_discreet_nudge_is_announced_without_its_title() -> None:
    discreet, open_one = shown(decided(discreet=True)), shown(decided(discreet=False))
    assert discreet.title not in discreet.accessibility_label
    assert open_one.title in open_one.accessibility_label
    assert discreet.neutral_title == open_one.neutral_title == "A tip for you"
    assert nudges.neutral_title() == nudges.neutral_title("xx") == "A tip for you"


def test_a_nudge_says_in_which_language_and_direction_it_is_written() -> None:
    found = [
        nudges.render(decided(), profile, Contact(id="c"), "m1")
        for profile in (
            Profile(band="13_15", locale="ur-PK", allow_unreviewed=True),
            Profile(band="13_15", locale="ur-PK"),
        )
    ]
    assert [(nudge.locale, nudge.direction) for nudge in found] == [("ur", "rtl"), ("en", "ltr")]


def test_about_has_the_same_three_texts_at_both_levels() -> None:
    keys = {"what_this_does", "why_am_i_seeing_this", "what_is_kept"}
    assert set(nudges.about("under13")) == set(nudges.about("13to17")) == keys


def test_repr_of_a_nudge_does_not_name_the_message() -> None:
    assert "m1" not in repr(shown())
