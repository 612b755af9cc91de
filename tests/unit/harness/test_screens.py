"""Every kind, level and reading level on a screen, in the terminal and on the page."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from nudge_harness.cli import main
from nudge_harness.screens.page import page_of, unbroken
from nudge_harness.screens.shots import wordings
from nudge_harness.screens.terminal import drawn

from nudge_sdk._copy import FRAMINGS, languages
from nudge_sdk._phone import FRAME
from nudge_sdk._terminal import width
from nudge_sdk.values import RISKS


class Reader(HTMLParser):
    """Collects elements, and the text of the page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_every_wording_has_a_screen_for_each_kind_level_and_reader() -> None:
    found = list(wordings())
    assert len(found) == len(languages()) * len(FRAMINGS) * 2
    for wording in found:
        seen = {(s.nudge.risk, s.nudge.level, s.audience) for s in wording.shots}
        assert len(seen) == len(wording.shots) == len(RISKS) * 2 * 2


@pytest.mark.parametrize("locale", languages())
def test_the_page_shows_every_text_and_fetches_nothing(locale: str) -> None:
    page = page_of(list(wordings(locale)))
    read = Reader(page)
    for wording in wordings(locale):
        for shot in wording.shots:
            assert shot.nudge.title in read.text
            assert unbroken(shot.nudge.body) in read.text
            assert all(action.label in read.text for action in shot.nudge.actions)
    links = [a for _, attrs in read.elements for a in attrs if a in ("src", "href", "srcset")]
    assert not links
    assert "url(" not in page and "@import" not in page
    shown = [attrs for _, attrs in read.elements if attrs.get("class") == "wording"]
    assert [attrs["dir"] for attrs in shown] == ["rtl" if locale == "ur" else "ltr"] * len(shown)
    assert ["hidden" in attrs for attrs in shown] == [False] + [True] * (len(shown) - 1)


def test_closing_is_on_every_card_of_the_page() -> None:
    first = next(wordings("en"))
    read = Reader(page_of([first]))
    dismiss = [attrs for _, attrs in read.elements if attrs.get("data-action") == "dismiss"]
    assert len(dismiss) == len(first.shots)
    assert not any("extra" in (attrs.get("class") or "") for attrs in dismiss)


def test_numbers_stay_on_one_line() -> None:
    assert unbroken("call 0800 1111 now") == "call 0800\u00a01111 now"


@pytest.mark.parametrize("locale", languages())
def test_terminal_screens_stay_within_their_frame(locale: str) -> None:
    for wording in wordings(locale):
        lines = list(drawn(wording, "none"))
        framed = [line for line in lines if line.startswith(("│", "╭", "╰"))]
        assert {width(line) for line in framed} == {FRAME}
        text = "\n".join(lines)
        assert all(shot.nudge.actions[-1].label in text for shot in wording.shots)


def test_the_command_writes_the_page_and_draws_here(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["screens", "-o", str(tmp_path / "screens.html")]) == 0
    assert (tmp_path / "screens.html").read_text("utf-8").startswith("<!doctype html>")
    assert main(["screens", "--locale", "es", "--framing", "caution", "--who", "close"]) == 0
    out = capsys.readouterr().out
    assert "Un consejo, solo para ti" in out and "caution, close" in out
    assert main(["screens", "-o", str(tmp_path / "no" / "screens.html")]) == 2
