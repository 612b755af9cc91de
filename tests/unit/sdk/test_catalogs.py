"""Catalogs in every language: nothing missing, unfilled or too long, and the same tone."""

from __future__ import annotations

import json
import re
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nudge_sdk import nudges
from nudge_sdk._copy import FRAMINGS, counted, filled, languages, texts_of
from nudge_sdk.catalogue import catalogue
from nudge_sdk.errors import UsageError
from nudge_sdk.policy import Decision
from nudge_sdk.values import RISKS, Contact, Nudge, Profile

MOST_CHARACTERS = 280  # title and body together
TRANSLATED = ("cy", "es", "pl", "ur")
COUNTRIES = (None, "GB", "US", "IE", "PL")
HEAD = {"schema", "locale", "direction", "reviewed", "drafted_by", "plural"}
CATEGORIES = {"zero", "one", "two", "few", "many", "other"}
HELP = r"0800 1111|741741|116 111|findahelpline"
SAFE = {
    "cy": r"\b(diogel|ddiogel|saff)",
    "es": r"\b(in)?segur[oa]s?\b|a salvo|seguridad",
    "pl": r"bezpieczn",
    "ur": r"محفوظ|خطر",
}
LABELS = {
    "cy": r"ysglyfaethwr|troseddwr|dieithryn|peryglus|camdriniwr|sgamiwr",
    "es": r"depredador|acosador|delincuente|estafador|desconocid|peligros|pederasta",
    "pl": r"drapieżni|przestępc|pedofil|oszustem|oszustk|\boszust\b|nieznajom|niebezpieczn|zboczon",
    "ur": r"شکاری|مجرم|اجنبی|دھوکے باز|خطرناک",
}
BLAME = {
    "cy": r"dylet ti (fod|beidio)|pam wnest ti|dy fai di dy hun|twp\b",
    "es": r"deberías haber|por qué (lo )?hiciste|culpa tuya|tont[oa]|descuid",
    "pl": r"trzeba było|dlaczego to zrobi|głupi|sama? sobie",
    "ur": r"آپ کو چاہیے تھا|بے وقوف|لاپرواہ",
}
FEAR = {
    "cy": r"perygl|rhybudd|ofnadwy|ar frys|!",
    "es": r"peligro|advertencia|alerta|horrible|urgente|!",
    "pl": r"zagroż|ostrzeż|strasz|pilne|!",
    "ur": r"خبردار|انتباہ|خوفناک|فوری|!",
}
FIVE = {  # not your fault, don't pay, stop replying, keep the messages before you block
    "cy": (
        r"nid dy fai di",
        r"paid â thalu",
        r"stopia ateb",
        r"cadwa'r negeseuon (yn gyntaf.*(bloci|flocio)|cyn blocio)",
    ),
    "es": (
        r"no es tu culpa",
        r"no pagues",
        r"deja de responder",
        r"guarda los mensajes (primero.*bloque|antes de bloquear)",
    ),
    "pl": (
        r"nie (jest )?(to )?twoja wina",
        r"nie płać",
        r"przestań odpisywać",
        r"najpierw zachowaj wiadomości, potem .*zablok|zachowaj wiadomości, zanim zablok",
    ),
    "ur": (
        r"آپ کا قصور نہیں",
        r"پیسے نہ دیں",
        r"جواب دینا بند کریں",
        r"پہلے پیغامات سنبھال کر رکھیں، پھر .*بلاک|بلاک .*سے پہلے پیغامات سنبھال کر رکھیں",
    ),
}
ADULTS = {
    "cy": r"\b(rhiant|rhieni|mam|dad|athro|athrawes|hyfforddwr|teulu|oedolyn)\b",
    "es": r"\b(padres?|madres?|mamá|papá|profe\w*|entrenador\w*|familia|alguien mayor)\b",
    "pl": r"\b(rodzic\w*|mam\w|tat\w|nauczyciel\w*|trener\w*|rodzin\w*|doros\w+ osob\w+)\b",
    "ur": r"والدین|امی|ابو|استاد|کوچ|خاندان|کسی بڑے|کوئی بڑا",
}


def read(locale: str) -> dict[str, Any]:
    path = resources.files("nudge_sdk").joinpath(f"nudge_copy/{locale}.json")
    table: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return table


def keys(value: Any, path: str) -> dict[str, Any]:
    """Texts by their path; the forms of a plural are one text."""
    if isinstance(value, str) or value.keys() <= CATEGORIES:
        return {path: value}
    return {k: v for name, inner in value.items() for k, v in keys(inner, f"{path}/{name}").items()}


def texts(locale: str) -> dict[str, Any]:
    return {k: v for name, inner in read(locale).items() if name not in HEAD
            for k, v in keys(inner, name).items()}  # fmt: skip


def strings(locale: str) -> list[str]:
    return [s for v in texts(locale).values() for s in (v.values() if isinstance(v, dict) else [v])]


def rows(locale: str) -> list[dict[str, Any]]:
    found = [row for country in COUNTRIES for row in catalogue(locale=locale, region=country)]
    return [row for row in found if row["kind"] == "nudge"]


def test_there_are_five_languages_and_english_comes_first() -> None:
    assert languages() == ("en", *TRANSLATED)


@pytest.mark.parametrize("locale", TRANSLATED)
def test_every_key_is_in_every_language(locale: str) -> None:
    assert texts(locale).keys() == texts("en").keys()
    assert all(text.strip() for text in strings(locale))


@pytest.mark.parametrize("locale", TRANSLATED)
def test_every_text_keeps_its_placeholders(locale: str) -> None:
    english = texts("en")
    for key, text in texts(locale).items():
        for form in text.values() if isinstance(text, dict) else [text]:
            wanted = english[key]["other"] if isinstance(english[key], dict) else english[key]
            found = [sorted(re.findall(r"\{\w*\}", item)) for item in (form, wanted)]
            assert found[0] == found[1], key


@pytest.mark.parametrize("locale", ["en", *TRANSLATED])
def test_what_is_shown_is_filled_and_short(locale: str) -> None:
    for country in COUNTRIES:
        for row in catalogue(locale=locale, region=country):
            shown = [row["title"], row["body"], *(a["text"] or a["label"] for a in row["actions"])]
            assert not any("{" in text or "}" in text for text in shown), row["id"]
            assert len(row["title"]) + len(row["body"]) <= MOST_CHARACTERS, (row["id"], country)


@pytest.mark.parametrize("locale", TRANSLATED)
def test_a_translation_is_no_english(locale: str) -> None:
    english = texts("en")
    same = [key for key, text in texts(locale).items() if text == english[key]]
    assert set(same) <= {"help/line/number_or_site"}, same


@pytest.mark.parametrize("locale", TRANSLATED)
@pytest.mark.parametrize(
    "tone", [SAFE, LABELS, BLAME, FEAR], ids=["safe", "labels", "blame", "fear"]
)
def test_no_translation_has_a_forbidden_tone(tone: dict[str, str], locale: str) -> None:
    for text in strings(locale):
        assert not re.search(tone[locale], text, re.IGNORECASE), text


@pytest.mark.parametrize("locale", TRANSLATED)
def test_coercion_says_the_same_things_in_every_language(locale: str) -> None:
    for row in rows(locale):
        if row["risk"] == "coercion":
            said = f"{row['title']}. {row['body']}".lower()
            for pattern in (*FIVE[locale], HELP):
                assert re.search(pattern, said), (row["id"], row["framing"], pattern)


@pytest.mark.parametrize("locale", TRANSLATED)
def test_close_texts_lead_with_help_and_name_no_adult(locale: str) -> None:
    for row in rows(locale):
        if row["who"] == "close":
            labels = [action["label"] for action in row["actions"]]
            words = " ".join([row["title"], row["body"], *labels])
            assert not re.search(ADULTS[locale], words, re.IGNORECASE), row["id"]
            help_at = re.search(HELP, row["body"])
            assert help_at is not None
            assert help_at.start() < len(row["body"]) // 2, row["id"]


def test_drafts_by_a_machine_are_marked_and_english_does_not_claim_a_review_either() -> None:
    for locale in TRANSLATED:
        assert (read(locale)["drafted_by"], read(locale)["reviewed"]) == ("machine", False)
    assert (read("en")["drafted_by"], read("en")["reviewed"]) == ("project", False)


def shown(**profile: Any) -> Nudge:
    decision = Decision(
        reason="nudge", risk="coercion", level="strong", presentation="card", cues=("threat",)
    )
    return nudges.render(decision, Profile(region="GB", **profile), None, None)


@pytest.mark.parametrize("locale", TRANSLATED)
def test_a_draft_falls_back_to_english_unless_the_host_allows_it(locale: str) -> None:
    assert shown(locale=locale) == shown(locale="en")
    allowed = shown(locale=f"{locale}-XX", allow_unreviewed=True)
    assert allowed.title == read(locale)["nudges"]["support"][allowed.copy_id]["title"]
    assert allowed.title != shown().title
    assert nudges.neutral_title(locale) == "A tip for you"
    assert nudges.neutral_title(locale, allow_unreviewed=True) == read(locale)["neutral_title"]
    english = nudges.about("under13")
    assert nudges.about("under13", locale) == english
    assert nudges.about("under13", locale, allow_unreviewed=True) != english


def test_a_reviewed_catalog_is_shown_without_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    polish = dict(texts_of("pl", allow_unreviewed=True), reviewed=True)
    monkeypatch.setattr(
        "nudge_sdk._copy.packaged", lambda path: polish if "pl" in path else read("en")
    )
    assert texts_of("pl")["locale"] == "pl"


def test_the_framing_picks_the_wording() -> None:
    one, other = (shown(framing=framing) for framing in FRAMINGS)
    assert one.copy_id == other.copy_id
    assert one.body != other.body
    assert [a.id for a in one.actions] == [a.id for a in other.actions]


@pytest.mark.parametrize("wrong", [{"framing": "loud"}, {"allow_unreviewed": 1}])
def test_a_profile_checks_what_it_is_given(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(wrong))):
        Profile(**wrong)


@pytest.mark.parametrize("locale", ["en", *TRANSLATED])
def test_a_country_number_is_never_typed_by_a_translator(locale: str) -> None:
    """Numbers stand in help_contacts.json alone; "under 18" and "under 19" are ages."""
    for text in strings(locale):
        assert not re.search(r"\d{3}|\.(org|com|uk)\b", text), text


def test_numbers_are_isolated_where_the_script_runs_from_right_to_left() -> None:
    urdu = texts_of("ur", allow_unreviewed=True)
    assert urdu["direction"] == "rtl"
    assert filled(urdu, "{number}", {"number": "0800 1111"}) == "\u20660800 1111\u2069"
    assert filled(texts_of("en"), "{number}", {"number": "0800 1111"}) == "0800 1111"
    body = shown(locale="ur", allow_unreviewed=True).body
    assert body.count("\u2066") == body.count("\u2069") == 2


@pytest.mark.parametrize(
    ("locale", "count", "says"),
    [
        ("en", 1, "1 tip for you"),
        ("en", 0, "0 tips for you"),
        ("pl", 2, "2 wskazówki dla ciebie"),
        ("pl", 12, "12 wskazówek dla ciebie"),
        ("cy", 2, "2 awgrym i ti"),
        ("es", 1, "1 consejo para ti"),
        ("ur", 3, "آپ کے لیے 3 مشورے"),
    ],
)
def test_numbers_take_their_plural(locale: str, count: int, says: str) -> None:
    assert nudges.tips(count, locale, allow_unreviewed=True) == says


@given(st.sampled_from(("en", *TRANSLATED)), st.integers(0, 10**9))
def test_every_number_has_a_form(locale: str, count: int) -> None:
    catalog = texts_of(locale, allow_unreviewed=True)
    for name in ("tips", "noticed"):
        assert str(count) in counted(catalog, catalog["interface"][name], count)


@given(
    st.sampled_from(RISKS),
    st.sampled_from(("gentle", "strong")),
    st.lists(st.sampled_from(("secrecy", "threat", "meet_request")), unique=True).map(tuple),
    st.text(max_size=20),
    st.sampled_from((None, "family", "friend", "stranger")),
)
def test_the_text_to_share_has_nothing_of_the_conversation(
    risk: Any, level: Any, cues: tuple[str, ...], name: str, relationship: Any
) -> None:
    decision = Decision(reason="nudge", risk=risk, level=level, presentation="card", cues=cues)
    contact = Contact(id=name, relationship=relationship)
    nudge = nudges.render(decision, Profile(age=14), contact, name)
    text = next(action.text for action in nudge.actions if action.id == "tell_someone")
    known = read("en")
    close = known["close_tell_someone"]["13to17"]["text"]
    usual = known["actions"]["13to17"]["tell_someone"]["text"]
    assert text == (close if relationship == "family" else usual)


@pytest.mark.parametrize("locale", ["en", *TRANSLATED])
def test_a_label_fits_a_button_and_is_shorter_than_what_is_behind_it(locale: str) -> None:
    for row in rows(locale):
        for action in row["actions"]:
            assert len(action["label"]) <= 45, action
            if action["id"] in ("tell_someone", "learn_more", "get_help"):
                assert len(action["text"]) > len(action["label"]), action
            assert (action["text"] is None) == (
                action["id"] in ("dismiss", "block", "mute", "this_is_fine")
            ), action
