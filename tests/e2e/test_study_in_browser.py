"""A study's page in a real Chromium, from disk and without a network: the frontier tells its story
by itself, on a phone, in light and dark, to a keyboard and to axe-core's accessibility rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from nudge_harness.cli import main
from playwright.sync_api import Browser, Page

from tests.e2e.pages import PATIENCE, broken_rules, opened, plotted

PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
NAMES = ("words and metadata", "words only", "metadata only", "number of messages alone")
SMALLEST = 10.0  # pixels of a letter that can still be read on a phone


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The frontier, whole but small: every device is measured."""
    folder = tmp_path_factory.mktemp("study")
    words = ["study", "frontier", "-n", "200", "--lessons", "200", "--budget", "0.1", "-o", folder]
    assert main([*map(str, words), "--workers", "1"]) == 0
    return folder / "report.html"


def smallest(page: Page, inside: str) -> float:
    """Height in pixels, as shown, of the smallest letters of a drawing."""
    return float(
        page.locator(f"{inside} text").evaluate_all(
            "all => Math.min(...all.filter(e => e.getBoundingClientRect().height > 0).map(e => {"
            "const { c, d } = e.getScreenCTM();"  # both, for an axis may name itself upright
            "return parseFloat(getComputedStyle(e).fontSize) * Math.hypot(c, d); }))"
        )
    )


def test_the_plot_mounts_without_a_network_and_names_its_lines(
    browser: Browser, study: Path
) -> None:
    page = opened(browser, study)
    wrong: list[str] = []
    asked: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    plotted(page)
    for name in NAMES:
        page.locator(".live .annotation-text", has_text=name).first.wait_for()
    assert wrong == [] and page.evaluate("refused") == []
    assert [url for url in asked if url.startswith("http")] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, study: Path, axe: str, scheme: str) -> None:
    page = opened(browser, study, color_scheme=scheme)
    plotted(page)
    page.locator(".numbers summary").first.click()
    assert broken_rules(page, axe) == []


@pytest.mark.parametrize("script", [True, False])
def test_a_phone_reads_it_without_sideways_scrolling(
    browser: Browser, study: Path, *, script: bool
) -> None:
    page = opened(browser, study, java_script_enabled=script, **PHONE)
    if script:
        plotted(page)
        wide, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= room
    drawing = ".canvas .live .main-svg" if script else ".canvas svg.chart"
    assert smallest(page, drawing) >= SMALLEST


def test_names_on_a_phone_cover_neither_each_other_nor_leave_the_page(
    browser: Browser, study: Path
) -> None:
    page = opened(browser, study, **PHONE)
    plotted(page)
    boxes = page.locator(".live .annotation-text").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect())"
        ".map(b => [b.left, b.top, b.right, b.bottom])"
    )
    assert len(boxes) >= len(NAMES)
    assert all(box[0] >= 0 and box[2] <= 360 for box in boxes)
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            across = min(one[2], other[2]) - max(one[0], other[0])
            along = min(one[3], other[3]) - max(one[1], other[1])
            assert across <= 2 or along <= 4  # a letter's own margin may touch


def test_arrow_keys_read_devices_one_by_one(browser: Browser, study: Path) -> None:
    page = opened(browser, study)
    plotted(page)
    page.locator(".canvas").first.focus()
    tip = page.locator(".plot .tip").first
    page.keyboard.press("ArrowRight")
    first = tip.inner_text()
    page.keyboard.press("ArrowRight")
    assert "warned, leak" in first and tip.inner_text() not in ("", first)


def test_every_cell_sorts_by_what_it_leaks(browser: Browser, study: Path) -> None:
    page = opened(browser, study)
    page.locator("#cells th button", has_text="Leak").first.click()
    column = page.locator("#cells th").evaluate_all(
        "all => all.findIndex(e => e.innerText.trim() === 'Leak')"
    )
    keys = page.locator(f"#cells tbody tr > :nth-child({column + 1})").evaluate_all(
        "all => all.map(e => Number(e.dataset.key))"
    )
    assert len(keys) == 128 and keys == sorted(keys, reverse=True)


def test_the_picture_alone_is_light_or_dark_as_its_reader_has_it(
    browser: Browser, study: Path
) -> None:
    grounds = set()
    for scheme in ("light", "dark"):
        page = browser.new_context(color_scheme=scheme).new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(study.with_name("picture.svg").as_uri())
        grounds.add(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
        assert page.locator("text", has_text="words and metadata").count() == 1
    assert len(grounds) == 2
