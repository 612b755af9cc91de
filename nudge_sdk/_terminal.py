"""Just enough of a terminal for the demo: what the output can show, and painted text.

Standard library only. Colours are 24-bit where ``COLORTERM`` says so, else from the 256-colour
cube; ``NO_COLOR`` (no-color.org), ``TERM=dumb``, a pipe, or an encoding without box-drawing
characters give plain text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TextIO, TypeAlias

Colour: TypeAlias = tuple[int, int, int]
Depth: TypeAlias = Literal["none", "256", "true"]

RESET: Final = "\x1b[0m"
_ZERO_WIDTH: Final = ("Mn", "Me", "Cf")  # general categories that take no column
_NEEDED: Final = "╭╮╰╯│─▄▀…"
_NARROWEST, _WIDEST = 60, 100  # columns


@dataclass(frozen=True, kw_only=True, slots=True)
class Style:
    """How a piece of text looks; ``None`` is the terminal's own colour."""

    ink: Colour | None = None
    paper: Colour | None = None
    bold: bool = False


PLAIN: Final = Style()


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text in one style."""

    text: str
    style: Style = PLAIN


Row: TypeAlias = tuple[Span, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Screen:
    """What an output can show.

    Attributes:
        columns: columns to use, 60 to 100.
        depth: colours.
        live: a person watches: the cursor may move, and delays make sense.
    """

    columns: int
    depth: Depth
    live: bool


def screen_of(
    out: TextIO, environ: Mapping[str, str], columns: int, *, plain: bool = False
) -> Screen:
    """Find out what ``out`` can show; ``columns`` is its width as the system reports it."""
    terminal = out.isatty() and environ.get("TERM", "") not in ("", "dumb")
    colour = terminal and not plain and not environ.get("NO_COLOR") and _encodes(out)
    true = environ.get("COLORTERM", "").lower() in ("truecolor", "24bit")
    return Screen(
        columns=min(max(columns, _NARROWEST), _WIDEST),
        depth=("true" if true else "256") if colour and columns >= _NARROWEST else "none",
        live=terminal,
    )


def _encodes(out: TextIO) -> bool:
    try:
        _NEEDED.encode(out.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def width(text: str) -> int:
    """Columns that a text takes: wide and emoji characters two, combining ones none."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.category(character) in _ZERO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrapped(text: str, columns: int) -> list[str]:
    """Break a text between words into lines of at most ``columns``; longer words are cut."""
    lines, line = [], ""
    for word in text.split():
        for piece in _pieces(word, columns):
            if line and width(line) + 1 + width(piece) > columns:
                lines.append(line)
                line = piece
            else:
                line = f"{line} {piece}" if line else piece
    return [*lines, line] if line or not lines else lines


def _pieces(word: str, columns: int) -> list[str]:
    pieces, piece = [], ""
    for character in word:
        if width(piece) + _columns(character) > columns:
            pieces.append(piece)
            piece = ""
        piece += character
    return [*pieces, piece]


def row_width(row: Row) -> int:
    """Columns that a row takes."""
    return sum(width(span.text) for span in row)


def padded(row: Row, columns: int, style: Style = PLAIN) -> Row:
    """The row, filled up with spaces of a style."""
    return (*row, Span(" " * max(columns - row_width(row), 0), style))


def painted(row: Row, depth: Depth) -> str:
    """A row as a terminal takes it, without the line's end."""
    pairs = ((span.text, _codes(span.style, depth)) for span in row)
    return "".join(f"{codes}{words}{RESET}" if codes else words for words, codes in pairs)


def above(rows: int) -> str:
    """Move up to the first of the last ``rows`` lines and clear from there."""
    return f"\x1b[{rows}A\r\x1b[J" if rows else ""


def _codes(style: Style, depth: Depth) -> str:
    if depth == "none":
        return ""
    codes: list[str] = ["1"] if style.bold else []
    for base, colour in ((38, style.ink), (48, style.paper)):
        if colour is not None:
            shade = (2, *colour) if depth == "true" else (5, _nearest(colour))
            codes.append(_joined((base, *shade)))
    return f"\x1b[{';'.join(codes)}m" if codes else ""


def _joined(numbers: Iterable[int]) -> str:
    return ";".join(str(number) for number in numbers)


def _nearest(colour: Colour) -> int:
    """Index in xterm's 256 colours: the grey ramp for greys, else the 6x6x6 cube."""
    red, green, blue = colour
    if max(colour) - min(colour) < 12:
        return 232 + min(max((sum(colour) // 3 - 8) // 10, 0), 23)
    return 16 + 36 * round(red / 255 * 5) + 6 * round(green / 255 * 5) + round(blue / 255 * 5)
