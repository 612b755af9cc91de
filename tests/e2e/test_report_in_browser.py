"""The report in a real Chromium, from disk and without a network: plots, keyboard, tables, themes,
phone, print, and axe-core's accessibility rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from nudge_harness.cli import main
from playwright.sync_api import Browser

from tests.e2e.pages import broken_rules, opened, plotted
from tests.simulator import PINNED, BundleSimulator


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    bundle = BundleSimulator().write(folder / "bundle")
    words = ["run", "-n", "80", "--workers", "1", "-o", folder / "run"]
    assert main([*map(str, words), "--bundle", str(bundle), "--key", PINNED[0].hex()]) == 0
    return folder / "run" / "report.html"


def test_plots_mount_from_disk_without_network_and_without_a_broken_rule(
    browser: Browser, report: Path
) -> None:
    page = opened(browser, report)
    wrong: list[str] = []
    asked: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    plotted(page)
    assert page.locator(".canvas.mounted > svg.chart").first.is_hidden()
    assert wrong == [] and page.evaluate("refused") == []
    assert [url for url in asked if url.startswith("http")] == []


def test_arrow_keys_read_a_plot_point_by_point(browser: Browser, report: Path) -> None:
    page = opened(browser, report)
    plotted(page)
    page.locator(".canvas").first.focus()
    tip = page.locator(".plot .tip").first
    heard = []
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        heard.append(tip.inner_text())
    assert len(set(heard)) == 3 and all("%" in words for words in heard)
    page.locator(".live .hoverlayer .hovertext").first.wait_for()
    page.keyboard.press("Escape")
    assert tip.inner_text() == ""


def test_a_case_opens_with_its_own_plot_and_lights_the_message(
    browser: Browser, report: Path
) -> None:
    page = opened(browser, report)
    case = page.locator(".case").first
    case.locator("summary").first.focus()
    page.keyboard.press("Enter")
    case.locator(".canvas.mounted .live .main-svg").first.wait_for()
    case.locator(".canvas").focus()
    page.keyboard.press("ArrowRight")
    assert case.locator(".message.lit").count() == 1


def test_tables_sort_both_ways(browser: Browser, report: Path) -> None:
    page = opened(browser, report)
    head = page.locator("#figures th").first
    head.locator("button").click()
    names = page.locator("#figures tbody th").evaluate_all("all => all.map(e => e.innerText)")
    assert head.get_attribute("aria-sort") == "ascending"
    head.locator("button").click()
    turned = page.locator("#figures tbody th").evaluate_all("all => all.map(e => e.innerText)")
    assert head.get_attribute("aria-sort") == "descending" and turned == names[::-1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, report: Path, axe: str, scheme: str) -> None:
    page = opened(browser, report, color_scheme=scheme)
    plotted(page)
    page.locator(".case summary").first.click()
    page.locator(".case .canvas.mounted .live .main-svg").first.wait_for()
    assert broken_rules(page, axe) == []


def test_the_theme_button_repaints_page_and_plots(browser: Browser, report: Path) -> None:
    page = opened(browser, report, color_scheme="light")
    plotted(page)
    line = page.locator(".live .scatterlayer .trace path.js-line").first
    before = line.evaluate("e => getComputedStyle(e).stroke")
    page.locator("#theme").click()
    page.locator("html[data-theme=dark] .live").first.wait_for()
    assert line.evaluate("e => getComputedStyle(e).stroke") != before


def test_a_phone_needs_no_sideways_scrolling(browser: Browser, report: Path) -> None:
    page = opened(
        browser, report, viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True
    )
    plotted(page)
    wide, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= room


def test_print_and_pages_without_script_show_the_drawings(browser: Browser, report: Path) -> None:
    page = opened(browser, report)
    plotted(page)
    page.emulate_media(media="print")
    assert page.locator(".canvas.mounted > svg.chart").first.is_visible()
    assert page.locator(".live").first.is_hidden()
    bare = opened(browser, report, java_script_enabled=False)
    assert bare.locator("svg.chart").first.is_visible()
    assert bare.locator(".hero .big").first.inner_text()
