"""The page: self-contained, escaped, honest about what is missing, and text only where allowed."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nudge_harness.errors import FormatError
from nudge_harness.evaluate import Evaluated, evaluate_files
from nudge_harness.formats import Conversation, conversation_from, trace_from
from nudge_harness.gates import Row
from nudge_harness.metrics import Figure, Given, Outcome
from nudge_harness.metrics.catalogue import Unit
from nudge_harness.metrics.curve import Curve
from nudge_harness.metrics.evaluation import evaluate
from nudge_harness.report import words
from nudge_harness.report.case_chart import story
from nudge_harness.report.explorer import Case, explore, worst
from nudge_harness.report.files import report_of, write_report
from nudge_harness.report.glyphs import dots
from nudge_harness.report.page import Report, render
from nudge_harness.results import Provenance
from plotly import graph_objects

GOLDEN = Path(__file__).parents[2] / "golden" / "metrics"
TRUTH, SCORES, TRACE = (GOLDEN / f"{name}.jsonl" for name in ("truth", "scores", "trace"))
SCRIPT = '<script>alert("x")</script>'


class Page(HTMLParser):
    """Checks that tags are closed in order, and gathers ids, links and outside references."""

    VOID = frozenset(("meta", "link", "img", "br", "input", "hr"))

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.anchors: list[str] = []
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag not in self.VOID:
            self.open.append(tag)
        if "id" in found:
            self.ids.append(found["id"])
        if found.get("href", "").startswith("#"):
            self.anchors.append(found["href"][1:])
        for name in ("src", "href", "srcset", "action", "xlink:href"):
            if found.get(name, "#")[:1] != "#":
                self.outside.append(found[name])

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(page: str) -> Page:
    parser = Page()
    parser.feed(page)
    assert parser.open == []
    return parser


@pytest.fixture(scope="module")
def measured() -> Evaluated:
    return evaluate_files(TRUTH, SCORES, trace=TRACE, against=GOLDEN / "other.jsonl", resamples=50)


def page_of(measured: Evaluated, *, generated: bool, title: str = "Test run") -> str:
    report = report_of(
        measured,
        title=title,
        provenance=Provenance(commit="c0ffee", seeds={"intervals": 0}, command=SCRIPT),
        truth=TRUTH,
        trace=TRACE,
        generated=generated,
        beside={"Text only": measured.evaluation},
        gates=[Row(name="recall", limit="at least 1", found="0.8", passed=False)],
    )
    return render(report, np.random.default_rng(0))


@pytest.fixture(scope="module")
def page(measured: Evaluated) -> str:
    return page_of(measured, generated=True)


def without_library(page: str) -> str:
    """The page without plotly.js, which is packed text of its own."""
    before, mark, rest = page.partition('<script type="text/plain" id="plotly">')
    assert mark
    return before + rest.partition("</script>")[2]


def test_plotly_stands_in_the_page_once_and_its_hash_in_the_policy(page: str) -> None:
    packed = page.partition('id="plotly">')[2].partition("</script>")[0]
    script = gzip.decompress(base64.b64decode(packed))
    digest = base64.b64encode(hashlib.sha256(script).digest()).decode()
    assert f"'sha256-{digest}'; img-src" in page
    assert b"plotly.js" in script[:200] and len(packed) < 2_500_000
    assert page.count(packed[:200]) == 1


def test_every_plot_has_a_drawing_words_and_a_figure(page: str) -> None:
    figures = re.findall(r'data-points="([^"]*)" data-figure="([^"]*)"', page)
    assert len(figures) > 5
    for points, figure in figures:
        said, drawn = json.loads(html.unescape(points)), json.loads(html.unescape(figure))
        assert len(said) == len(drawn["data"][0]["x"]) == len(drawn["data"][0]["y"])
        assert drawn["data"][0]["text"] == said
        graph_objects.Figure(inked(drawn))  # plotly refuses what it does not know


def inked(figure: Any) -> Any:
    """The figure with real colours in place of the page's names."""
    if isinstance(figure, dict):
        return {name: inked(value) for name, value in figure.items()}
    if isinstance(figure, list):
        return [inked(value) for value in figure]
    return "#123456" if isinstance(figure, str) and figure.startswith("--") else figure


def test_the_page_is_well_formed_and_takes_nothing_from_outside(page: str) -> None:
    page = without_library(page)
    parser = parsed(page)
    assert parser.outside == []
    assert len(parser.ids) == len(set(parser.ids))
    assert set(parser.anchors) <= set(parser.ids)
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|localStorage", page)


def test_the_policy_allows_this_script_and_no_other(page: str) -> None:
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}' 'sha256-" in page
    assert "default-src 'none'" in page


def test_the_three_numbers_come_first(page: str) -> None:
    places = [
        page.index(f"<h2>{title}</h2>")
        for title in ("Recall before harm", "Look-alikes nudged", "Ordinary chats nudged")
    ]
    assert places == sorted(places)
    assert places[-1] < page.index("<h2>In time?</h2>")
    assert "Not a headline result" in page


def test_what_a_user_typed_is_escaped(measured: Evaluated) -> None:
    page = page_of(measured, generated=True, title=SCRIPT)
    assert SCRIPT not in page
    assert page.count("&lt;script&gt;alert") == 3  # title, heading, command


def test_text_of_real_chats_is_not_shown(measured: Evaluated, page: str) -> None:
    assert "see you at practice" in page
    hidden = page_of(measured, generated=False)
    for text in ("see you at practice", "which game", "my dog is asleep", "bring the ball"):
        assert text not in hidden
    assert "text not shown" in hidden


def test_the_same_run_gives_the_same_bytes(measured: Evaluated, page: str) -> None:
    assert page_of(measured, generated=True) == page


def test_every_section_is_there_with_everything_given(page: str) -> None:
    for anchor in ("time", "burden", "kinds", "groups", "errors", "calibration", "gates", "method"):
        assert f'<section id="{anchor}">' in page
    assert "Text only" in page
    assert "c0ffee" in page


def test_tables_sort_and_pictures_have_words(page: str) -> None:
    assert page.count("data-sort=") > 20
    for picture in re.findall(r"<svg[^>]*>", page):
        assert 'role="img" aria-label="' in picture or 'aria-hidden="true"' in picture
    assert 'aria-label=""' not in page


def bare(outcomes: list[Outcome]) -> str:
    evaluation = evaluate(outcomes, rng=np.random.default_rng(0), resamples=20)
    report = Report(title="Bare", evaluation=evaluation, outcomes=outcomes, provenance=Provenance())
    page = render(report, np.random.default_rng(0))
    parsed(page)
    return page


def test_an_empty_file_shows_dashes_and_no_zero() -> None:
    page = bare([])
    assert page.count('<p class="big none">–</p>') == 3
    assert '<section id="time">' not in page
    assert "not recorded" in page


def test_a_benign_file_says_what_it_lacks() -> None:
    page = bare([Outcome(id=str(i), label="benign", messages=3) for i in range(9)])
    assert "This file states no risky chat and its harm." in page
    assert "This file has no look-alikes." in page
    assert '<p class="big">0<span>in 1,000</span></p>' in page


def risky(name: str, family: str | None, *, messages: int = 4) -> Outcome:
    return Outcome(id=name, label="grooming", family=family, onset=1, harm=2, messages=messages)


def flat(name: str, level: float, count: int = 4) -> Curve:
    return Curve(id=name, risk=np.full((count, 4), level, dtype=np.float32))


def test_the_most_certain_misses_come_first_and_at_most_two_of_a_family() -> None:
    outcomes = [risky(str(i), "same") for i in range(4)] + [risky("other", None)]
    curves = {own.id: flat(own.id, 0.4 - 0.1 * i) for i, own in enumerate(outcomes)}
    missed, false = worst(outcomes, curves)
    assert [own.id for own in missed] == ["other", "3", "2"]
    assert false == []


def test_risk_after_the_harm_does_not_excuse_a_miss() -> None:
    late = np.array([[0.1] * 4, [0.1] * 4, [0.1] * 4, [0.9] * 4], dtype=np.float32)
    outcomes = [risky("mild", None), risky("late", None)]
    missed, _ = worst(outcomes, {"mild": flat("mild", 0.2), "late": Curve(id="late", risk=late)})
    assert [own.id for own in missed] == ["late", "mild"]


def test_the_most_confident_false_nudges_come_first() -> None:
    nudge = (Given(message=0, risk="coercion"),)
    outcomes = [Outcome(id=c, label="benign", messages=4, nudges=nudge) for c in "abc"]
    curves = {"a": flat("a", 0.6), "b": flat("b", 0.9), "c": flat("c", 0.7)}
    assert [own.id for own in worst(outcomes, curves, shown=2)[1]] == ["b", "c"]
    assert [own.id for own in worst(outcomes, {})[1]] == ["a", "b", "c"]


def conversation(name: str) -> Conversation:
    turns = [{"from": "contact", "text": f"line {i}"} for i in range(4)]
    return conversation_from({"id": name, "messages": turns})


def test_a_case_gathers_text_risk_cues_and_nudges() -> None:
    outcome = replace(risky("a", "f"), nudges=(Given(message=3, risk="coercion"),))
    trace = trace_from(
        {
            "id": "a",
            "messages": [
                {
                    "message": i,
                    "from": "contact",
                    "cues": {"secrecy": 0.3 * i, "threat": 0.1},
                    "risk": {"grooming": 0.2 * i, "coercion": 0.0},
                    "decision": "below",
                }
                for i in range(4)
            ],
        }
    )
    cases = explore(
        [outcome], {}, conversations=[conversation("a")], traces=[trace], generated=True
    )
    (case,) = cases.missed
    assert [line.text for line in case.lines] == ["line 0", "line 1", "line 2", "line 3"]
    assert case.lines[3].nudge == "coercion"
    assert case.lines[2].cues == ("secrecy",)
    assert case.peak is not None
    assert case.peak[0] == 3
    assert case.peak[1] == pytest.approx(0.6)
    assert story(case) == "Nudged on message 4, too late; the harm is message 3."


def test_a_case_without_files_still_tells_its_story() -> None:
    (case,) = explore([risky("a", None)], {}).missed
    assert case.peak is None
    assert all(line.text is None and line.sender is None for line in case.lines)
    assert story(case) == "Never nudged; the harm is message 3."
    false = Outcome(
        id="b", label="benign", messages=2, nudges=(Given(message=1, risk="scam_lure"),)
    )
    assert (
        story(Case(outcome=false, curve=None, lines=())) == "Nudged about scam lure on message 2."
    )


def test_a_rare_event_is_still_drawn() -> None:
    drawn = str(dots(0.2, 1000, 50, "label", "bad"))
    assert drawn.count('class="dot bad"') == 1
    assert 'class="dot bad"' not in str(dots(0.0, 1000, 50, "label", "bad"))
    assert "&lt;" in str(dots(1, 10, 5, "<", "bad"))


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (0.12345, "share", "12.3"),
        (-0.064, "share", "−6.4"),
        (0.0, "per 1,000", "0"),
        (3.14159, "per 1,000", "3.14"),
        (31.4159, "per 1,000", "31.4"),
        (7.0, "messages", "7"),
        (7.5, "messages", "7.5"),
        (0.84211, "score", "0.842"),
    ],
)
def test_numbers_read_well(value: float, unit: Unit, expected: str) -> None:
    assert words.number(value, unit) == expected


def test_words() -> None:
    assert words.plain("13_15") == "13 to 15"
    assert words.plain("school_or_club") == "School or club"
    assert words.one_in(0.001) == "1 in 1,000"
    assert words.shown(Figure(value=None, low=None, high=None, n=0), "share") == "–"
    assert words.change(Figure(value=0.1, low=None, high=None, n=9), "share") == "+10.0 points"


def test_a_page_that_cannot_be_written_is_a_named_error(
    measured: Evaluated, tmp_path: Path
) -> None:
    report = report_of(measured, title="x", provenance=Provenance(), truth=TRUTH)
    write_report(tmp_path / "report.html", report, np.random.default_rng(0))
    assert (tmp_path / "report.html").stat().st_size > 20_000
    with pytest.raises(FormatError, match=r"report\.html"):
        write_report(tmp_path / "no" / "report.html", report, np.random.default_rng(0))
