"""Translators' files: what ships is built from them, and what changes is marked for review."""

from __future__ import annotations

import shutil
import subprocess
from importlib import resources
from pathlib import Path

import pytest
from babel import Locale

from translations.catalogs import (
    HERE,
    LANGUAGES,
    TEMPLATE,
    Language,
    built,
    json_bytes,
    merged,
    po_bytes,
    read,
    source,
    template,
)
from translations.keys import Text, flat, nested

POLISH = next(language for language in LANGUAGES if language.code == "pl")
TEXTS: dict[str, Text] = {
    "a/title": "Hello",
    "a/tips": {"one": "{count} tip", "other": "{count} tips"},
}


def shipped(name: str) -> bytes:
    return resources.files("nudge_sdk").joinpath(f"nudge_copy/{name}").read_bytes()


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.code)
def test_what_ships_is_what_the_translators_file_says(language: Language) -> None:
    catalog = read(language)
    assert catalog is not None
    assert json_bytes(built(catalog, source(), language)) == shipped(f"{language.code}.json")


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.code)
def test_the_translators_file_is_up_to_date(language: Language) -> None:
    catalog = read(language)
    again = merged(source(), catalog, language)
    assert catalog is not None
    assert [(m.context, m.id, m.string, m.flags) for m in catalog if m.id] == [
        (m.context, m.id, m.string, m.flags) for m in again if m.id
    ]


def test_the_template_has_every_english_text(tmp_path: Path) -> None:
    (tmp_path / TEMPLATE).write_bytes(po_bytes(template(source())))
    body = [
        path.read_text("utf-8").split("\n\n", 1)[1]
        for path in (tmp_path / TEMPLATE, HERE / TEMPLATE)
    ]
    assert body[0] == body[1]


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.code)
def test_plural_forms_are_those_of_cldr(language: Language) -> None:
    from gettext import c2py

    rule, cldr = c2py(language.rule), Locale.parse(language.code).plural_form
    for count in (*range(250), 1_000, 10_001, 123_456):
        assert language.categories[rule(count)] == cldr(count), count


def test_flat_and_nested_undo_each_other() -> None:
    assert nested(TEXTS) == {"a": {"title": "Hello", "tips": TEXTS["a/tips"]}}
    assert flat(nested(TEXTS)) == TEXTS


def drafted() -> str:
    """A Polish file with both texts translated, the first one by a machine."""
    catalog = merged(TEXTS, None, POLISH)
    for message in catalog:
        if message.context == "a/title":
            message.string = "Cześć"
            message.flags.add("fuzzy")
        elif message.id:
            message.string = ("{count} rada", "{count} rady", "{count} rad")
    return po_bytes(catalog).decode()


def opened(folder: Path, text: str) -> Path:
    (folder / "pl.po").write_text(text, encoding="utf-8")
    return folder


def test_a_fuzzy_text_makes_the_catalog_unreviewed(tmp_path: Path) -> None:
    catalog = read(POLISH, opened(tmp_path, drafted()))
    assert catalog is not None
    made = built(catalog, TEXTS, POLISH)
    assert made["reviewed"] is False
    assert made["a"]["tips"] == {
        "one": "{count} rada",
        "few": "{count} rady",
        "many": "{count} rad",
    }
    reviewed = read(POLISH, opened(tmp_path, drafted().replace("#, fuzzy\n", "")))
    assert reviewed is not None
    assert built(reviewed, TEXTS, POLISH)["reviewed"] is True


def test_a_changed_english_text_keeps_its_translation_and_asks_for_a_look(tmp_path: Path) -> None:
    before = read(POLISH, opened(tmp_path, drafted().replace("#, fuzzy\n", "")))
    assert before is not None
    changed = {**TEXTS, "a/title": "Hello there"}
    with pytest.raises(ValueError, match=r"pl.po: a/title: the English has changed"):
        built(before, changed, POLISH)
    after = merged(changed, before, POLISH)
    message = after.get("Hello there", context="a/title")
    assert message is not None
    assert (message.string, message.fuzzy) == ("Cześć", True)
    assert 'msgid "Hello"' in po_bytes(after).decode()  # the English of before, as a comment


def test_a_new_text_has_to_be_translated_and_an_old_one_goes(tmp_path: Path) -> None:
    before = read(POLISH, opened(tmp_path, drafted()))
    assert before is not None
    with pytest.raises(ValueError, match=r"pl.po: b: run"):
        built(before, {**TEXTS, "b": "New"}, POLISH)
    with pytest.raises(ValueError, match=r"pl.po: b: not translated"):
        built(merged({**TEXTS, "b": "New"}, before, POLISH), {**TEXTS, "b": "New"}, POLISH)
    assert "a/tips" not in {m.context for m in merged({"a/title": "Hello"}, before, POLISH)}


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.code)
def test_gettexts_own_tool_reads_the_file(language: Language, tmp_path: Path) -> None:
    if shutil.which("msgfmt") is None:
        subprocess.run(["apt-get", "install", "-y", "-qq", "gettext"], check=True)  # noqa: S607
    command = ["msgfmt", "--check", "--use-fuzzy", "-o", str(tmp_path / "out.mo")]
    done = subprocess.run(  # noqa: S603  our own file
        [*command, str(HERE / f"{language.code}.po")], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
