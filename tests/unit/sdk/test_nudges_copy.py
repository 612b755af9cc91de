"""What the copy must say, must not say, and how hard it may be to read."""

from __future__ import annotations

import json
import re
from importlib import resources
from typing import Any

import jsonschema
import pytest
import textstat

from nudge_sdk._copy import FRAMINGS
from nudge_sdk.catalogue import catalogue
from nudge_sdk.values import RISK_CUES, RISKS

MOST_CHARACTERS = 280  # title and body together
HARDEST = {"under13": 5.5, "13to17": 7.5}  # Flesch-Kincaid grade
COUNTRIES = (None, "GB", "US", "DE")
FORBIDDEN = {
    "the word safe": r"\b(un)?safe(r|st|ly|ty)?\b",
    "a label on the other person": r"predator|groom|paedo|pedo|abuser|creep|stranger|criminal"
    r"|scammer|blackmailer|liar|bad (person|man|guy)|dangerous",
    "blame": r"you should(n't| not)? have|your own fault|why did you|you let|careless|stupid"
    r"|silly|naughty",
    "fear": r"\bdanger|warning|alert|terrible|horr|before it'?s too late|you could be hurt"
    r"|\bpolice\b|urgent|!",
    "a promise": r"\bguarantee|\balways works|nobody will ever|will never",
    "an order from above": r"\bmust\b|forbidden|not allowed",
}
SPOKEN_ANYWHERE = ("title", "body")


def read(name: str) -> dict[str, Any]:
    text = resources.files("nudge_sdk").joinpath(name).read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(text)
    return table


def english(country: str | None = None) -> list[dict[str, Any]]:
    """Every English nudge, in both framings."""
    found = catalogue(locale="en", region=country)
    return [row for row in found if row["kind"] == "nudge"]


def rows() -> list[dict[str, Any]]:
    return [row for country in COUNTRIES for row in english(country)]


def grade(text: str) -> float:
    return float(textstat.flesch_kincaid_grade(text))


def sentences(row: dict[str, Any]) -> str:
    title = row["title"] if row["title"][-1] in ".?!" else row["title"] + "."
    return f"{title} {row['body']}"


def all_strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in all_strings(item)]
    return []


def test_every_kind_level_reader_and_contact_has_its_text() -> None:
    expected = {
        ".".join((risk, level, *close, audience))
        for risk in RISKS
        for level in ("gentle", "strong")
        for close in ((), ("close",))
        for audience in HARDEST
    }
    for framing in FRAMINGS:
        assert {row["id"] for row in english() if row["framing"] == framing} == expected


def test_the_two_framings_of_a_nudge_are_two_texts() -> None:
    bodies = [
        {row["id"]: row["body"] for row in english() if row["framing"] == f} for f in FRAMINGS
    ]
    assert all(bodies[0][key] != bodies[1][key] for key in bodies[0])


def test_title_and_body_are_short() -> None:
    for row in rows():
        assert len(row["title"]) + len(row["body"]) <= MOST_CHARACTERS, row["id"]


def test_title_and_body_read_easily() -> None:
    for row in rows():
        assert grade(sentences(row)) <= HARDEST[row["audience"]], row["id"]


def test_longer_texts_read_easily_too() -> None:
    texts = read("nudge_copy/en.json")
    sections = [texts["learn_more"], *(texts["about"][framing] for framing in FRAMINGS)]
    for audience, hardest in HARDEST.items():
        for section in sections:
            for key, text in section[audience].items():
                assert grade(text) <= hardest, f"{audience}.{key}"


def test_the_measure_of_reading_is_not_asleep() -> None:
    hard = (
        "Notwithstanding contextual considerations, individuals demonstrating manipulative "
        "communication characteristics necessitate immediate consideration."
    )
    assert grade(hard) > 15


@pytest.mark.parametrize("tone", FORBIDDEN)
def test_no_text_has_a_forbidden_tone(tone: str) -> None:
    texts = read("nudge_copy/en.json")
    for head in ("plural", "help"):  # no text, and the names of those who help
        del texts[head]
    for text in all_strings(texts):
        assert not re.search(FORBIDDEN[tone], text, re.IGNORECASE), text


@pytest.mark.parametrize("tone", FORBIDDEN)
def test_each_forbidden_tone_is_recognised(tone: str) -> None:
    caught = {
        "the word safe": "You are safe now",
        "a label on the other person": "This may be a predator",
        "blame": "You should not have sent it",
        "fear": "Warning, act now",
        "a promise": "This will never happen again",
        "an order from above": "You must stop",
    }
    assert re.search(FORBIDDEN[tone], caught[tone], re.IGNORECASE)


def test_coercion_always_says_the_same_five_things() -> None:
    for row in rows():
        if row["risk"] != "coercion":
            continue
        said = sentences(row).lower()
        assert "not your fault" in said, row["id"]
        assert "don't pay" in said, row["id"]
        assert "stop replying" in said, row["id"]
        assert 0 <= said.find("keep the messages") < said.find("block"), row["id"]
        assert re.search(r"0800 1111|741741|116 111|findahelpline", said), row["id"]
        assert "what_to_say" not in {action["id"] for action in row["actions"]}, row["id"]


def test_close_contacts_get_a_helpline_first_and_no_adult_is_named() -> None:
    for row in rows():
        if row["who"] != "close":
            continue
        first = (
            row["body"].split(". ")[0] + row["body"].split(". ")[min(1, row["body"].count(". "))]
        )
        assert re.search(r"0800 1111|741741|116 111|findahelpline", first), row["id"]
        assert row["actions"][0]["id"] == "get_help", row["id"]
        adults = r"\b(parent|mum|mom|dad|teacher|coach|carer|family|grown-up)s?\b"
        words = " ".join([row["title"], row["body"], *(a["label"] for a in row["actions"])])
        assert not re.search(adults, words, re.IGNORECASE), row["id"]
        share = next(a["text"] for a in row["actions"] if a["id"] == "tell_someone")
        assert not re.search(r"chat|message|phone|tip|online", share), row["id"]


def test_dismissing_is_always_offered_once_and_last() -> None:
    for row in english():
        ids = [action["id"] for action in row["actions"]]
        assert ids.count("dismiss") == 1 and ids[-1] == "dismiss" and len(set(ids)) == len(ids)
        assert {"get_help", "tell_someone", "learn_more", "mute"} <= set(ids)


def test_actions_that_carry_a_text_have_one() -> None:
    for row in english():
        with_text = {action["id"] for action in row["actions"] if action["text"]}
        offered = {action["id"] for action in row["actions"]}
        carrying = {"tell_someone", "get_help", "learn_more", "what_to_say"}
        assert with_text == offered & carrying, row["id"]


def test_every_cue_has_a_reason_in_few_words() -> None:
    reasons = read("nudge_copy/en.json")["reasons"]
    assert set(reasons) == set(RISK_CUES)
    assert all(len(text) <= 60 and not text.endswith(".") for text in reasons.values())


def test_the_only_placeholders_are_help_and_title() -> None:
    found = {
        name
        for text in all_strings(read("nudge_copy/en.json"))
        for name in re.findall(r"\{(\w*)\}", text)
    }
    assert found == {"help", "title", "count", "name", "number", "site", "word"}


def test_catalogue_rows_have_what_reviewers_need() -> None:
    needed = {"id", "locale", "audience", "framing", "title", "body", "actions", "reviewed"}
    assert all(needed <= row.keys() for row in catalogue())


def test_the_shipped_policy_fits_its_schema() -> None:
    schema = read("policy.schema.json")
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(read("policy.json"), schema)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("timing", "week_s"), 0),
        (("bands", "13_15", "per_week"), 33),
        (("risks", "grooming", "evidence"), ["safety_advice"]),
        (("strong", "distinct_cues"), 0),
        (("unknown",), 1),
    ],
)
def test_a_broken_policy_does_not_fit(path: tuple[str, ...], value: object) -> None:
    table = read("policy.json")
    inner = table
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(table, read("policy.schema.json"))
