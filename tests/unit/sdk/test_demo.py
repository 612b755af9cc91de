"""The demo, on every kind of output it may meet."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nudge_sdk import _phone, _terminal, demo
from nudge_sdk._stage import PhoneStage, PlainStage
from nudge_sdk._terminal import Screen, painted, row_width, screen_of, width, wrapped

ESCAPES = r"\x1b\[[\d;?]*[A-Za-z]"


class Terminal(io.StringIO):
    """An output that says it is a terminal."""

    encoding = "utf-8"

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__()
        self.encoding = encoding

    def isatty(self) -> bool:
        return True


class Pipe(Terminal):
    """An output that is none."""

    def isatty(self) -> bool:
        return False


def played(*arguments: str, out: io.StringIO | None = None) -> str:
    out = Pipe() if out is None else out
    assert demo.main(["--fast", *arguments], out) == 0
    return out.getvalue()


def test_without_a_terminal_it_is_plain_text_without_a_pause() -> None:
    text = played()
    assert "\x1b" not in text and "▄" not in text
    assert "Nothing left this device" in text


def test_one_chat_stays_quiet_and_two_nudge() -> None:
    first, second, third = (played("--chat", number) for number in "123")
    assert "a nudge" not in first and "0 nudges" in first
    assert "a nudge, for your eyes only" in second
    assert "not your fault" in third.lower() and "0800 1111" in third


def test_the_closing_lines_tell_what_is_kept() -> None:
    kept = re.search(r"Kept: (\d+) bytes", played())
    assert kept is not None
    assert 212 <= int(kept.group(1)) <= 512 - 28


def test_a_terminal_with_colour_shows_the_phone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"TERM": "xterm-256color", "COLORTERM": "truecolor"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLUMNS", "90")
    text = played(out=Terminal())
    assert "\x1b[38;2;" in text and "╭" in text
    assert text.startswith("\x1b[?25l") and text.endswith("\x1b[?25h")


def test_plain_wins_over_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b" not in played("--plain", out=Terminal())


def test_an_output_that_knows_no_emoji_gets_a_question_mark() -> None:
    assert "?" in played("--chat", "1", out=Pipe("ascii"))


def test_wrong_arguments_end_with_usage() -> None:
    with pytest.raises(SystemExit) as ended:
        demo.main(["--chat", "9"], Pipe())
    assert ended.value.code == 2


def test_an_interrupt_gives_the_cursor_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLUMNS", "90")
    monkeypatch.setattr(demo, "perform", interrupted)
    out = Terminal()
    assert demo.main(["--fast"], out) == 130
    assert out.getvalue().endswith("\x1b[?25h")


@pytest.mark.parametrize("columns", [60, 72, 100])
def test_no_line_is_wider_than_the_terminal(columns: int) -> None:
    for stage_class in (PhoneStage, PlainStage):
        out = Pipe()
        screen = Screen(columns=columns, depth="true", live=False)
        demo.perform(stage_class(out, screen, lambda _seconds: None), demo.load_chats())
        for line in out.getvalue().splitlines():
            assert width(re.sub(ESCAPES, "", line)) <= columns


def test_the_phone_is_closed_on_both_sides() -> None:
    out = Pipe()
    screen = Screen(columns=60, depth="true", live=False)
    demo.perform(PhoneStage(out, screen, lambda _seconds: None), demo.load_chats())
    lines = [re.sub(ESCAPES, "", line) for line in out.getvalue().splitlines()]
    inside = [line for line in lines if line.startswith("│")]
    assert inside
    assert all(line.endswith("│") and width(line) == _phone.FRAME for line in inside)


def test_pauses_are_asked_for_only_where_somebody_watches() -> None:
    for live in (True, False):
        pauses: list[float] = []
        stage = PhoneStage(Pipe(), Screen(columns=80, depth="256", live=live), pauses.append)
        demo.perform(stage, demo.load_chats()[:1], fast=False)
        assert bool(pauses) is live
        assert all(0 < pause < 5 for pause in pauses)


@pytest.mark.parametrize(
    ("environ", "columns", "depth"),
    [
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, 80, "true"),
        ({"TERM": "xterm", "COLORTERM": "24bit"}, 80, "true"),
        ({"TERM": "xterm-256color"}, 80, "256"),
        ({"TERM": "xterm", "NO_COLOR": "1"}, 80, "none"),
        ({"TERM": "xterm", "NO_COLOR": ""}, 80, "256"),
        ({"TERM": "dumb"}, 80, "none"),
        ({}, 80, "none"),
        ({"TERM": "xterm"}, 59, "none"),
    ],
)
def test_what_a_terminal_can_show(environ: Mapping[str, str], columns: int, depth: str) -> None:
    assert screen_of(Terminal(), environ, columns).depth == depth


def test_a_terminal_without_box_characters_gets_plain_text() -> None:
    assert screen_of(Terminal("cp1252"), {"TERM": "xterm"}, 80).depth == "none"
    assert screen_of(Terminal("no-such-encoding"), {"TERM": "xterm"}, 80).depth == "none"


@pytest.mark.parametrize(
    ("text", "columns"),
    [("abc", 3), ("🔥", 2), ("e\u0301", 1), ("日本", 4), ("a\u200db", 2), ("", 0)],
)
def test_width_counts_columns(text: str, columns: int) -> None:
    assert width(text) == columns


@given(st.text(max_size=200), st.integers(min_value=2, max_value=40))
def test_wrapped_lines_fit_and_lose_no_word(text: str, columns: int) -> None:
    lines = wrapped(text, columns)
    assert lines and all(width(line) <= columns for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(
    st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=120), st.booleans()
)
def test_every_bubble_fits_the_phone(text: str, mine: bool) -> None:
    for row in _phone.bubble(_phone.Bubble(text=text, mine=mine, clock="10:00")):
        assert row_width(row) <= _phone.INNER


def test_colours_of_a_smaller_terminal_are_near() -> None:
    grey = painted((_terminal.Span("x", _terminal.Style(ink=(128, 128, 128))),), "256")
    red = painted((_terminal.Span("x", _terminal.Style(ink=(255, 0, 0), bold=True)),), "256")
    assert grey == "\x1b[38;5;244mx\x1b[0m" and red == "\x1b[1;38;5;196mx\x1b[0m"
    assert painted((_terminal.Span("x"),), "true") == "x"
